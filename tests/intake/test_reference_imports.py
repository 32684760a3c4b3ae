"""Published files of complaints, requests and event logs: every row lands or is refused, and the counts agree."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import F

from comity.accounts.models import Unit
from comity.cases.models import Case
from comity.intake.models import Import
from comity.records.models import Entry
from tests.intake.conftest import run

NEW_YORK = ZoneInfo("America/New_York")
pytestmark = [pytest.mark.reference, pytest.mark.django_db]


def files(folder: Path, *needed: str, without: tuple[str, ...] = ()) -> Iterator[Path]:
    """The tables that have these columns; found by content, because names differ from folder to folder."""
    for path in sorted(folder.glob("*/*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
            columns = next(csv.reader(text))
        if set(needed) <= set(columns) and not set(without) & set(columns):
            yield path


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def facts(folder: Path, path: Path) -> dict[str, Any]:
    """What is known of a file, under the longest beginning of its name."""
    known: dict[str, Any] = json.loads((folder / "facts.json").read_text("utf-8"))
    names = [name for name in known if path.name.startswith(name)]
    assert names, f"facts.json says nothing about {path.name}"
    found: dict[str, Any] = known[max(names, key=len)]
    return found


def alone(paths: Iterator[Path]) -> Iterator[Path]:
    """File by file, each on an empty desk: two files may speak of the same complaint."""
    for path in paths:
        with transaction.atomic():
            yield path
            transaction.set_rollback(True)


def brought(path: Path) -> Import:
    run("import", "case", path)
    return Import.objects.latest("pk")


def test_reference_cfpb(reference_data: Path, unit: Unit) -> None:
    """Four forms of dates, missing columns, words for nothing, rows that were sent before they were received."""
    found = list(files(reference_data, "Date received", "Company response to consumer"))
    assert found
    for path in alone(iter(found)):
        told, before = facts(reference_data, path), Case.objects.count()
        done = brought(path)
        assert (done.created, done.refused) == (told["rows"], 0)
        assert Case.objects.count() - before == told["rows"]
        cases = Case.objects.order_by("-pk")[: told["rows"]]
        inside = Case.objects.filter(pk__in=[case.pk for case in cases])
        assert inside.filter(breached=True).count() == told["timely_no"]
        assert done.flagged == told["days_received_to_sent"]["negative"]
        days = sorted(at.astimezone(NEW_YORK).date().isoformat() for at in inside.values_list("received_at", flat=True))
        assert (days[0], days[-1]) == (told["first_received"], told["last_received"])
        assert inside.values("conduct").distinct().count() == told["companies"]
        waiting = told["company_response"].get("In progress", 0)
        assert inside.exclude(status="closed").count() == waiting
        assert inside.filter(channel="web_form").count() == told["submitted_via"].get("Web", 0)
        again = brought(path)
        assert (again.created, again.updated, again.unchanged) == (0, 0, told["rows"])


def test_reference_narratives(reference_data: Path, unit: Unit) -> None:
    for path in alone(files(reference_data, "Product", "Consumer complaint narrative", without=("Date received",))):
        told = facts(reference_data, path)
        assert brought(path).created == told["rows"]
        found = Counter(Case.objects.values_list("service__name", flat=True))
        assert found == Counter(told["products"])
        assert max(map(len, Case.objects.values_list("description", flat=True))) == told["longest_narrative_chars"]


def test_reference_nyc311(reference_data: Path, unit: Unit) -> None:
    for path in alone(files(reference_data, "unique_key", "complaint_type")):
        told = facts(reference_data, path)
        before = set(Case.objects.values_list("pk", flat=True))
        done = brought(path)
        assert (done.created, done.refused) == (told["rows"], 0)
        inside = Case.objects.exclude(pk__in=before)
        assert inside.filter(status="closed").count() == told["status"]["Closed"]
        assert inside.filter(closed_at__isnull=False).count() >= told["with_closed_date"]
        assert inside.values("topic").distinct().count() == told["complaint_types"]
        assert inside.values("service").distinct().count() <= told["agencies"]


def test_reference_chinese_messages(reference_data: Path, unit: Unit) -> None:
    for path in alone(files(reference_data, "留言编号", "留言详情")):
        told, source = facts(reference_data, path), rows(path)
        before = set(Case.objects.values_list("pk", flat=True))
        done = brought(path)
        assert (done.created, done.refused, done.flagged) == (told["rows"], 0, told.get("reply_before_message", 0))
        inside = Case.objects.exclude(pk__in=before)
        if "答复时间" in source[0]:
            days = [(c.closed_at - c.received_at).total_seconds() / 86400 for c in inside if c.closed_at]
            assert len(days) == told["rows"]
            assert sum(day <= 15 for day in days) == told["replied_within_15_calendar_days"]
            assert max(days) == pytest.approx(told["reply_days_max"], abs=1e-3)
        else:
            assert inside.values("customer").distinct().count() == told["users"]
        complained = inside.filter(title__contains="投诉")
        assert complained.exclude(classification="complaint").count() == 0
        assert inside.values("classification").distinct().count() >= 3


def test_reference_reviews(reference_data: Path, unit: Unit) -> None:
    for path in alone(files(reference_data, "label", "review", "set")):
        told, source = facts(reference_data, path), rows(path)
        done = brought(path)
        empty = sum(not row["review"].strip() for row in source)
        assert (done.created, done.refused) == (told["rows"] - empty, empty)


@pytest.mark.slow
def test_reference_incidents(reference_data: Path, unit: Unit) -> None:
    """Events become the history of their incident: one line of the trail each, at the time of the source."""
    for path in alone(files(reference_data, "number", "incident_state", "made_sla")):
        told = facts(reference_data, path)
        done = brought(path)
        assert (done.created, done.rows, done.refused) == (told["incidents"], told["events"], 0)
        assert Entry.objects.filter(kind="case").count() == told["incidents"] + told["events"]
        assert Case.objects.filter(resolved_at__isnull=True).count() == told["resolved_at_missing"]
        assert Case.objects.filter(reopen_count__gt=0).count() == told["incidents_reopened"]
        assert Case.objects.filter(resolved_at__lt=F("received_at")).count() == told["resolved_before_opened"]
        words = {"1": "critical", "2": "major", "3": "normal", "4": "minor"}
        found = Counter(Case.objects.values_list("severity", flat=True))
        assert found == {words[key]: count for key, count in told["priority_last_event"].items()}
        for made, count in told["made_sla_last_event"].items():
            assert Case.objects.filter(description__contains=f"made_sla {made}").count() == count
        for entry in Entry.objects.filter(kind="case").exclude(act="create").order_by("-pk")[:50]:
            assert entry.via == "import" and entry.happened_at < entry.at


@pytest.mark.slow
def test_reference_other_event_logs(reference_data: Path, unit: Unit) -> None:
    logs = [*files(reference_data, "caseid", "task"), *files(reference_data, "Activity", "case:concept:name")]
    for path in alone(iter(logs)):
        told = facts(reference_data, path)
        done = brought(path)
        assert (done.created, done.rows, done.refused) == (told["cases"], told["events"], 0)
