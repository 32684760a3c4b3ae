"""Django's SQLite, whose writers take turns.

SQLite has one writer at a time, and whoever waits for its lock sleeps up to a tenth of a second between two attempts: a
busy writer overtakes it again and again, and the lock lies idle meanwhile. Here a writer first takes a lock on a file
beside the database, the turn, and gives it back as soon as it may write. So at most one waits at the gate, trying every
millisecond, and whoever has just written waits behind it. The turn guards nothing but the order: a program that
does not know it is still kept out by SQLite itself, and a killed process loses it with its files.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from typing import Any

from django.db.backends.sqlite3 import base
from django.utils import timezone

PAUSE = 0.001  # seconds between two attempts
CHANGING = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def _insist(attempt: Callable[[], Any], refused: Callable[[Exception], bool], until: float) -> None:
    """Try until it works, it fails for another reason, or the time is over."""
    while True:
        try:
            attempt()
            return
        except (OSError, sqlite3.OperationalError) as error:
            if not refused(error) or time.monotonic() > until:
                raise
        time.sleep(PAUSE)


def _busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


class DatabaseWrapper(base.DatabaseWrapper):
    """The connection. What is written outside a transaction takes its turn too."""

    blanking = False  # is an erasure at work in this transaction (records.blanking)?

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.execute_wrappers.append(self._in_turn)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        made.create_function("comity_now", 0, lambda: str(self.ops.adapt_datetimefield_value(timezone.now())))
        made.create_function("comity_blanking", 0, lambda: self.blanking)
        return made

    @property
    def _patience(self) -> float:
        return float(self.settings_dict["OPTIONS"].get("timeout", 5))

    @contextmanager
    def _turn(self, until: float) -> Iterator[None]:
        file = str(self.settings_dict["NAME"])
        if "memory" in file:
            yield
            return
        held = os.open(f"{file}-turn", os.O_RDWR | os.O_CREAT, 0o640)
        try:
            try:
                _insist(lambda: flock(held, LOCK_EX | LOCK_NB), lambda error: isinstance(error, BlockingIOError), until)
            except BlockingIOError:
                raise sqlite3.OperationalError("database is locked") from None
            yield
        finally:
            os.close(held)

    def _in_turn(
        self, execute: Callable[..., Any], sql: str, params: Sequence[Any], many: bool, context: dict[str, Any]
    ) -> Any:
        if not self.autocommit or not sql.startswith(CHANGING):
            return execute(sql, params, many, context)
        with self.wrap_database_errors, self._turn(time.monotonic() + self._patience):
            return execute(sql, params, many, context)

    def _start_transaction_under_autocommit(self) -> None:
        """For writing at once: a transaction that only turns to writing later fails when another has written."""
        until = time.monotonic() + self._patience
        connection = self.connection
        with self.wrap_database_errors, self._turn(until):
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                _insist(lambda: connection.execute("BEGIN IMMEDIATE"), _busy, until)
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")
