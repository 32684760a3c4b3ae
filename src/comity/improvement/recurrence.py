"""A cause that comes back within the window reopens what had closed over it, and says so (CSMS:2003 11.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.clocks.parameters import number
from comity.improvement.models import Finding, Improvement
from comity.records import write
from comity.records.write import Actor

RULE = "same_cause"
FOUND = gettext_noop("The same cause was found again: %(ref)s.")
EFFECT = gettext_noop("The effect was judged on %(ref)s.")
DONE = (Improvement.Status.IMPLEMENTED, Improvement.Status.EFFECTIVE, Improvement.Status.CLOSED)


def same_cause(finding: Finding) -> QuerySet[Finding]:
    """Other findings with a cause of the same kind in the same thing; none where either is not said."""
    if not (finding.cause_category and finding.subject_ref):
        return Finding.objects.none()
    same = Finding.objects.filter(cause_category=finding.cause_category, subject_ref=finding.subject_ref)
    return same.exclude(pk=finding.pk).exclude(status=Finding.Status.REJECTED)


def since_done(improvement: Improvement) -> QuerySet[Finding]:
    """Findings of the cause that the improvement was to end, found after it was done."""
    source = Finding.objects.filter(ref=improvement.source_ref).first() if improvement.source_ref else None
    if source is None or improvement.implemented_on is None:
        return Finding.objects.none()
    return same_cause(source).filter(opened_at__date__gt=improvement.implemented_on)


def come_back(finding: Finding, actor: Actor) -> None:
    """The cause of this finding is known now: what had closed over the same one within the window begins anew."""
    rule = actor.by(RULE)
    since = finding.opened_at - timedelta(days=round(number("repeat_days")))
    for old in same_cause(finding).filter(status=Finding.Status.CLOSED, closed_at__gte=since):
        _again(write.transition(old, "return", actor=rule), finding, rule)
        write.link(finding, "repeats", old, actor=rule)
        for done in Improvement.objects.filter(source_ref=old.ref, status__in=DONE):
            _again(write.transition(done, "recur", actor=rule), finding, rule)


def _again(record: Any, finding: Finding, rule: Actor) -> None:
    write.note_auto(record, FOUND, rule, ref=finding.ref)


def effect_known(improvement: Improvement, actor: Actor) -> None:
    """What was judged on the improvement is taken over to the finding that it came from."""
    for source in Finding.objects.filter(ref=improvement.source_ref) if improvement.source_ref else ():
        values = {
            "effect_result": improvement.effect_conclusion,
            "effect_date": timezone.localdate(improvement.judged_at),
            "effect_reviewer": improvement.judged_by,
        }
        rule = actor.by("effect_of_improvement")
        write.assign(source, values, actor=rule, act="effect")
        write.note_auto(source, EFFECT, rule, ref=improvement.ref)
