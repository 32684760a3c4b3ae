"""From, to, by whom: the life of customers, contacts, segments, responsibilities and acceptances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS, STAFF, Role
from comity.parties.models import Acceptance, Contact, Customer, Responsibility, Segment, Supplier
from comity.parties.models.life import Life
from comity.parties.operations import close_portal, manager_in_charge
from comity.records.workflow import Workflow, move
from comity.records.write import Actor

RM, PR, OD, SN = Role.RELATIONSHIP_MANAGER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER
KEEPERS = (RM, PR)
ACCEPTERS = tuple(role for role in Role if role in STAFF and role not in (Role.ADMINISTRATOR, Role.AUDITOR))

C, R = Customer.Status, Responsibility.Status

customer_life = Workflow(
    C.PROSPECT,
    (
        move("activate", C.PROSPECT, C.ACTIVE, by=KEEPERS, label=_("Start serving"), primary=True),
        move("end", (C.PROSPECT, C.ACTIVE), C.ENDED, by=KEEPERS, note=True, label=_("End the relationship")),
        move("resume", C.ENDED, C.ACTIVE, by=KEEPERS, note=True, label=_("Resume")),
    ),
    stages=(C.PROSPECT, C.ACTIVE, C.ENDED),
)

segment_life = Workflow(
    Segment.Status.ACTIVE,
    (
        move("retire", Segment.Status.ACTIVE, Segment.Status.RETIRED, by=KEEPERS, note=True, label=_("Retire")),
        move("resume", Segment.Status.RETIRED, Segment.Status.ACTIVE, by=KEEPERS, label=_("Resume")),
    ),
)

supplier_life = Workflow(
    Supplier.Status.ACTIVE,
    (
        move(
            "end", Supplier.Status.ACTIVE, Supplier.Status.ENDED, by=(PR, Role.SUPPLIER_MANAGER), note=True,
            label=_("End the relationship"),
        ),
        move("resume", Supplier.Status.ENDED, Supplier.Status.ACTIVE, by=(PR,), note=True, label=_("Resume")),
    ),
)  # fmt: skip

in_use = Workflow(
    Life.ACTIVE,
    (
        move("retire", Life.ACTIVE, Life.RETIRED, by=(*KEEPERS, Role.SUPPLIER_MANAGER), note=True, label=_("Retire")),
        move("resume", Life.RETIRED, Life.ACTIVE, by=KEEPERS, label=_("Resume")),
    ),
)


def _sign_in_ends(contact: Contact, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    close_portal(contact, actor.person)
    contact.person = None


contact_life = Workflow(
    Contact.Status.ACTIVE,
    (
        move(
            "end", Contact.Status.ACTIVE, Contact.Status.ENDED, by=(*KEEPERS, Role.SUPPLIER_MANAGER), note=True,
            apply=_sign_in_ends, label=_("Has left"), help=_("The contact can no longer sign in to the portal."),
        ),
        move("resume", Contact.Status.ENDED, Contact.Status.ACTIVE, by=KEEPERS, note=True, label=_("Is back")),
    ),
)  # fmt: skip


def _may_approve(row: Responsibility, actor: Actor) -> Iterator[str | Promise]:
    if actor.person.pk == row.person_id:
        yield _("Nobody approves a responsibility of his own.")
    if (rival := row.rival()) is not None:
        yield _("%(person)s holds this duty at that time.") % {"person": rival.person}


def _approve(row: Responsibility, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    row.approved_by, row.approved_at = actor.person, at


def _is_oneself(row: Responsibility, actor: Actor) -> Iterator[str | Promise]:
    if actor.person.pk != row.person_id:
        yield _("Only %(person)s can answer this.") % {"person": row.person}


def _accept(row: Responsibility, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    row.accepted_at = at


def _declined(row: Responsibility, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    """A declined assignment never counted."""
    row.approved_at = row.approved_by = None


def _ends(row: Responsibility, actor: Actor) -> Iterator[str | Promise]:
    if row.ends_on and row.ends_on < row.starts_on:
        yield _("It cannot end before it starts.")


def _owner_follows(row: Responsibility, actor: Actor, data: Mapping[str, Any]) -> None:
    if row.customer is not None:
        manager_in_charge(row.customer)


def _ends_today(row: Responsibility, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    row.ends_on = row.ends_on or max(timezone.localdate(at), row.starts_on)


responsibility_life = Workflow(
    R.PROPOSED,
    (
        move(
            "approve", R.PROPOSED, R.APPROVED, by=(SN, OD), guard=_may_approve, apply=_approve, effect=_owner_follows,
            label=_("Approve"), primary=True,
        ),
        move(
            "accept", R.APPROVED, R.ACTIVE, by=ACCEPTERS, guard=_is_oneself, apply=_accept, label=_("Accept"),
            primary=True,
        ),
        move(
            "decline", R.APPROVED, R.WITHDRAWN, by=ACCEPTERS, guard=_is_oneself, apply=_declined, effect=_owner_follows,
            note=True, label=_("Decline"),
        ),
        move(
            "end", (R.APPROVED, R.ACTIVE), R.ENDED, by=(PR, OD, SN), asks=("ends_on",), guard=_ends, apply=_ends_today,
            effect=_owner_follows, note=True, label=_("End"),
        ),
        move("withdraw", R.PROPOSED, R.WITHDRAWN, by=(PR, OD, SN), note=True, label=_("Withdraw")),
    ),
    stages=(R.PROPOSED, R.APPROVED, R.ACTIVE, R.ENDED),
)  # fmt: skip


def _own_consent(acceptance: Acceptance, actor: Actor) -> Iterator[str | Promise]:
    if rights_of(actor.person).roles <= CONTACTS and (
        acceptance.contact is None or acceptance.contact.person_id != actor.person.pk
    ):
        yield _("This is the consent of somebody else.")


acceptance_life = Workflow(
    Acceptance.Status.GIVEN,
    (
        move(
            "withdraw", Acceptance.Status.GIVEN, Acceptance.Status.WITHDRAWN, by=(*KEEPERS, Role.CUSTOMER_CONTACT),
            guard=_own_consent, note=True, label=_("Withdraw"),
        ),
    ),
)  # fmt: skip
