"""Signing in by a mailed link: once, within minutes, for contacts of outside parties and invited auditors.

People inside have more to lose and sign in with password and second step. Whoever asks learns nothing about who has an
account: the answer is always the same, and what is done about it is done by the worker.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import mail, signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.cache import never_cache
from django_tasks import task

from comity.accounts import audit
from comity.accounts.limits import address_of, within
from comity.accounts.models import Person, SignInLink
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS, Role

LIFE = timedelta(minutes=15)
FROM_ONE_PLACE, TO_ONE_ADDRESS = (30, 600), (5, 3600)  # tries, seconds
_signer = signing.TimestampSigner(salt="comity.sign_in_link")


class AskForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(person: Person) -> str:
    """A new link for the person; the signed secret is returned here and never again."""
    secret = secrets.token_urlsafe(32)
    SignInLink.objects.create(person=person, hash=_hash(secret), expires_at=timezone.now() + LIFE)
    audit.record(person, person, "link_issued", {})
    return _signer.sign(secret)


def by_link(person: Person) -> bool:
    """Does this person sign in by a mailed link: contacts, and auditors who are nothing else?"""
    held = rights_of(person).held
    return bool(held) and held <= CONTACTS | {Role.AUDITOR}


def waiting(token: str) -> SignInLink | None:
    """The link of this token while it can be used: made here, not used, not too old, its person still outside."""
    try:
        secret = _signer.unsign(token, max_age=LIFE)
    except signing.BadSignature:
        return None
    rows = SignInLink.objects.select_related("person").filter(hash=_hash(secret), used_at__isnull=True)
    link = rows.filter(expires_at__gt=timezone.now()).first()
    return link if link and link.person.current and by_link(link.person) else None


@transaction.atomic
def use(token: str) -> Person | None:
    """The person whom the token lets in, once: of two that use it at once, one does. Their other links end with it."""
    link = waiting(token)
    if link is None or not SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()):
        return None
    SignInLink.objects.filter(person=link.person, used_at=None).update(used_at=timezone.now())
    audit.record(link.person, link.person, "link_used", {})
    return link.person


@task()
def send_link(address: str, site: str, welcome: bool = False) -> None:
    """Mail the link, if the address is that of somebody from outside; people inside are told to use their password."""
    person = Person.objects.filter(email=address.strip().lower()).first()
    if person is None or not person.current:
        return
    with override(person.language):
        subject, body = _letter(person, site, welcome)
    mail.send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email])


def _letter(person: Person, site: str, welcome: bool) -> tuple[str, str]:
    if not by_link(person):
        words = _("Your account also opens pages inside. Please sign in with your password: %(link)s")
        return _("Sign in with your password"), words % {"link": f"{site}{settings.LOGIN_URL}"}
    link, again = f"{site}/accounts/link/{issue(person)}/", f"{site}/accounts/link/"
    minutes = int(LIFE.total_seconds() // 60)
    parts = [_("Good day %(name)s,") % {"name": person.name}]
    if welcome:
        parts.append(_("you are invited to our portal. There you see your cases, raise new ones, and answer us."))
    parts.append(_("This link signs you in. It works once, within %(n)d minutes:") % {"n": minutes})
    parts.append(link)
    parts.append(_("A new link can be had at any time here: %(again)s") % {"again": again})
    parts.append(_("If you did not ask for this, do nothing."))
    return _("Your link to sign in"), "\n\n".join(parts)


def site_of(request: HttpRequest) -> str:
    """The address under which people reach this installation."""
    return str(settings.URL or request.build_absolute_uri("/")).rstrip("/")


@never_cache
@login_not_required
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same for every address."""
    form = AskForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/link_ask.html", {"form": form})
    if not within("link", address_of(request), *FROM_ONE_PLACE):
        return render(request, "accounts/link_ask.html", {"form": form, "too_often": True}, status=429)
    address = form.cleaned_data["email"].strip().lower()
    if within("link-to", address, *TO_ONE_ADDRESS):
        send_link.enqueue(address, site_of(request))
    return render(request, "accounts/link_asked.html", {"address": address, "minutes": int(LIFE.total_seconds() // 60)})


@never_cache
@login_not_required
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button, which signs in. Programs that look into mails open addresses, but press no buttons."""
    if request.method != "POST":
        link = waiting(token)
        return render(request, "accounts/link_enter.html", {"link": link}, status=200 if link else 410)
    person = use(token)
    if person is None:
        return render(request, "accounts/link_enter.html", {"link": None}, status=410)
    record_authentication(request, person, method="link")
    answer: HttpResponse = perform_login(request, Login(user=person, email=person.email))
    return answer
