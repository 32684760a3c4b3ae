"""The first substantive answer: what the log says of it, whichever door logged it.

Only what somebody marked as substantive counts; saying that we are working on it does not stop the second clock.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop

from comity.cases.models import Case
from comity.cases.operations import people, telling
from comity.communications.models import Communication
from comity.communications.operations import about
from comity.records import write
from comity.records.trail import Actor

RULE = "complaint_response_days"


def date_first_answer(said: Communication, actor: Actor) -> None:
    """What was told earliest stops the clock, though it be logged later; where that is withdrawn, the next one does,
    and the clock runs on where there is none."""
    if said.subject_kind != "case" or not said.substantive or said.direction != Communication.Direction.OUTBOUND:
        return
    case = write.locked(Case.objects.filter(ref=said.subject_ref)).first()
    if case is None:
        return
    first, known = _first_of(case), case.answered_at
    if said.status == Communication.Status.RECORDED:
        at = min((moment for moment in (first, known) if moment), default=None)
        words = gettext_noop("%(said)s counts as the first substantive answer.")
    elif said.occurred_at == known:
        at = min((moment for moment in (first, case.resolved_at) if moment), default=None)
        words = gettext_noop("%(said)s was withdrawn and counts as the first substantive answer no longer.")
    else:
        return
    if at != known:
        rule = Actor.system(RULE, actor.via)
        write.assign(case, {"answered_at": at}, actor=rule, act="date")
        write.note_auto(case, words, rule, said=said.ref)


def _first_of(case: Case) -> datetime | None:
    """When the customer was first told something substantive; not by those complained about, and not before the
    clock began. People enter minutes."""
    begun = case.clock_from.replace(second=0, microsecond=0)
    rows = about(case, direction=Communication.Direction.OUTBOUND).filter(substantive=True, occurred_at__gte=begun)
    rows = rows.exclude(entered_by__in=people.about(case)).select_related("contact")
    return next((said.occurred_at for said in rows if telling.with_customer(case, said)), None)
