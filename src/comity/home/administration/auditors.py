"""A login for an auditor from outside: reading only, one part of the organisation, a few days, every look logged.

The account and its grant end on the same day; from then on neither session nor token nor mailed link opens anything.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django_tasks import task

from comity.accounts import audit
from comity.accounts.forms import DAY
from comity.accounts.models import Grant, Person, Unit
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.compliance import catalogue
from comity.compliance.operations.scope import limit
from comity.records.access import READERS
from comity.records.trail import Actor, Thing, log

USUAL, LONGEST = timedelta(days=14), timedelta(days=92)
INVITERS = (Role.ADMINISTRATOR, Role.PROCESS_MANAGER)
QUIET = ("/notifications/bell/", "/pinned/")  # what a page fetches by itself
OWN = ("/accounts/", "/preferences/", "/notifications/")
PROOF = "/settings/trail/verify/"  # asks the worker to recompute the seal, which changes nothing
LOOKED = "looked"


def invites(person: Person) -> bool:
    return bool(rights_of(person).roles.intersection(INVITERS))


def units_of(person: Person) -> QuerySet[Unit]:
    """The parts of the organisation that this person may open to an auditor: all for administrators."""
    reach = None if Role.ADMINISTRATOR in rights_of(person).roles else rights_of(person).units(INVITERS)
    return Unit.objects.all() if reach is None else Unit.objects.filter(pk__in=reach)


class InviteForm(forms.Form):
    """Who, which part, from when to when."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("e-mail"))
    language = forms.ChoiceField(label=gettext_lazy("language"), choices=Person.Language.choices)
    unit = forms.ModelChoiceField(
        label=gettext_lazy("unit"), queryset=Unit.objects.none(),
        help_text=gettext_lazy("Records of this unit and of those below it can be read, and no others."),
    )  # fmt: skip
    standards = forms.MultipleChoiceField(
        label=gettext_lazy("standards"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Verdicts, worksheets and packs of these and no others. None chosen: all."),
    )  # fmt: skip
    first = forms.DateField(label=gettext_lazy("from"), widget=DAY)
    last = forms.DateField(
        label=gettext_lazy("to"), widget=DAY,
        help_text=gettext_lazy("The last day on which anything can be read."),
    )  # fmt: skip

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        today = timezone.localdate()
        options["initial"] = {"first": today, "last": today + USUAL - timedelta(days=1), "language": person.language}
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units_of(person)  # type: ignore[attr-defined]
        self.fields["standards"].choices = [(code, str(one)) for code, one in catalogue.standards().items()]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """Somebody inside is no auditor from outside; a former auditor can be invited again."""
        address = str(self.cleaned_data["email"]).strip().lower()
        known = Person.objects.filter(email=address).first()
        if known and (not known.is_active or known.grants.exclude(role=Role.AUDITOR).exists()):
            raise forms.ValidationError(_("This address belongs to somebody inside, or to a closed account."))
        return address

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and first < timezone.localdate():
            self.add_error("first", _("This day has passed."))
        if first and last and not first <= last < first + LONGEST:
            most = _("The last day lies at most %(n)d days after the first.") % {"n": LONGEST.days - 1}
            self.add_error("last", most)
        return data


@transaction.atomic
def invite(asked: dict[str, Any], actor: Actor) -> Person:
    """Open the account and the grant for these days; the invitation is mailed once this is committed."""
    email, name, unit, first = asked["email"], asked["name"], asked["unit"], asked["first"]
    after = asked["last"] + timedelta(days=1)
    person = Person.objects.filter(email=email).first()
    act, before = ("changed" if person else "added"), (person.ends_on if person else None)
    if person is None:
        person = Person(email=email, starts_on=first)
        person.set_unusable_password()
    person.name, person.language = name, asked["language"]
    person.starts_on, person.ends_on = min(person.starts_on, first), after
    person.save()
    audit.record(actor.person, person, act, {"email": [None, email], "ends_on": [before and str(before), str(after)]})
    Grant.objects.create(person=person, unit=unit, role=Role.AUDITOR, starts_on=first, ends_on=after)
    given = {"role": [None, Role.AUDITOR.value], "unit": [None, unit.pk], "ends_on": [None, str(after)]}
    audit.record(actor.person, person, "granted", given)
    limit(person, asked.get("standards", ()), actor)
    return person


@transaction.atomic
def close(person: Person, actor: Actor) -> None:
    """End it today, at once. Only auditors' accounts are closed here."""
    today = timezone.localdate()
    before, person.ends_on = person.ends_on, today
    person.save(update_fields=["ends_on"])
    for held in person.grants.filter(role=Role.AUDITOR):
        if held.ends_on is None or held.ends_on > today:
            held.ends_on = max(today, held.starts_on)
            held.save(update_fields=["ends_on"])
    audit.record(actor.person, person, "changed", {"ends_on": [before and str(before), str(today)]})


def auditors(person: Person) -> QuerySet[Grant]:
    """The grants of auditors who are nothing else, in the reach of the person, newest first."""
    others = Grant.objects.exclude(role=Role.AUDITOR).values("person")
    rows = Grant.objects.filter(role=Role.AUDITOR, unit__in=units_of(person)).exclude(person__in=others)
    return rows.select_related("person", "unit").order_by("-pk")


def looks(people: list[int]) -> dict[int, int]:
    """How much each of them has looked at, counted up to a thousand."""
    from comity.records.models import Entry

    return {
        pk: Entry.objects.filter(kind="person", record_id=pk, act=LOOKED)[:1000].count() for pk in dict.fromkeys(people)
    }


@task()
def send_invitation(pk: int, site: str, first: str, last: str) -> None:
    """Tell the auditor where to ask for a link to sign in. The mail itself opens nothing."""
    person = Person.objects.get(pk=pk)
    with override(person.language):
        days = [date_format(date.fromisoformat(day)) for day in (first, last)]
        words = _(
            "Good day %(name)s,\n\nyou are invited to read our records from %(first)s to %(last)s. Nothing can be"
            " changed with this access, and what you look at is logged.\n\nTo sign in, ask for a link with this address"
            " of yours: %(link)s\n"
        ) % {"name": person.name, "first": days[0], "last": days[1], "link": f"{site}/accounts/link/"}
        subject = _("Your access for the audit")
    mail.send_mail(subject, words, settings.DEFAULT_FROM_EMAIL, [person.email])


class Watched:
    """Let auditors read and do nothing else, and log every page, answer and file that they are given.

    Where that cannot be logged, nothing is given. Their own account, language and notifications stay theirs.
    """

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        doing = request.method not in ("GET", "HEAD", "OPTIONS") and not request.path.startswith((*OWN, PROOF))
        if doing and isinstance(request.user, Person) and rights_of(request.user).held and only_audits(request.user):
            raise PermissionDenied
        response = self.respond(request)
        person = getattr(request, "auth", None) or request.user
        given = response.status_code == 200 and not request.path.startswith(QUIET)
        if given and isinstance(person, Person) and only_audits(person):
            via = "api" if request.path.startswith("/api/") else "web"
            page = {"page": [None, request.get_full_path()[:500]]}
            with transaction.atomic():
                log(Thing.of(person), LOOKED, Actor(person, via), changes=page)
        return response


def only_audits(person: Person) -> bool:
    """Holds the auditor's role and no other. No question where none was asked: then nothing of ours was shown."""
    rights = person._rights
    return rights is not None and bool(rights.held) and rights.held <= READERS
