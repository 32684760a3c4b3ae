"""The programme of assessments: each section of a standard with its risk level, how often it is due, last and next.

The frequency follows from the risk level for customers and organisation (CSMS:2003 16.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from comity.compliance.catalogue import standards
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Assessment
from comity.compliance.operations.assessing import covering, sections
from comity.records.facts import Rows

EVERY = {"high": "assess_high_days", "medium": "assess_medium_days", "low": "assess_low_days"}
LIVE = ~Q(status=Assessment.Status.CANCELLED)


@dataclass(frozen=True)
class Section:
    """One section as the programme shows it."""

    standard: str
    name: str
    risk: str
    every: int | None  # days
    last: Assessment | None
    next: Assessment | None
    due: date | None  # the day until which it must be assessed anew; None where it never was or has no level

    @property
    def level(self) -> str:
        """The risk level in words."""
        return str(Assessment.Risk(self.risk).label) if self.risk else ""

    @property
    def title(self) -> str:
        """What the standard calls it."""
        return standards()[self.standard].section(self.name)

    @property
    def late(self) -> bool:
        """Never assessed, without a level, or past its day."""
        return self.due is None or self.due < timezone.localdate()

    @property
    def unplanned(self) -> bool:
        """No assessment is dated in time."""
        planned = self.next.planned_on if self.next else None
        return planned is None or (self.due is not None and planned > self.due)


def programme(code: str, inquiry: Inquiry) -> list[Section]:
    """All sections of a standard. Assessments of the whole standard count for each of them."""
    if code not in standards():
        return []
    return [_section(code, name, inquiry) for name in sections(code)]


def _section(code: str, name: str, inquiry: Inquiry) -> Section:
    rows = Assessment.objects.filter(LIVE, covering(code, name))
    newest = rows.exclude(risk_level="").order_by("-pk").first()
    risk = newest.risk_level if newest else ""
    last = rows.filter(concluded_at__lte=inquiry.as_of).order_by("-concluded_at").first()
    begun = (Assessment.Status.PLANNED, Assessment.Status.IN_PROGRESS)
    following = rows.filter(status__in=begun, planned_on__isnull=False).order_by("planned_on").first()
    every = int(inquiry.number(EVERY[risk])) if risk else None
    done = last.concluded_at if last else None
    due = timezone.localtime(done).date() + timedelta(days=every) if done and every else None
    return Section(code, name, risk, every, last, following, due)


def areas(rows: Rows) -> Rows:
    """The areas that internal assessments cover, each by its newest assessment."""
    live = rows.filter(LIVE, type=Assessment.Type.INTERNAL).exclude(covers="").order_by()
    later = live.filter(covers=OuterRef("covers"), pk__gt=OuterRef("pk"))
    return live.filter(~Exists(later))


def assessed_too_long_ago(rows: Rows, as_of: datetime, days: dict[str, float]) -> Rows:
    """Those areas without a risk level, or not assessed in the time that their level gives."""
    wrong: Any = Q(risk_level="")
    whole = Q(standard=OuterRef("standard"), area="", process="")
    for level, limit in days.items():
        held = Assessment.objects.filter(
            Q(covers=OuterRef("covers")) | whole, LIVE, type=Assessment.Type.INTERNAL,
            concluded_at__gt=as_of - timedelta(days=limit), concluded_at__lte=as_of,
        )  # fmt: skip
        wrong |= Q(risk_level=level) & ~Exists(held)
    return rows.filter(wrong)
