"""What a new installation lacks before a complaint can be worked by the rules, said to whoever can supply it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Grant, Person, in_force
from comity.accounts.roles import Role
from comity.agreements.models import Service
from comity.clocks.models import Calendar
from comity.documents.models import DocumentVersion
from comity.documents.types import DocumentType
from comity.home.administration.access import administers
from comity.parties.duties import Duty
from comity.parties.models import Customer, Responsibility
from comity.parties.operations import holding
from comity.records.access import may
from comity.records.kind import kind_named


@dataclass(frozen=True)
class Step:
    """One thing to set up: what, why, where, whether it is there, and for whom it is."""

    label: str | Promise
    why: str | Promise
    url: str
    done: Callable[[], bool]
    theirs: Callable[[Person], bool]


def _registers(kind: str) -> Callable[[Person], bool]:
    return lambda person: may(person, kind_named(kind), "create")


def _people() -> bool:
    held = Grant.objects.filter(in_force(timezone.localdate())).exclude(role=Role.ADMINISTRATOR)
    return held.exists()


def _complaint_owner() -> bool:
    return Responsibility.objects.filter(holding(timezone.localdate()), role=Duty.COMPLAINT_OWNER).exists()


def _definition() -> bool:
    rows = DocumentVersion.objects.filter(document__type=DocumentType.COMPLAINT_DEFINITION)
    return rows.filter(status=DocumentVersion.Status.EFFECTIVE).exists()


STEPS = (
    Step(
        _("Add people and grant them roles"),
        _("Administrators set up; they neither take in cases nor change what is evidence."),
        "/accounts/people/", _people, administers,
    ),
    Step(
        _("Set up the calendar"),
        _("Working hours, time zone and holidays decide every deadline. Mark one calendar as default."),
        "/settings/calendars/", lambda: Calendar.objects.filter(is_default=True).exists(), administers,
    ),
    Step(
        _("Name who answers for complaints"),
        _("The complaint owner decides what handlers may not. The operations director or a senior manager approves."),
        "/responsibilities/new/?role=complaint_owner", _complaint_owner, _registers("responsibility"),
    ),
    Step(
        _("Write down what counts as a complaint"),
        _("A document of the type “complaint definition” with a version that the operations director approves."),
        "/documents/new/?type=complaint_definition", _definition, _registers("document"),
    ),
    Step(
        _("Register the first customer, and a contact"), _("Every case but an internal one names them."),
        "/customers/new/", lambda: Customer.objects.exists(), _registers("customer"),
    ),
    Step(
        _("Register the first service"), _("A case says which service it is about, or whose conduct."),
        "/services/new/", lambda: Service.objects.exists(), _registers("service"),
    ),
)  # fmt: skip


def open_for(person: Person) -> list[Step]:
    """What is still to be set up and this person can."""
    return [step for step in STEPS if step.theirs(person) and not step.done()]
