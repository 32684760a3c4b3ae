"""What an installation can be told, and what it refuses."""

import stat
from pathlib import Path

import pytest

from comity.config import environment as env


def test_a_flag_is_yes_or_no_and_never_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "Yes")
    assert env.flag("X") is True
    monkeypatch.setenv("X", "off")
    assert env.flag("X", default=True) is False
    monkeypatch.setenv("X", "maybe")
    with pytest.raises(env.Misconfigured, match="X must be yes or no"):
        env.flag("X")


def test_numbers_and_words_have_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "")
    assert env.number("X", 7) == 7
    assert env.words("X", ["a"]) == ["a"]
    monkeypatch.setenv("X", "a, b c")
    assert env.words("X") == ["a", "b", "c"]
    with pytest.raises(env.Misconfigured):
        env.number("X", 7)


def test_the_secret_is_made_once_and_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret.key"
    first = env.secret("X", file)
    assert len(first) > 50
    assert env.secret("X", file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    monkeypatch.setenv("X", "given")
    assert env.secret("X", file) == "given"


def test_sqlite_beside_the_files_is_the_default(tmp_path: Path) -> None:
    database = env.database("", tmp_path)
    assert database["NAME"] == str(tmp_path / "comity.sqlite3")
    assert database["ENGINE"] == "comity.config.sqlite3"
    assert "synchronous=FULL" in database["OPTIONS"]["init_command"]
    assert database["CONN_MAX_AGE"] is None


def test_a_folder_with_blanks_and_umlauts_works(tmp_path: Path) -> None:
    folder = tmp_path / "Meine Äpfel 100% # ?"
    assert env.database("", folder)["NAME"] == str(folder / "comity.sqlite3")


def test_postgresql_by_address_or_socket(tmp_path: Path) -> None:
    database = env.database("postgresql://us%40er:pa%2Fss@db.example:6432/comity?sslmode=require", tmp_path)
    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("us@er", "pa/ss", "comity")
    assert (database["HOST"], database["PORT"]) == ("db.example", "6432")
    assert database["OPTIONS"] == {"sslmode": "require", "options": "-c jit=off"}
    socket = env.database("postgresql://postgres:@/postgres?host=/run/pg", tmp_path)
    assert socket["HOST"] == "/run/pg"


def test_other_databases_are_refused(tmp_path: Path) -> None:
    with pytest.raises(env.Misconfigured, match="mysql"):
        env.database("mysql://x/y", tmp_path)
