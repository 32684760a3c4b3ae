"""What was acknowledged survives kill -9; and the search for losses finds each kind of loss."""

import sqlite3
from pathlib import Path

import pytest

from bench import kill, server, world
from bench.report import goal
from tests.engines import engine


@pytest.mark.slow
@pytest.mark.skipif(engine() != "sqlite", reason="starts a server on a database of its own")
def test_nothing_acknowledged_is_lost(tmp_path: Path, prepared: str) -> None:
    made = world.filled(tmp_path, prepared, customers=3, cases=0)
    acknowledged = kill.strike(
        tmp_path, "", made.token, "/api/v1/cases", made.case_with_key, rounds=5, clients=3, say=lambda line: None
    )
    server.comity(tmp_path, "worker", "--drain")
    assert acknowledged
    assert world.lost(tmp_path, "", acknowledged) == []
    assert "intact" in server.comity(tmp_path, "verify")


def _database(folder: Path, cases: list[tuple[str, str]], lines: list[str]) -> None:
    with sqlite3.connect(folder / "comity.sqlite3") as connection:
        connection.execute("CREATE TABLE cases_case (ref, title)")
        connection.execute("CREATE TABLE records_entry (ref, kind, act)")
        connection.executemany("INSERT INTO cases_case VALUES (?, ?)", cases)
        connection.executemany("INSERT INTO records_entry VALUES (?, 'case', 'create')", [(ref,) for ref in lines])


@pytest.mark.parametrize(
    ("cases", "lines", "problems"),
    [
        ([("CMP-00001", "a"), ("CMP-00002", "b")], ["CMP-00001", "CMP-00002"], 0),
        ([("CMP-00001", "a")], ["CMP-00001"], 1),  # b is lost
        ([("CMP-00001", "a"), ("CMP-00002", "b"), ("CMP-00003", "b")], ["CMP-00001", "CMP-00002", "CMP-00003"], 1),
        ([("CMP-00001", "a"), ("CMP-00002", "b"), ("CMP-00004", "c")], ["CMP-00001", "CMP-00002", "CMP-00004"], 1),
        ([("CMP-00001", "a"), ("CMP-00002", "b")], ["CMP-00001"], 1),  # no line about the second
    ],
)
def test_losses_are_found(tmp_path: Path, cases: list[tuple[str, str]], lines: list[str], problems: int) -> None:
    _database(tmp_path, cases, lines)
    found = world.lost(tmp_path, "", {"a": "CMP-00001", "b": "CMP-00002"})
    assert len(found) == problems, found


def test_the_data_is_the_same_in_every_run() -> None:
    made = world.World("", "", "", [("CUS-00001", "CON-00001")], ["SVC-00001"])
    assert len(set(world.VOCABULARY)) == 2_000 and world.vocabulary() == world.VOCABULARY
    assert made.case_with_key("one") == made.case_with_key("one") != made.case_with_key("two")
    assert world.MARKER not in world.VOCABULARY and world.RARE not in world.VOCABULARY


def test_goals_allow_a_little_growth() -> None:
    assert goal("register", 100_000) == 16
    assert goal("register", 1_000_000) == pytest.approx(20.8)
    assert goal("search, 1 % word", 1_000_000) == 24
    assert goal("search everywhere", 100_000) == 0
