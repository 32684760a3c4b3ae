"""The matrix is the one that was agreed, and its cells mean what they say."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from comity.accounts.matrix import MATRIX, OBJECTS, Permission, parse
from comity.accounts.roles import Role

ROOT = Path(__file__).resolve().parents[2]


def test_every_row_has_a_cell_for_each_of_the_thirteen_roles() -> None:
    assert len(Role) == 13
    assert all(list(cells) == list(Role) for cells in MATRIX.values())


@pytest.mark.parametrize("cell", sorted({cell for cells in MATRIX.values() for cell in cells.values()}))
def test_every_cell_can_be_read(cell: str) -> None:
    permission = parse(cell)
    assert (permission == Permission()) == (cell.strip("*") == "–")
    for verb in ("create", "edit", "read", "approve"):
        assert permission.scope(verb) in ("all", "own", "")
    if permission.edit:
        assert permission.read
    assert not permission.approve or permission.read == "all"


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("–", Permission()),
        ("–****", Permission()),
        ("R", Permission(read="all")),
        ("R**", Permission(read="all")),
        ("Ro, confirm", Permission(read="own")),
        ("Ro results", Permission(read="own")),
        ("C", Permission(create=True, read="own")),
        ("CE", Permission(create=True, edit="all", read="all")),
        ("CEo", Permission(create=True, create_own=True, edit="own", read="own")),
        ("CEA", Permission(create=True, edit="all", read="all", approve=True)),
        ("Co Ro", Permission(create=True, create_own=True, read="own")),
        ("E to acknowledged", Permission(edit="all", read="all")),
        ("E level 2", Permission(edit="all", read="all")),
        ("Eo", Permission(edit="own", read="own")),
        ("A*", Permission(read="all", approve=True)),
        ("A, judge effect", Permission(read="all", approve=True)),
        ("A frequency, close", Permission(read="all", approve=True)),
        ("R, close", Permission(read="all")),
        ("close no_agreement", Permission(read="all")),
        ("release", Permission(read="all")),
        ("propose", Permission(read="own")),
        ("contribute", Permission(read="own")),
    ],
)
def test_a_cell_means(cell: str, meaning: Permission) -> None:
    assert parse(cell) == meaning


def test_an_administrator_has_no_say_in_evidence() -> None:
    """Rule 10 of the separation of duties: only parameters and channels are theirs to write."""
    writes = {row for row, cells in MATRIX.items() if parse(cells[Role.ADMINISTRATOR]).scope("edit")}
    assert writes == {"channel", "parameters"}
    assert {row for row, cells in MATRIX.items() if parse(cells[Role.ADMINISTRATOR]).create} == writes


def test_an_auditor_changes_nothing() -> None:
    cells = [parse(cells[Role.AUDITOR]) for cells in MATRIX.values()]
    assert not any(cell.create or cell.edit or cell.approve for cell in cells)


@pytest.mark.reference
def test_the_matrix_is_that_of_the_reference(reference_data: Path) -> None:
    text = reference_data.parent / "requirements" / "process.md"
    if not text.exists():
        pytest.skip("no requirements beside the reference data")
    rows = re.findall(r"^\| (.+) \|$", text.read_text(encoding="utf-8").split("| Object | RM |")[1], re.M)
    table = [[cell.strip() for cell in row.split(" | ")] for row in rows[:]]
    table = [row for row in table if len(row) == 14]
    assert [[OBJECTS[row], *MATRIX[row].values()] for row in OBJECTS] == table


def test_the_page_of_the_docs_is_that_of_the_code() -> None:
    out = StringIO()
    call_command("docs_roles", stdout=out)
    assert out.getvalue() == (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")
