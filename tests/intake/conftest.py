"""A provider with one unit, a person who may register customers, and tables to import."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from comity.accounts.models import Grant, Person, Unit
from comity.accounts.roles import Role
from tests.api.of_each import each  # noqa: F401
from tests.worlds import world  # noqa: F401


@pytest.fixture
def unit(db: None) -> Unit:
    return Unit.objects.create(name="Provider")


@pytest.fixture
def manager(unit: Unit) -> Person:
    """May register customers."""
    person = Person.objects.create_user("manager@example.org", "a long enough secret", name="Manager")
    Grant.objects.create(person=person, unit=unit, role=Role.RELATIONSHIP_MANAGER)
    return person


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows to a CSV file."""

    def write(*rows: Any, name: str = "table.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
        return path

    return write


def failed(*words: Any) -> str:
    """What a management command says before it fails."""
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command(*map(str, words), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def run(*words: Any, **options: Any) -> str:
    """A management command's output."""
    out = io.StringIO()
    call_command(*map(str, words), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()
