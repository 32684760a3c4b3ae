"""The database of each process of a run: a copy of one that whoever came first has migrated.

The migrated one is kept in the folder COMITY_TEST_IMAGES, or in the server under that folder's name: `./comity test`
gives all its steps the same.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from tests.engines import folder, images


def image() -> str:
    """What the migrated database is called."""
    return str(images() / "migrated.sqlite3") if connection.vendor == "sqlite" else f"migrated_{images().name}"


@contextmanager
def migrated() -> Iterator[str]:
    """The migrated database, made if it is missing; nobody else copies it meanwhile."""
    connection.settings_dict["TEST"]["NAME"] = f"{image()}.new"
    with (images() / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not _exists():
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
            _rename()
        yield image()


@contextmanager
def own() -> Iterator[None]:
    """A migrated database for this process alone; it is dropped afterwards."""
    settings = connection.settings_dict
    worker = f"{folder('COMITY_TEST_DATA').name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with migrated() as settings["NAME"]:
        connection.creation.clone_test_db(worker, verbosity=0, autoclobber=True)
    settings["NAME"] = connection.creation.get_test_db_clone_settings(worker)["NAME"]
    try:
        yield
    finally:
        connection.creation.destroy_test_db(verbosity=0)


@contextmanager
def another(data: Path) -> Iterator[str]:
    """A migrated database for an installation on this data folder: its DATABASE_URL, which SQLite needs none of."""
    if connection.vendor == "sqlite":
        with migrated() as known:
            shutil.copyfile(known, data / "comity.sqlite3")
        yield ""
        return
    import psycopg

    server, name = os.environ["DATABASE_URL"], f"another_{uuid.uuid4().hex[:8]}"
    with migrated() as known, psycopg.connect(server, autocommit=True) as asked:
        asked.execute(f'CREATE DATABASE {name} TEMPLATE "{known}"')
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as asked:
            asked.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _exists() -> bool:
    if connection.vendor == "sqlite":
        return Path(image()).exists()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [image()])
        return cursor.fetchone() is not None


def _rename() -> None:
    """Whole now, so it may be found."""
    if connection.vendor == "sqlite":
        Path(f"{image()}.new").rename(image())
        return
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{image()}.new" RENAME TO "{image()}"')
