"""An import that is killed with -9 goes on where it was, and every row is there exactly once."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engines import engine

ROOT = Path(__file__).resolve().parents[2]
ROWS = 3000


def command(data: Path, *words: str) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {
        "COMITY_DATA": str(data), "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "comity.config.settings",
        "COMITY_SQLITE_SYNCHRONOUS": "NORMAL",
    }  # fmt: skip
    words = (sys.executable, "-m", "django", *words)
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def done(data: Path, *words: str) -> str:
    process = command(data, *words)
    out, _none = process.communicate(timeout=300)
    assert process.returncode == 0, out
    return out


def number(data: Path, question: str) -> int:
    connection = sqlite3.connect(data / "comity.sqlite3", timeout=20)
    try:
        return int(connection.execute(question).fetchone()[0])
    finally:
        connection.close()


@pytest.mark.slow
@pytest.mark.skipif(engine() != "sqlite", reason="works on a file of its own")
def test_a_killed_import_is_taken_up_again(tmp_path: Path, prepared: str, table: Callable[..., Path]) -> None:
    data = tmp_path
    unit = "from comity.accounts.models import Unit; Unit(name='Provider').save()"
    done(data, "shell", "--no-imports", "-c", unit)
    path = table(("name",), *((f"Customer {n}",) for n in range(ROWS)))
    count = "SELECT count(*) FROM parties_customer"
    for words in ((), ("--resume",)):
        before = number(data, count)
        process = command(data, "import", "customer", str(path), "--batch", "20", *words)
        deadline = time.monotonic() + 120
        while number(data, count) < before + 200 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert before < number(data, count) < ROWS
    out = done(data, "import", "customer", str(path), "--resume")
    assert "Going on after record" in out and f"{ROWS} created" in out
    assert number(data, count) == number(data, "SELECT count(DISTINCT name) FROM parties_customer") == ROWS
    assert number(data, "SELECT value FROM records_counter WHERE prefix = 'CUS'") == ROWS
    assert number(data, "SELECT count(*) FROM records_entry WHERE kind = 'customer'") == ROWS
    assert number(data, "SELECT count(*) FROM intake_sourcekey") == ROWS
    assert f"{ROWS} waiting" in done(data, "verify")
