"""The sample's complaints: published extracts, with dates moved as a block so that the newest arrived lately."""

from __future__ import annotations

import csv
import gzip
import tempfile
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from comity.accounts.roles import Role
from comity.home.demonstration import Organisation
from comity.intake.models import Import
from comity.intake.tables import digest
from comity.records.bulk import create_many
from comity.records.kind import kind_named

SAMPLE = Path(__file__).with_name("sample")
MAPPING = SAMPLE / "companies.toml"
DATES = ("Date received", "Date sent to company")
Rows = list[dict[str, str]]
CUSTOMER = {"type": "agreement", "jurisdiction": "US"}
SERVICE = {"provider_kind": "supplier"}
FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y")


def _day(text: str) -> date | None:
    for form in FORMATS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _moved(path: Path, newest: date) -> tuple[list[str], Rows]:
    """Columns and rows of an extract, its dates moved so that the last receipt falls on `newest`; ISO dates."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    last = max(day for row in rows if (day := _day(row[DATES[0]])))
    distance: timedelta = newest - last

    for row in rows:
        days = {name: _day(row[name]) for name in DATES}
        moved = {name: day + distance for name, day in days.items() if day}
        if moved.get(DATES[1], newest) > newest:  # had not been sent to the company by that day
            moved.pop(DATES[1])
            row |= {DATES[1]: "", "Company response to consumer": "In progress"}
        row |= {name: day.isoformat() for name, day in moved.items()}
    return columns, rows


def _register(organisation: Organisation, extracts: list[Rows]) -> None:
    """The companies as customers and the products as services, by the person who looks after them."""
    by = organisation.actor(Role.RELATIONSHIP_MANAGER)
    for kind, column, data in (("customer", "Company", CUSTOMER), ("service", "Product", SERVICE)):
        names = dict.fromkeys(row[column].strip() for rows in extracts for row in rows)
        create_many(kind_named(kind), [{"name": name, **data} for name in names if name], actor=by)


def load_complaints(organisation: Organisation) -> None:
    """Import all extracts through the ordinary import, as the process manager: only this role takes over a past."""
    person = organisation.people[Role.PROCESS_MANAGER]
    newest = timezone.localdate() - timedelta(days=1)
    extracts = {path: _moved(path, newest) for path in sorted(SAMPLE.glob("*.csv.gz"))}
    _register(organisation, [rows for _columns, rows in extracts.values()])
    with tempfile.TemporaryDirectory() as folder:
        for path, (columns, rows) in extracts.items():
            plain = Path(folder) / path.name.removesuffix(".gz")
            with plain.open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, columns)
                writer.writeheader()
                writer.writerows(rows)
            words: Any = {"mapping": MAPPING, "person": person.email, "stdout": StringIO(), "stderr": StringIO()}
            call_command("import", "case", str(plain), **words)
            run = Import.objects.filter(sha256=digest(plain)).latest("pk")
            if run.created != len(rows):
                raise SystemExit(
                    f"comity: {len(rows)} complaints of the sample, of which {run.created} were taken over"
                )
