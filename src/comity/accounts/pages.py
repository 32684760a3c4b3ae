"""One's own account, and the administration of people, units and grants."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from comity.accounts import operations
from comity.accounts.forms import GrantForm, PersonForm, ProfileForm, TokenForm, UnitForm
from comity.accounts.links import site_of
from comity.accounts.models import ApiToken, Grant, Person, Unit, in_force
from comity.accounts.rights import is_contact, rights_of
from comity.accounts.roles import Role

SHOWN = 200
CALENDAR_DAYS = 3650
FILES = "django.core.mail.backends.filebased.EmailBackend"
View = Callable[..., HttpResponse]


def person_of(request: HttpRequest) -> Person:
    """Somebody inside. Contacts of outside parties find nothing here: their pages are elsewhere."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    if is_contact(request.user):
        raise Http404
    return request.user


def for_administrators(view: View) -> View:
    """Only for people who act under the administrator group now."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if Role.ADMINISTRATOR not in rights_of(person_of(request)).roles:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return answer


@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """The person's own settings, acting group and API tokens."""
    if isinstance(request.user, Person) and is_contact(request.user):
        return redirect(f"{settings.OUTSIDE_URL}me/")
    person = person_of(request)
    form = ProfileForm(request.POST or None, instance=Person.objects.get(pk=person.pk))
    if request.method == "POST" and form.is_valid():
        operations.save_person(form, person)
        messages.success(request, _("Saved."))
        return redirect("me")
    return _me(request, form=form)


def _me(request: HttpRequest, **context: Any) -> HttpResponse:
    person = person_of(request)
    defaults: dict[str, Any] = {"form": ProfileForm(instance=person), "token_form": TokenForm()}
    tokens = person.api_tokens.filter(expires_at__gt=timezone.now())
    found = {"rights": rights_of(person), "tokens": tokens, "administrator": Role.ADMINISTRATOR}
    return render(request, "accounts/me.html", defaults | found | context)


@require_POST
def act_as(request: HttpRequest) -> HttpResponse:
    operations.act_as(person_of(request), request.POST.get("group", ""))
    return redirect("me")


@never_cache
@require_POST
def token_new(request: HttpRequest) -> HttpResponse:
    """Issue a token; its secret is on this answer and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _me(request, token_form=form)
    _token, secret = operations.issue_token(person_of(request), **form.cleaned_data)
    return _me(request, secret=secret)


@never_cache
@require_POST
def calendar_new(request: HttpRequest) -> HttpResponse:
    """Make an address for the person's calendar program; it is on this answer and nowhere else."""
    person = person_of(request)
    _token, secret = operations.issue_token(person, _("Calendar"), [ApiToken.CALENDAR], CALENDAR_DAYS)
    return _me(request, calendar=f"{site_of(request)}/calendar/{secret}.ics")


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    operations.revoke_token(get_object_or_404(ApiToken, pk=pk, person=person_of(request)))
    return redirect("me")


@for_administrators
def people(request: HttpRequest) -> HttpResponse:
    """People by name, with the roles they hold today; a search narrows."""
    words = request.GET.get("q", "").strip()
    held = Grant.objects.filter(in_force(timezone.localdate())).select_related("unit")
    rows = Person.objects.prefetch_related(Prefetch("grants", held, to_attr="held"))
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words))
    found = list(rows[: SHOWN + 1])
    return render(request, "accounts/people.html", {"people": found[:SHOWN], "more": len(found) > SHOWN, "q": words})


@for_administrators
def person(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change one person; a new one is sent a link to set a password."""
    subject = get_object_or_404(Person, pk=pk) if pk else None
    form = PersonForm(request.POST or None, instance=subject)
    if request.method == "POST" and form.is_valid():
        saved = operations.save_person(form, person_of(request))
        if subject is None:
            _invite(request, saved)
        return redirect("person", saved.pk)
    return _person(request, subject, form=form)


def _invite(request: HttpRequest, added: Person) -> None:
    """Send the link; a mail server that is down does not undo the addition."""
    form = ResetPasswordForm({"email": added.email})
    try:
        if form.is_valid():
            form.save(request)
            if settings.EMAIL_BACKEND == FILES:
                words = _("Added. No mail server is set up: the link to set a password lies in a file in %(folder)s.")
                messages.warning(request, words % {"folder": settings.EMAIL_FILE_PATH})
            else:
                messages.success(request, _("Added. A link to set a password is on its way."))
    except OSError:
        messages.warning(request, _("Added, but no mail could be sent: “Forgot your password?” sends the link later."))


def _person(request: HttpRequest, subject: Person | None, **context: Any) -> HttpResponse:
    found: dict[str, Any] = {"subject": subject, "form": PersonForm(instance=subject)}
    if subject:
        found |= {"grants": subject.grants.select_related("unit"), "grant_form": GrantForm()}
    return render(request, "accounts/person.html", found | {"today": timezone.localdate()} | context)


@require_POST
@for_administrators
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    subject = get_object_or_404(Person, pk=pk)
    operations.set_active(subject, request.POST.get("active") == "1", person_of(request))
    return redirect("person", pk)


@require_POST
@for_administrators
def grant_new(request: HttpRequest, pk: int) -> HttpResponse:
    subject = get_object_or_404(Person, pk=pk)
    form = GrantForm(request.POST, instance=Grant(person=subject))
    if not form.is_valid():
        return _person(request, subject, grant_form=form)
    operations.grant(form, person_of(request))
    return redirect("person", pk)


@require_POST
@for_administrators
def grant_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(Grant.objects.select_related("person"), pk=pk)
    operations.revoke(held, person_of(request))
    return redirect("person", held.person_id)


@for_administrators
def units(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The tree of units, with the form of one of them or of a new one below it."""
    form = UnitForm(request.POST or None, instance=get_object_or_404(Unit, pk=pk) if pk else None)
    if request.method == "POST" and form.is_valid():
        operations.save_unit(form, person_of(request))
        return redirect("units")
    return render(
        request, "accounts/units.html", {"units": Unit.objects.select_related("parent"), "form": form, "pk": pk}
    )
