"""SQLite's writers take turns: who waits is not overtaken, and nobody waits for ever."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from comity.config import environment

pytestmark = pytest.mark.django_db  # lets connections open
BUSY = """
import sys, time
from django.conf import settings
settings.configure(DATABASES={})
from pathlib import Path
from comity.config import environment
from django.db.utils import ConnectionHandler
database = ConnectionHandler({"default": environment.database("", Path(sys.argv[1]))})["default"]
end = time.monotonic() + float(sys.argv[3])
print("begun", flush=True)
while time.monotonic() < end:
    database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    database.cursor().execute("UPDATE account SET balance = balance + 1")
    time.sleep(float(sys.argv[2]))
    database.commit()
    database.set_autocommit(True)
"""


def connect(folder: Path, **options: object) -> BaseDatabaseWrapper:
    told = environment.database("", folder)
    told["OPTIONS"] |= options
    return ConnectionHandler({"default": told})["default"]


@pytest.fixture
def database(tmp_path: Path) -> BaseDatabaseWrapper:
    made = connect(tmp_path)
    with made.cursor() as cursor:
        cursor.execute("CREATE TABLE account (balance integer)")
        cursor.execute("INSERT INTO account VALUES (0)")
    return made


def begin(database: BaseDatabaseWrapper) -> None:
    database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def busy(folder: Path, each: float, seconds: float) -> subprocess.Popen[str]:
    """Another process that writes without a pause, each transaction so many seconds long."""
    words = [sys.executable, "-W", "ignore", "-c", BUSY, str(folder), str(each), str(seconds)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "src"})
    assert process.stdout and process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize("single", [False, True])
def test_who_waits_is_not_overtaken(database: BaseDatabaseWrapper, tmp_path: Path, single: bool) -> None:
    process = busy(tmp_path, 0.03, 30)
    try:
        time.sleep(0.2)
        waits = []
        for _n in range(10):
            began = time.monotonic()
            if not single:
                begin(database)
            with database.cursor() as cursor:
                cursor.execute("UPDATE account SET balance = balance + 1")
            waits.append(time.monotonic() - began)
            if not single:
                database.commit()
                database.set_autocommit(True)
        assert sorted(waits)[5] < 0.2, waits
        assert max(waits) < 1, waits
    finally:
        process.kill()
        process.wait()


def test_a_killed_writer_holds_nobody_up(database: BaseDatabaseWrapper, tmp_path: Path) -> None:
    process = busy(tmp_path, 60, 60)
    time.sleep(0.2)
    process.kill()
    process.wait()
    began = time.monotonic()
    with database.cursor() as cursor:
        cursor.execute("UPDATE account SET balance = balance + 1")
        cursor.execute("SELECT balance FROM account")
        assert cursor.fetchone() == (1,)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("single", [False, True])
def test_nobody_waits_for_ever(database: BaseDatabaseWrapper, tmp_path: Path, single: bool) -> None:
    begin(database)
    other = connect(tmp_path, timeout=0.2)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="locked"):
        if single:
            other.cursor().execute("UPDATE account SET balance = 7")
        else:
            begin(other)
    assert 0.1 < time.monotonic() - began < 2
    database.rollback()
    database.set_autocommit(True)
    with other.cursor() as cursor:
        cursor.execute("SELECT balance FROM account")
        assert cursor.fetchone() == (0,)
