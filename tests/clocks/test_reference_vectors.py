"""Vectors from the test suites of nine products. Where they disagree (`policy`), our own answer is asserted."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from comity.clocks.explanation import by_local_day
from comity.clocks.rules import (
    Closure,
    Duration,
    InvalidCalendar,
    WorkingCalendar,
    due,
    elapsed,
    resolve_local,
)
from tests.clocks import walker

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / os.environ.get("COMITY_REFERENCE_DATA", "../shared/data") / "business_time"
Vector = dict[str, Any]
WEEK = {"mon": [["09:00", "17:00"]]}  # for the few vectors that need no hours


def vectors() -> list[Any]:
    files = sorted(FOLDER.glob("*.json"))
    found = [each for file in files for each in json.loads(file.read_text(encoding="utf-8")).get("vectors", [])]
    if found:
        return [pytest.param(each, id=each["id"]) for each in found]
    return [pytest.param({}, marks=pytest.mark.skip(reason=f"no reference data in {FOLDER}"), id="absent")]


def calendar(vector: Vector) -> WorkingCalendar:
    dated = [
        {date.fromisoformat(day): spans for day, spans in vector.get(key, {}).items()}
        for key in ("date_hours", "breaks")
    ]
    return WorkingCalendar(
        vector["timezone"],
        vector["hours"] or WEEK,
        frozenset(map(date.fromisoformat, vector.get("holidays", ()))),
        *dated,
        closures=[
            Closure(date.fromisoformat(rule["from"]), date.fromisoformat(rule["to"]), rule["every_year"], rule["name"])
            for rule in vector.get("holiday_rules", ())
        ],
    )


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def pairs(items: list[list[str]]) -> list[tuple[datetime, datetime]]:
    return [(instant(a), instant(b)) for a, b in items]


def sla_elapsed(v: Vector) -> dict[str, float]:
    spent = elapsed(calendar(v), instant(v["start"]), instant(v["end"]), pairs(v.get("pauses", []))) / 60
    return {"elapsed_minutes": spent, "remaining_minutes": v["target_minutes"] - spent}


def sla_elapsed_relative(v: Vector) -> float:
    created = datetime(2026, 6, 1, tzinfo=UTC)
    (born, died), (opened, ended) = v["life_minutes"], v["window_minutes"]
    a, b = (created + timedelta(minutes=each) for each in (max(born, opened), min(died, ended)))
    stops = [tuple(created + timedelta(minutes=each) for each in pause) for pause in v["pauses_minutes"]]
    return elapsed(calendar(v), a, b, stops) / 60 if a < b else 0  # type: ignore[arg-type]


def split_pause(v: Vector) -> dict[str, list[list[str]]]:
    zone = ZoneInfo(v["timezone"])
    days = {}
    for day, a, b in by_local_day(instant(v["start"]), instant(v["end"]), zone):
        first, last = (f"{each.astimezone(zone):%H:%M}" for each in (a, b))
        ends_today = b.astimezone(zone).date() == day
        days[day.isoformat()] = [[first, last if ends_today else "24:00"]]
    return days


def rejected(v: Vector) -> bool:
    try:
        WorkingCalendar(v["timezone"], v["hours"], date_hours={}, breaks={})
    except InvalidCalendar:
        return True
    return False


OPERATIONS: dict[str, Callable[[Vector], Any]] = {
    "add": lambda v: calendar(v).add(instant(v["start"]), v["seconds"]),
    "sub": lambda v: calendar(v).sub(instant(v["start"]), v["seconds"]),
    "between": lambda v: calendar(v).between(instant(v["start"]), instant(v["end"])),
    "is_open": lambda v: calendar(v).is_open(instant(v["start"])),
    "next_open": lambda v: calendar(v).next_open(instant(v["start"])),
    "prev_open": lambda v: calendar(v).prev_open(instant(v["start"])),
    "segments": lambda v: list(
        islice(calendar(v).segments(instant(v["start"]), instant(v.get("end", "9000-01-01"))), v.get("count"))
    ),
    "add_days": lambda v: calendar(v).add_days(instant(v["start"]), v["days"], end_of_day=v.get("end_of_day", False)),
    "add_working_dates": lambda v: calendar(v).add_working_dates(date.fromisoformat(v["start"]), v["days"]),
    "working_days_between": lambda v: calendar(v).working_days_between(
        date.fromisoformat(v["start"]), date.fromisoformat(v["end"])
    ),
    "next_working_days": lambda v: calendar(v).next_working_days(date.fromisoformat(v["start"]), v["count"]),
    "is_working_day": lambda v: calendar(v).is_working_day(date.fromisoformat(v["start"][:10])),
    "is_holiday": lambda v: calendar(v).is_holiday(date.fromisoformat(v["start"][:10])),
    "resolve_local": lambda v: resolve_local(datetime.fromisoformat(v["local"]), ZoneInfo(v["timezone"])),
    "sla_due": lambda v: due(
        calendar(v), instant(v["start"]), Duration(v["seconds"] / 3600, "bh"), pairs(v.get("pauses", []))
    ),
    "sla_elapsed": sla_elapsed,
    "sla_elapsed_relative": sla_elapsed_relative,
    "split_pause_by_local_day": split_pause,
    "reject_hours": rejected,
}

# What their answer becomes under our policy, found without our own arithmetic.


def keeps_closing(v: Vector, theirs: datetime) -> datetime:
    """The closing before the opening that they moved on to."""
    is_open, moment = walker.open_by_the_wall(v), theirs
    while not is_open(moment - walker.MINUTE):
        moment -= walker.MINUTE
    return moment


def negative(v: Vector, theirs: float) -> float:
    return -walker.working_seconds(walker.open_by_the_wall(v), instant(v["end"]), instant(v["start"]))


def real_time(v: Vector, theirs: float) -> Any:
    if v["op"] != "between":
        pytest.skip(f"nothing independent to compare {v['op']} with under dst_wall_clock")
    return walker.working_seconds(walker.open_by_the_wall(v), instant(v["start"]), instant(v["end"]))


def with_seconds(v: Vector, theirs: datetime) -> datetime:
    return theirs + timedelta(seconds=instant(v["start"]).second)


def without_roll(v: Vector, theirs: date) -> date:
    """From a day without work the count begins at once, so we are one working date nearer."""
    start, step = date.fromisoformat(v["start"]), 1 if v["days"] >= 0 else -1
    if walker.working_dates(v, start - timedelta(days=1), start):
        return theirs
    nearer = theirs - timedelta(days=step)
    while not walker.working_dates(v, nearer - timedelta(days=1), nearer):
        nearer -= timedelta(days=step)
    return nearer


def without_start(v: Vector, theirs: int) -> int:
    return walker.working_dates(v, date.fromisoformat(v["start"]), date.fromisoformat(v["end"]))


def literal_2359(v: Vector, theirs: Any) -> Any:
    is_open = walker.open_by_the_wall(v)
    if v["op"] == "between":
        return walker.working_seconds(is_open, instant(v["start"]), instant(v["end"]))
    if v["op"] == "add":
        return walker.deadline(is_open, instant(v["start"]), v["seconds"])
    pytest.skip(f"nothing independent to compare {v['op']} with under 2359_means_end_of_day")


DECLINED: dict[str, Callable[[Vector, Any], Any]] = {
    "boundary_rolls_to_next_opening": keeps_closing,
    "reversed_is_zero": negative,
    "dst_wall_clock": real_time,
    "truncate_to_minute": with_seconds,
    "days_roll_from_non_working_start": without_roll,
    "start_inclusive": without_start,
    "2359_means_end_of_day": literal_2359,
}
INSTANTS = ("add", "sub", "next_open", "prev_open", "add_days", "resolve_local", "sla_due")
DATES = ("add_working_dates",)


def expected(v: Vector) -> Any:
    found = v["expected"]
    if v["op"] in INSTANTS:
        found = instant(found)
    elif v["op"] in DATES:
        found = date.fromisoformat(found)
    elif v["op"] == "next_working_days":
        found = list(map(date.fromisoformat, found))
    elif v["op"] == "segments":
        found = pairs(found)
    decline = DECLINED.get(v.get("policy", ""))
    return decline(v, found) if decline else found


@pytest.mark.reference
@pytest.mark.parametrize("vector", vectors())
def test_reference_vector(vector: Vector) -> None:
    assert OPERATIONS[vector["op"]](vector) == expected(vector), vector.get("note", "")
