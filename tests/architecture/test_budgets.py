"""Budgets that keep the house small. Rule: lines of Python that are not blank, without migrations."""

from tests.architecture.house import MACHINERY, ROOT, modules, name

MACHINERY_LINES = 9200  # docs/adr/0012
MODULE_LINES = 400


def test_the_machinery_stays_small() -> None:
    lines = {
        room: sum(1 for path in modules(room) for line in path.read_text().splitlines() if line.strip())
        for room in MACHINERY
    }
    assert sum(lines.values()) < MACHINERY_LINES, lines


def test_no_module_is_long() -> None:
    files = [*modules(), *(ROOT / "tests").rglob("*.py"), ROOT / "comity"]
    long = {name(path): count for path in files if (count := len(path.read_text().splitlines())) > MODULE_LINES}
    assert not long
