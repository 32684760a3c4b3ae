"""The life of a finding: analysed to its cause, decided among alternatives, closed when the solution is in place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.clocks.parameters import number
from comity.improvement import recurrence
from comity.improvement.models import Finding, Improvement
from comity.improvement.operations import actions_of, improvements_of, open_actions_of
from comity.improvement.rules import alternatives
from comity.improvement.workflows.people import (
    LEADS,
    OD,
    PR,
    WORKERS,
    Words,
    by_owner,
    earliest,
    judged_from,
    not_by_owner,
    same,
)
from comity.records import write
from comity.records.workflow import Lack, Workflow, move
from comity.records.write import Actor

F = Finding.Status
OVER = (Improvement.Status.REJECTED, Improvement.Status.CANCELLED)
Data = Mapping[str, Any]


class NoOtherWay(forms.Form):
    """An explicit none: instead of alternatives, a person says that there are none, and why."""

    no_alternative = forms.BooleanField(
        required=False, label=_("There is no other way"), help_text=_("For the reason given.")
    )


def _explained(finding: Finding, actor: Actor) -> Words:
    yield from by_owner(finding, actor)
    if finding.type == Finding.Type.PROBLEM and finding.risk_score is None:
        for name in ("likelihood", "consequence"):
            if getattr(finding, name) is None:
                yield Lack(_("Rate likelihood and consequence of the problem."), name)


def _cause_known(finding: Finding, actor: Actor, data: Data) -> None:
    recurrence.come_back(finding, actor)


def _chosen(finding: Finding, actor: Actor) -> Words:
    if finding.decision == Finding.Decision.SOLVE and not finding.solution:
        yield Lack(_("Name the chosen solution."), "solution")


def _decide(finding: Finding, actor: Actor, data: Data, at: datetime) -> None:
    least = round(number("min_alternatives"))
    weighed = sum(one.weighed for one in alternatives(finding.alternatives))
    to_weigh = finding.type == Finding.Type.PROBLEM and finding.decision == Finding.Decision.SOLVE
    if to_weigh and weighed < least and not data.get("no_alternative"):
        text = _("Weigh at least %(n)s alternatives, each with its cost and its effect, or say that there are none.")
        raise ValidationError({"alternatives": text % {"n": least}})
    finding.decider, finding.decided_at = actor.person, at


def _say_none(finding: Finding, actor: Actor, data: Data) -> None:
    if data.get("no_alternative"):
        write.log(finding, "none", actor, changes={"alternatives": [None, None]}, note=finding.reason)


def _in_place(finding: Finding, actor: Actor) -> Words:
    """What was decided is done; whether it helped is asked later."""
    if finding.decision == Finding.Decision.ACCEPT:
        return
    if count := open_actions_of(finding).count():
        yield _("%(count)s actions are still open.") % {"count": count}
    raised = improvements_of(finding).exclude(status__in=OVER)
    for one in raised.exclude(status__in=recurrence.DONE):
        yield _("%(ref)s is not implemented yet.") % {"ref": one.ref}
    if not raised and not actions_of(finding):
        yield _("Nothing was done about it yet: raise an action or an improvement.")


def _close(finding: Finding, actor: Actor, data: Data, at: datetime) -> None:
    finding.closed_at = at


def _reopen(finding: Finding, actor: Actor, data: Data, at: datetime) -> None:
    finding.closed_at = finding.decided_at = None
    finding.returns += bool(actor.rule)


def _can_be_judged(finding: Finding, actor: Actor) -> Words:
    yield from not_by_owner(finding, actor)
    if finding.closed_at:
        yield from judged_from(earliest(timezone.localdate(finding.closed_at)))


def _judge(finding: Finding, actor: Actor, data: Data, at: datetime) -> None:
    finding.effect_date, finding.effect_reviewer = timezone.localdate(at), actor.person


finding_life = Workflow(
    F.OPEN,
    (
        move(
            "analyse", F.OPEN, F.ANALYSED, by=WORKERS, requires=("cause", "cause_category"),
            asks=("whys", "subject_ref", "topic", "process_owner_participant", "likelihood", "consequence"),
            guard=_explained, effect=_cause_known, label=_("Cause found"), primary=True,
        ),
        move(
            "decide", F.ANALYSED, F.DECIDED, by=LEADS, requires=("decision", "reason"),
            asks=("alternatives", "solution", "situation_study"), guard=_chosen, apply=_decide, effect=_say_none,
            form=NoOtherWay, label=_("Decide"), primary=True,
        ),
        move("close", F.DECIDED, F.CLOSED, by=LEADS, guard=_in_place, apply=_close, label=_("Close"), primary=True),
        move("reject", (F.OPEN, F.ANALYSED), F.REJECTED, by=(PR, OD), note=True, label=_("Reject")),
        move("reopen", (F.CLOSED, F.REJECTED), F.OPEN, by=(*LEADS, Role.INTERNAL_ASSESSOR), note=True, apply=_reopen,
             label=_("Open again")),
        move("return", F.CLOSED, F.OPEN, system=True, apply=_reopen, label=_("The cause or topic came back")),
        move(
            "judge", F.CLOSED, same, by=(PR, OD), requires=("effect_result",), guard=_can_be_judged, apply=_judge,
            label=_("Judge the effect"),
        ),
    ),
    stages=(F.OPEN, F.ANALYSED, F.DECIDED, F.CLOSED),
    bookkeeping={"effect": _("took over the effect"), "none": _("said that there is no alternative")},
)  # fmt: skip
