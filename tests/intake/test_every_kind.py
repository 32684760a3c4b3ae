"""What the door for tables promises, held for every kind: what was exported can be read in again."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from comity.intake.own import own_plan
from comity.records.kind import Kind, kinds
from comity.records.models import Entry
from tests.intake.conftest import run
from tests.worlds import World

KINDS = kinds()
NAMING = {"subject_ref", "target_ref", "record_ref", "requirement"}  # texts that must name something there is
FROZEN = {"acceptance", "communication", "measurement", "consent"}  # not changed afterwards
every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])


def exported(kind: Kind, path: Path) -> list[list[str]]:
    run("export", kind.name, "--out", path)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def wording(kind: Kind, field: Any) -> bool:
    """Is it free text?"""
    text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.EmailField)
    return text and not field.choices and field.name not in NAMING


@every_kind
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_read_in_again_changes_nothing(one_of_each: World, kind: Kind, form: str, tmp_path: Path) -> None:
    path, count = tmp_path / f"export.{form}", kind.model._default_manager.count()
    run("export", kind.name, "--out", path, "--format", form)
    before = Entry.objects.count()
    assert f"0 created, 0 changed, {count} unchanged, 0 refused" in run("import", kind.name, path, "--dry-run")
    assert f"0 created, 0 changed, {count} unchanged, 0 refused" in run("import", kind.name, path)
    assert Entry.objects.count() == before


@every_kind
def test_a_changed_cell_is_a_change_or_says_why_not(one_of_each: World, kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    heads, *rows = exported(kind, path)
    rules = own_plan(kind, heads, "UTC").fields
    name = next((name for name in rules if wording(kind, kind.field(name))), None)
    if name is None or not rows:
        pytest.skip("the world has none, or no words in its register")
    spot = heads.index(rules[name].column)
    rows[0][spot] = "'=Another word"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([heads, *rows])
    said = run("import", kind.name, path, "--dry-run")
    record = kind.model._default_manager.get(ref=rows[0][0])
    assert getattr(record, name) not in ("'=Another word", "=Another word")
    if kind.name in FROZEN:
        assert f"0 created, 0 changed, {len(rows) - 1} unchanged, 1 refused" in said
        return
    assert f"0 created, 1 changed, {len(rows) - 1} unchanged, 0 refused" in said
    run("import", kind.name, path)
    record.refresh_from_db()
    assert getattr(record, name) == "=Another word"
