"""A cause or topic that comes back within the window reopens what had closed over it, and says so (CSMS:2003 11.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.clocks.parameters import number
from comity.improvement.models import Finding, Improvement
from comity.records import write
from comity.records.write import Actor

RULE = "same_cause"
FOUND = gettext_noop("The same cause or topic was found again: %(ref)s.")
EFFECT = gettext_noop("The effect was judged on %(ref)s.")
DONE = (Improvement.Status.IMPLEMENTED, Improvement.Status.EFFECTIVE, Improvement.Status.CLOSED)


def same_matter(finding: Finding) -> QuerySet[Finding]:
    """Other findings in the same thing, with a cause of the same kind or on the same topic; none where none is said."""
    same = Q(cause_category=finding.cause_category) & ~Q(cause_category="")
    same |= Q(topic__iexact=finding.topic) & ~Q(topic="")
    found = Finding.objects.filter(same, subject_ref=finding.subject_ref).exclude(subject_ref="")
    return found.exclude(pk=finding.pk).exclude(status=Finding.Status.REJECTED)


def since_done(improvement: Improvement) -> QuerySet[Finding]:
    """Findings of the cause or topic that the improvement was to end, found after it was done."""
    source = Finding.objects.filter(ref=improvement.source_ref).first() if improvement.source_ref else None
    if improvement.implemented_on is None:
        return Finding.objects.none()
    like = source or Finding(topic=improvement.topic, subject_ref=improvement.source_ref)
    return same_matter(like).filter(opened_at__date__gt=improvement.implemented_on)


def come_back(finding: Finding, actor: Actor) -> None:
    """The cause or topic of this finding is known now: what had closed over the same within the window begins anew."""
    if not (finding.subject_ref and (finding.cause_category or finding.topic)):
        return
    rule = actor.by(RULE)
    since = finding.opened_at - timedelta(days=round(number("repeat_days")))
    found = list(same_matter(finding).filter(status=Finding.Status.CLOSED, closed_at__gte=since))
    made_for = Q(source_ref__in=[old.ref for old in found])
    if finding.topic:
        day = timezone.localdate(since)
        made_for |= Q(source_ref=finding.subject_ref, topic__iexact=finding.topic, implemented_on__gte=day)
    for old in found:
        _again(write.transition(old, "return", actor=rule), finding, rule)
        write.link(finding, "repeats", old, actor=rule)
    for done in Improvement.objects.filter(made_for, status__in=DONE):
        _again(write.transition(done, "recur", actor=rule), finding, rule)


def _again(record: Any, finding: Finding, rule: Actor) -> None:
    write.note_auto(record, FOUND, rule, ref=finding.ref)


def effect_known(improvement: Improvement, actor: Actor) -> None:
    """What was judged on the improvement is taken over to the finding that it came from.

    Where it did not help, the cause was another one: the one that was named with the judgement.
    """
    for source in Finding.objects.filter(ref=improvement.source_ref) if improvement.source_ref else ():
        values = {
            "effect_result": improvement.effect_conclusion,
            "effect_date": timezone.localdate(improvement.judged_at),
            "effect_reviewer": improvement.judged_by,
        }
        if improvement.status == Improvement.Status.ANALYSED:
            values["cause"] = improvement.analysis
        rule = actor.by("effect_of_improvement")
        write.assign(source, values, actor=rule, act="effect")
        write.note_auto(source, EFFECT, rule, ref=improvement.ref)
