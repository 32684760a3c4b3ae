"""What the register of cases can be asked so that every number of the figures opens exactly its records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.cases.figures.facts import OPEN, begin_of, counted, matters
from comity.cases.models.choices import CloseGround
from comity.cases.rules.deadlines import Figure
from comity.records.kind import Asked

STANDINGS = (
    (Figure.IN_TIME.value, _("In time")),
    (Figure.LATE.value, _("Late")),
    (Figure.OPEN.value, _("Open, in time")),
    (Figure.OPEN_LATE.value, _("Open, late")),
    (Figure.WAITING.value, _("Waited for an improvement")),
)
STAGES = (
    ("acknowledged", _("Acknowledged")),
    ("assessed", _("Assessed")),
    ("answered", _("Substantive answer")),
    ("resolved", _("Resolved")),
    ("closed", _("Closed")),
)

PROMISED = {
    "acknowledged": (_("Acknowledged"), "ack_due_at"),
    "answered": (_("Substantive answer"), "answer_due_at"),
    "resolved": (_("Resolved"), "resolve_due_at"),
}
"""The steps that are promised until a date, and where that stands."""
STEPS = tuple((step, label) for step, (label, _due) in PROMISED.items())


def kept(step: str) -> Q:
    """Done by the date that was promised; a miss is not undone by a clock that began anew."""
    in_time = Q(**{f"{step}_at__lte": F(PROMISED[step][1])})
    return in_time & Q(breached=False) if step == "resolved" else in_time


def missed(step: str) -> Q:
    """Done after it."""
    late = Q(**{f"{step}_at__gt": F(PROMISED[step][1])})
    return late | Q(resolved_at__isnull=False, breached=True) if step == "resolved" else late


def standing(value: str) -> Q:
    """How a complaint counts on the resolution clock, asked now and stored nowhere; as `deadlines.figure` says it."""
    waited = Q(not_solvable_within_level=True, explained_at__isnull=False, breached=False)
    if value == Figure.WAITING:
        return waited
    ended = Q(resolved_at__isnull=False) | Q(closed_at__isnull=False)
    missed = Q(resolved_at__gt=F("resolve_due_at"))
    missed |= Q(resolved_at__isnull=True, closed_at__gt=F("resolve_due_at"))
    late = Q(breached=True) | Q(resolve_due_at__lt=timezone.now()) & ~ended | ended & missed
    found = {
        Figure.IN_TIME.value: ended & ~late, Figure.LATE.value: ended & late,
        Figure.OPEN.value: ~ended & ~late, Figure.OPEN_LATE.value: ~ended & late,
    }[value]  # fmt: skip
    return found & ~waited


def _from(column: str) -> Callable[[str], Q]:
    return lambda text: Q(**{f"{column}__gte": begin_of(date.fromisoformat(text))})


def _to(column: str) -> Callable[[str], Q]:
    return lambda text: Q(**{f"{column}__lt": begin_of(date.fromisoformat(text) + timedelta(days=1))})


def _left(value: str) -> Q:
    return matters() & Q(close_ground=CloseGround.RECLASSIFIED)


ASKED = (
    Asked("standing", _("Standing on the clock"), "choice", standing, STANDINGS),
    Asked(
        "reached", _("Stage reached"), "choice", lambda value: Q(**{f"{value}_at__isnull": False}), STAGES, quiet=True
    ),
    Asked("unresolved", _("Not resolved"), "flag", lambda value: Q(status__in=OPEN)),
    Asked("reopened", _("Reopened"), "flag", lambda value: Q(reopen_count__gt=0)),
    Asked("escalated", _("Escalated"), "flag", lambda value: Q(escalation_level__gt=0)),
    Asked("in_figures", _("In the figures"), "flag", lambda value: counted(), quiet=True),
    Asked("left_figures", _("Left the figures"), "flag", _left, quiet=True),
    Asked("day_from", _("Day of receipt from"), "date", _from("received_at"), quiet=True),
    Asked("day_to", _("Day of receipt to"), "date", _to("received_at"), quiet=True),
    Asked("left_from", _("Day of reclassification from"), "date", _from("reclassified_at"), quiet=True),
    *(Asked(f"{step}_from", _("Done from"), "date", _from(f"{step}_at"), quiet=True) for step in PROMISED),
    Asked("kept", _("Done in time"), "choice", kept, STEPS, quiet=True),
    Asked("missed", _("Done late"), "choice", missed, STEPS, quiet=True),
    Asked("left_to", _("Day of reclassification to"), "date", _to("reclassified_at"), quiet=True),
)
