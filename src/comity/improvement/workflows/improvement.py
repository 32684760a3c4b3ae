"""The life of an improvement: decided, planned with dated actions, done, and judged by somebody else in due time.

Each round ends effective, or begins anew with a new cause (ISO/IEC 20000-1:2011 4.5.5, BRM-3.2.4-5 to 3.2.4-9).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import rights_of
from comity.improvement import recurrence
from comity.improvement.models import Finding, Improvement
from comity.improvement.models.source import OF_REVIEWS
from comity.improvement.operations import actions_of, open_actions_of
from comity.improvement.telling import end_told, result_told, wants_result
from comity.improvement.workflows.people import (
    LEADS,
    OD,
    OWNER,
    PR,
    WORKERS,
    Words,
    by_owner,
    earliest,
    is_owner,
    judged_from,
    same,
    started,
)
from comity.parties.pointers import pointed
from comity.parties.separation import apart
from comity.records.workflow import Lack, Workflow, move
from comity.records.write import Actor

S = Improvement.Status
Data = Mapping[str, Any]


def _analysed(improvement: Improvement, actor: Actor) -> Words:
    """What corrects a finding needs its cause, found with the owner of the affected process (BRM-3.3-20)."""
    yield from by_owner(improvement, actor)
    if improvement.type != Improvement.Type.CORRECTIVE or not improvement.source_ref:
        return
    for source in Finding.objects.filter(ref=improvement.source_ref):
        if not source.cause:
            yield _("The cause of %(ref)s is not found yet.") % {"ref": source.ref}
        elif source.process_owner_participant_id is None:
            yield _("%(ref)s does not name the owner of the affected process who took part.") % {"ref": source.ref}


def _recurring(improvement: Improvement) -> bool:
    """Whether it came from a request that customers raised again and again."""
    return getattr(pointed(improvement.source_ref), "type", "") == "recurring_request"


def _by_director(improvement: Improvement, actor: Actor) -> Words:
    """Large efforts, and requests that come again and again, are for the operations director (BRM-3.2.4-9)."""
    if OD in rights_of(actor.person).roles:
        return
    if improvement.large:
        yield _("An improvement of large effort is decided by the operations director.")
    elif _recurring(improvement):
        yield _("A request that comes again and again is decided by the operations director.")


def _decide(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    improvement.decided_by, improvement.decided_at = actor.person, at


def _approve(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    _decide(improvement, actor, data, at)
    improvement.approved_at = at


def _undecided(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    improvement.decided_by = improvement.decided_at = improvement.deferred_to = None


def _planned(improvement: Improvement, actor: Actor) -> Words:
    yield from by_owner(improvement, actor)
    if not open_actions_of(improvement).filter(due_on__isnull=False).exists():
        yield _("Plan at least one action with a date first.")
    if improvement.customer_id and not improvement.reporting:
        yield Lack(_("Ask the customer how to be kept informed."), "reporting")


def _progress(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    improvement.progressed_at = at


def _hold(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    improvement.on_hold, improvement.held_since = True, at


def _release(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    improvement.on_hold, improvement.held_since = False, None


def _held(improvement: Improvement) -> bool:
    """Asked of the row as it is stored: the steps that hold and release change it in memory before they are judged."""
    return Improvement.objects.filter(pk=improvement.pk, on_hold=True).exists()


def _runs(improvement: Improvement, actor: Actor) -> Words:
    yield from by_owner(improvement, actor)
    if _held(improvement):
        yield _("It waits for resources.")


def _waits(improvement: Improvement, actor: Actor) -> Words:
    if not _held(improvement):
        yield _("It does not wait for resources.")


def _actions_done(improvement: Improvement, actor: Actor) -> Words:
    yield from by_owner(improvement, actor)
    count = open_actions_of(improvement).count()
    if count:
        yield _("%(count)s actions are still open.") % {"count": count}
    elif not actions_of(improvement).exists():
        yield _("None of its actions was done.")


def _implement(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    """Done; from which day the effect can be judged is set now, never before the usual time."""
    improvement.implemented_on = timezone.localdate(at)
    usual = earliest(improvement.implemented_on)
    improvement.effect_from = improvement.effect_from or usual
    if improvement.effect_from < usual:
        raise ValidationError({"effect_from": _("An effect needs time to show: not before %(day)s.") % {"day": usual}})
    improvement.judged_by = improvement.judged_at = improvement.count_before = improvement.count_after = None


def _worked(improvement: Improvement, actor: Actor) -> Words:
    yield from judged_from(improvement.effect_from)
    if improvement.type == Improvement.Type.PREVENTIVE and improvement.source_kind in OF_REVIEWS:
        for name in ("count_before", "count_after"):  # of equal periods (PG-004-34)
            if getattr(improvement, name) is None:
                yield Lack(_("Count the cases of equal periods before and after it."), name)
    for finding in recurrence.since_done(improvement):
        yield _("The same cause or topic has come back: %(ref)s.") % {"ref": finding.ref}


def _new_cause(improvement: Improvement, actor: Actor) -> Words:
    """It did not help, so what was analysed was not the cause: the next round begins with another one."""
    if Improvement.objects.filter(pk=improvement.pk, analysis=improvement.analysis).exists():
        yield Lack(_("It did not help: say in the analysis what the cause is now."), "analysis")


def _judge(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    improvement.judged_by, improvement.judged_at = actor.person, at


def _again(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    """Not effective: a new round with a new decision, which begins at the value reached. The trail keeps the first.

    Where the cause came back, the value judged holds no longer, and whoever plans says where it stands.
    """
    if not actor.rule:
        _judge(improvement, actor, data, at)
        improvement.baseline = improvement.value_now or improvement.baseline
    improvement.value_now = ""
    improvement.rounds, improvement.progress = improvement.rounds + 1, 0
    improvement.decided_at = improvement.approved_at = improvement.implemented_on = improvement.effect_from = None
    improvement.closed_at = None


def _tell_source(improvement: Improvement, actor: Actor, data: Data) -> None:
    recurrence.effect_known(improvement, actor)


def _answered(improvement: Improvement, actor: Actor) -> Words:
    """Whoever wants to hear the result has heard it (BRM-3.2.4-7)."""
    if wants_result(improvement) and not result_told(improvement):
        yield _("The customer has not been told the result yet.")


def _given_up(improvement: Improvement, actor: Actor) -> Words:
    """A customer who waits for the result hears first that there will be none (BRM-3.2.4-7)."""
    yield from _by_director(improvement, actor)
    if not end_told(improvement):
        yield _("Tell the customer first that it is given up: log what you say, about this improvement.")


def _close(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    improvement.closed_at = at


def _told(improvement: Improvement, actor: Actor, data: Data, at: datetime) -> None:
    improvement.told_at = at


DECIDED = tuple(state for state in S if state not in (S.PROPOSED, S.ANALYSED))
AT_WORK = Improvement.AT_WORK
REASON = ("decision_reason",)

improvement_life = Workflow(
    S.PROPOSED,
    (
        move(
            "analyse", S.PROPOSED, S.ANALYSED, by=WORKERS, requires=("analysis",), guard=_analysed, label=_("Analysed"),
            primary=True,
        ),
        move(
            "approve", (S.ANALYSED, S.DEFERRED), S.APPROVED, by=(PR, OD), asks=REASON, guard=_by_director,
            apply=_approve, label=_("Approve"), primary=True,
        ),
        move(
            "reject", (S.PROPOSED, S.ANALYSED, S.DEFERRED), S.REJECTED, by=(PR, OD), requires=REASON,
            guard=_by_director,
            apply=_decide, label=_("Reject"),
        ),
        move(
            "defer", S.ANALYSED, S.DEFERRED, by=(PR, OD), requires=(*REASON, "deferred_to"),
            guard=_by_director, apply=_decide, label=_("Defer"),
        ),
        move("resume", S.DEFERRED, S.ANALYSED, system=True, apply=_undecided, label=_("Taken up again")),
        move(
            "tell", DECIDED, same, by=LEADS, requires=("told_ref",), apply=_told, label=_("Decision told"),
        ),
        move(
            "plan", S.APPROVED, S.PLANNED, by=WORKERS,
            requires=("due_on", "success_measure", "baseline", "wanted_value"), asks=("reporting",), guard=_planned,
            label=_("Planned"), primary=True,
        ),
        move(
            "start", S.PLANNED, S.IN_PROGRESS, by=WORKERS, guard=_runs, apply=started, label=_("Start"), primary=True,
        ),
        move(
            "progress", S.IN_PROGRESS, S.IN_PROGRESS, by=WORKERS, requires=("progress",), asks=("value_now",),
            guard=by_owner, apply=_progress, note=True, label=_("Report progress"),
        ),
        move(
            "postpone", (S.PLANNED, S.IN_PROGRESS), same, by=(PR, OD), requires=("due_on",), note=True,
            label=_("Move the date"),
        ),
        move("hold", AT_WORK, same, by=WORKERS, guard=_runs, apply=_hold, note=True, label=_("Wait for resources")),
        move("release", AT_WORK, same, by=LEADS, guard=_waits, apply=_release, label=_("Resources are there")),
        move(
            "implement", S.IN_PROGRESS, S.IMPLEMENTED, by=WORKERS, asks=("value_now", "effect_from"),
            guard=_actions_done, apply=_implement, label=_("Implemented"), primary=True,
        ),
        apart(OWNER, is_owner, move(
            "effective", S.IMPLEMENTED, S.EFFECTIVE, by=(PR, OD), requires=("value_now", "effect_conclusion"),
            asks=("count_before", "count_after"), guard=_worked, apply=_judge, effect=_tell_source,
            label=_("It was effective"), primary=True,
        )),
        apart(OWNER, is_owner, move(
            "ineffective", S.IMPLEMENTED, S.ANALYSED, by=(PR, OD), requires=("effect_conclusion", "analysis"),
            asks=("value_now", "count_before", "count_after"), guard=_new_cause, apply=_again, effect=_tell_source,
            label=_("It was not effective"),
        )),
        move(
            "recur", (S.IMPLEMENTED, S.EFFECTIVE, S.CLOSED), S.ANALYSED, system=True, apply=_again,
            label=_("The cause or topic came back"),
        ),
        move("close", S.EFFECTIVE, S.CLOSED, by=(PR, OD), guard=_answered, apply=_close, label=_("Close"),
             primary=True),
        move("cancel", AT_WORK, S.CANCELLED, by=(PR, OD), guard=_given_up, note=True, label=_("Cancel")),
    ),
    stages=(S.PROPOSED, S.ANALYSED, S.APPROVED, S.PLANNED, S.IN_PROGRESS, S.IMPLEMENTED, S.EFFECTIVE, S.CLOSED),
)  # fmt: skip
