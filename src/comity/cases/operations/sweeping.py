"""What the rules do by themselves with one case whose instant has come. Safe to repeat: each act is judged anew.

Every automatic act leaves a line in the timeline that names its rule.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from comity.cases.models import Case, timing
from comity.cases.models.choices import Status
from comity.cases.operations import escalating, promises, repetition, telling
from comity.cases.rules.escalation import Trigger
from comity.cases.rules.notices import Event
from comity.records import write
from comity.records.trail import Actor, Refused


def sweep(pk: int, now: datetime | None = None) -> None:
    """Do all that is due on this case, in one transaction, on the row as it is now."""
    now = now or timezone.now()
    with transaction.atomic():
        rows = Case.objects.filter(pk=pk, sweep_at__lte=now)
        if connection.features.has_select_for_update:
            rows = rows.select_for_update(of=("self",), skip_locked=True)
        case = rows.first()
        if case is None:
            return
        for act in (check_topic, resume_waiting, record_breach, escalate_by_age, remind, expire, report_progress):
            if act(case, now):  # it did something
                case.refresh_from_db()
        if case.sweep_at and case.sweep_at <= now:
            put_off(case, now)


def check_topic(case: Case, now: datetime) -> bool:
    """A complaint is counted with its like once, soon after it came in."""
    if not case.is_complaint or case.topic_checked_at is not None:
        return False
    actor = Actor.system("BRM-3.3-23")
    repetition.look(case, actor)
    write.assign(case, {"topic_checked_at": now}, actor=actor, act="count")
    return True


def resume_waiting(case: Case, now: datetime) -> bool:
    """The waiting time is over: the clock runs on though the customer has not answered."""
    if case.status != Status.AWAITING_CUSTOMER or case.pause_ends_at is None or case.pause_ends_at > now:
        return False
    actor = Actor.system("complaint_wait_days")
    write.note_auto(case, gettext_noop("The time for waiting is used up; the clock runs on."), actor)
    write.transition(case, "resume", actor=actor)
    return True


def record_breach(case: Case, now: datetime) -> bool:
    """The resolution clock was missed: that stays on record."""
    if case.status == Status.RESOLVED or not case.is_open or not timing.keep_breach(case, now):
        return False
    actor = Actor.system("BRM-3.3-12")
    values = {"breached": True, "breaches": case.breaches, "for_analysis": True}
    case.refresh_from_db()
    write.assign(case, values, actor=actor, act="breach")
    write.note_auto(
        case,
        gettext_noop("Not resolved in time; it was due %(due)s."),
        actor,
        due=f"{case.resolve_due_at:%Y-%m-%d %H:%M}Z",
    )
    return True


def escalate_by_age(case: Case, now: datetime) -> bool:
    """Age alone sends the case up, to the highest level that has been reached."""
    triggers = [trigger for at, trigger in timing.age_instants(case) if at < now]
    escalating.strongest_of(case, triggers, now)
    return bool(triggers)


def remind(case: Case, now: datetime) -> bool:
    """One reminder before the customer's time to confirm passes."""
    if case.status != Status.RESOLVED or case.reminded_at or case.remind_at is None or case.remind_at > now:
        return False
    actor = Actor.system("ISO20000-7.1-24")
    timing.confirm_later(case, now)
    telling.tell(case, Event.REMINDER, actor)
    write.assign(case, {"reminded_at": now, "confirm_due_at": case.confirm_due_at}, actor=actor, act="remind")
    return True


def expire(case: Case, now: datetime) -> bool:
    """The customer neither confirmed nor rejected in time: closed, on that ground, unless he wrote and waits."""
    if case.status != Status.RESOLVED or case.confirm_due_at is None or case.confirm_due_at > now:
        return False
    if telling.unread_reply(case):
        return False
    actor = Actor.system("ISO20000-7.1-24")
    try:
        with transaction.atomic():
            write.transition(case, "expire", actor=actor)
    except Refused as refused:
        write.note_auto(
            case,
            gettext_noop("Not closed, because something is missing: %(what)s"),
            actor,
            what=" ".join(refused.missing),
        )
    return True


def report_progress(case: Case, now: datetime) -> bool:
    """An open complaint does not stay silent: the customer hears how it stands."""
    if not case.is_open or case.status == Status.RESOLVED or case.tell_at is None or case.tell_at > now:
        return False
    actor = Actor.system("CSMS-10.2-e")
    telling.tell(case, Event.PROGRESS, actor)
    timing.told_again(case, now)
    write.assign(case, {"tell_at": case.tell_at}, actor=actor, act="progress")
    return True


def watch_promises(now: datetime) -> int:
    """A promise that is overdue after its case was closed goes up, once for each day that was named; how many."""
    count = 0
    for case, promise in promises.overdue_after_closing(timezone.localdate(now)):
        due = promise.due_on or timezone.localdate(now)
        known = case.escalations.filter(trigger=Trigger.PROMISE.value, compiled_summary__startswith=promise.ref)
        if any(timezone.localdate(one.raised_at) > due for one in known):
            continue
        words = _("%(ref)s “%(what)s” was promised until %(date)s.")
        with transaction.atomic():
            text = words % {"ref": promise.ref, "what": promise.title, "date": due}
            count += escalating.raise_for(case, Trigger.PROMISE, now, note=text) is not None
    return count


def put_off(case: Case, now: datetime) -> None:
    """Nothing more can be done now; look again in an hour instead of at once."""
    write.assign(
        case, {"rules_wait_until": now + timedelta(hours=1)}, actor=Actor.system("complaint_sweep"), act="wait"
    )
