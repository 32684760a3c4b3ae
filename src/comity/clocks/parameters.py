"""Process parameters: what an organization may set, within which limits, and the value in force at a moment.

The table holds those of handling complaints (ISO/IEC 20000-1:2011 7.1, CSMS:2003 10, ISO 10002); a higher room adds its
own with `declare`. Loosening a value never rewrites the past: each setting is a row with its time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.clocks.models import Parameter
from comity.clocks.rules import Duration

UNITS = {
    "d": _("calendar days"),
    "h": _("clock hours"),
    "bd": _("business days"),
    "bh": _("business hours"),
    "n": _("number"),
    "p": _("proportion"),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What may be set: the default, the unit, the limits, and what it means."""

    name: str
    default: float
    unit: str
    minimum: float
    maximum: float
    meaning: str | Promise

    def value(self, number: float) -> Duration | float:
        return number if self.unit in ("n", "p") else Duration.parse(f"{number} {self.unit}")


DEFINITIONS: dict[str, Definition] = {}


def declare(name: str, default: float, unit: str, minimum: float, maximum: float, meaning: str | Promise) -> None:
    """Add a parameter that a room needs."""
    if name in DEFINITIONS or unit not in UNITS or not minimum <= default <= maximum:
        raise ValueError(f"parameter {name} is declared twice, or with a wrong unit or default")
    DEFINITIONS[name] = Definition(name, default, unit, minimum, maximum, meaning)


_held: ContextVar[dict[str, float] | None] = ContextVar("parameters_held", default=None)


@contextmanager
def held() -> Iterator[None]:
    """Read the values in force once for a whole batch."""
    token = _held.set(_stored())
    try:
        yield
    finally:
        _held.reset(token)


def parameter(name: str, as_of: datetime | None = None) -> Duration | float:
    """The value now, or the one that was in force at an earlier time."""
    definition = DEFINITIONS[name]
    known = None if as_of else _held.get()
    stored = known if known is not None else _stored(as_of)
    return definition.value(stored.get(name, definition.default))


def limit(name: str, as_of: datetime | None = None) -> Duration:
    """A parameter that is a duration."""
    found = parameter(name, as_of)
    return found if isinstance(found, Duration) else Duration.parse(f"{found} {DEFINITIONS[name].unit}")


def number(name: str, as_of: datetime | None = None) -> float:
    """A parameter as a bare number, whatever its unit."""
    found = parameter(name, as_of)
    return found.value if isinstance(found, Duration) else found


def in_force(as_of: datetime) -> dict[str, float]:
    """All of them as bare numbers, as they were at that moment."""
    stored = _stored(as_of)
    return {name: stored.get(name, definition.default) for name, definition in DEFINITIONS.items()}


def change(name: str, value: float, *, by: str = "", reason: str = "") -> Parameter:
    """Set a parameter from now on, within its limits."""
    definition = DEFINITIONS[name]
    if not definition.minimum <= value <= definition.maximum:
        limits = {"from": definition.minimum, "to": definition.maximum}
        raise ValidationError({"value": _("Must lie between %(from)g and %(to)g.") % limits})
    return Parameter.objects.create(name=name, value=value, changed_by=by, reason=reason)


def _stored(as_of: datetime | None = None) -> dict[str, float]:
    """What was set; nearly every page asks for now, hence in plain words. The last one wins."""
    if as_of is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, value FROM clocks_parameter ORDER BY changed_at, id")
            return dict(cursor.fetchall())
    rows = Parameter.objects.filter(changed_at__lte=as_of).order_by("changed_at", "pk")
    return dict(rows.values_list("name", "value"))


for _row in (
    ("complaint_record_hours", 4, "bh", 1, 40, _("Time from receipt to a registered case or requirement.")),
    ("complaint_ack_hours", 8, "bh", 1, 40, _("Time to acknowledge, classify and assign, for normal severity.")),
    ("complaint_response_days", 3, "bd", 1, 10, _("Time to the first substantive answer, for normal severity.")),
    ("complaint_triage_days", 2, "bd", 1, 10, _("Time to set severity and consequence.")),
    ("complaint_investigate_days", 5, "bd", 1, 20, _("Time to have an investigator and an investigation entry.")),
    ("complaint_resolve_days", 10, "bd", 1, 60, _("Time to a resolution, for normal severity.")),
    ("complaint_wait_days", 10, "bd", 1, 30, _("Longest pause of the resolution clock while the customer is asked.")),
    ("complaint_update_days", 5, "bd", 1, 20, _("Longest silence towards the customer of an open complaint.")),
    ("complaint_confirm_days", 5, "bd", 1, 30, _("Time the customer has to confirm or reject a resolution.")),
    ("complaint_notify_days", 2, "bd", 1, 10, _("Time to send a notice that is due or asked for.")),
    (
        "complaint_explain_days",
        2,
        "bd",
        1,
        10,
        _("Time to explain why a case cannot be solved within the service level."),
    ),
    (
        "complaint_reopen_days",
        30,
        "d",
        1,
        365,
        _("Time after closing in which a complaint is reopened, not re-registered."),
    ),
    ("response_share", 0.95, "p", 0.5, 1, _("Share of complaints that must have been answered in time.")),
    ("escalation_delay_hours", 4, "bh", 1, 16, _("Longest time between a trigger and the escalation.")),
    (
        "escalation_silence_days",
        2,
        "bd",
        1,
        10,
        _("Time a level has to answer before the escalation goes one level up."),
    ),
    ("escalation_warn_share", 0.8, "p", 0.1, 1, _("Share of the resolution clock after which level 1 is told.")),
    ("escalation_top_factor", 1.5, "n", 1, 5, _("Multiple of the resolution clock after which level 3 is told.")),
    ("repeat_count", 3, "n", 2, 10, _("Complaints on one service and topic that make it repeated.")),
    ("repeat_days", 180, "d", 31, 365, _("Period over which repetition is counted, closed ones included.")),
    ("request_raise_days", 10, "bd", 1, 30, _("Time to file the improvement that a case or review calls for.")),
    ("inbound_reply_days", 2, "bd", 1, 10, _("Time to answer or acknowledge an inbound communication.")),
    ("feedback_reply_days", 30, "d", 1, 92, _("Time to answer the author of a suggestion.")),
    ("complaint_analysis_interval_days", 92, "d", 31, 365, _("Complaints and their handling are analysed this often.")),
    ("complaint_report_interval_days", 92, "d", 31, 365, _("A complaint report is issued at least this often.")),
    ("max_open_per_handler", 15, "n", 1, 100, _("Open complaints one handler may hold.")),
):
    declare(*_row)
