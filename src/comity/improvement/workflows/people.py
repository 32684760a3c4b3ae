"""Who may: owners do, others judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.roles import STAFF, Role
from comity.improvement.limits import after
from comity.parties.separation import separation
from comity.records.models import Entry
from comity.records.workflow import Lack
from comity.records.write import Actor

PR, OD = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
WORKERS = tuple(role for role in Role if role in STAFF and role not in (Role.ADMINISTRATOR, Role.AUDITOR))
LEADS = (Role.RELATIONSHIP_MANAGER, Role.COMPLAINT_HANDLER, Role.SUPPLIER_MANAGER, Role.PROJECT_MANAGER, PR, OD)
Words = Iterator[str | Promise | Lack]


def by_owner(record: Any, actor: Actor) -> Words:
    if record.owner_id is None:
        yield _("It has no owner yet.")
    elif not actor.rule and actor.person.pk != record.owner_id:
        yield _("This is for its owner, %(person)s.") % {"person": record.owner}


OWNER = separation(
    "effect", gettext_noop("The owner does not judge the own work."),
    _("The owner of an improvement does not judge its effect: enforced (1), or declared (0)."),
)  # fmt: skip


DONE_BY = {"action": "complete", "improvement": "implement", "finding": "analyse"}  # steps that only the owner takes


def is_owner(record: Any, actor: Actor) -> bool:
    """Is it, or was it when it was done, this person's? Handed over, one's own work is still no other's to judge."""
    if actor.person.pk == record.owner_id:
        return True
    steps = Entry.objects.filter(kind=record.kind.name, record_id=record.pk, act=DONE_BY[record.kind.name])
    return bool(steps.order_by("-pk").values_list("actor_id", flat=True).first() == actor.person.pk)


def not_by_owner(record: Any, actor: Actor) -> Words:
    if is_owner(record, actor):
        yield _(OWNER.words)


def earliest(done: date) -> date:
    """From when an effect can be judged: it needs time to show (ISO/IEC 20000-1:2011 4.5.5)."""
    return after(done, "effect_wait_days")


def judged_from(day: date | None) -> Words:
    if day and timezone.localdate() < day:
        yield _("The effect can be judged from %(day)s.") % {"day": day}


def started(record: Any, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    record.started_on = record.started_on or timezone.localdate(at)


def same(record: Any) -> str:
    """For steps that leave the state as it is."""
    return str(record.status)
