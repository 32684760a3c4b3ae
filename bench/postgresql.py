"""A PostgreSQL server of our own on loopback, with durable commits; it ends with the run."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.server import free_port

USER = "postgres"  # the server refuses to run as root; then it runs as this user of the system
SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    def url(self, name: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template0") -> str:
        """A new database, empty or a copy; one of that name is thrown away before."""
        self.drop(name)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return self.url(name)

    def drop(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def programs() -> Path | None:
    """The folder of the server's programs: on the path, or where Debian puts them."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """The server on the data in this folder, which is made on first use."""
    bin_ = programs()
    if bin_ is None:
        raise RuntimeError("PostgreSQL is not installed here.")
    user = USER if os.geteuid() == 0 else None
    data = folder / "data"
    if not (data / "PG_VERSION").is_file():
        data.mkdir(parents=True, exist_ok=True)
        if user:
            shutil.chown(folder, user)
            shutil.chown(data, user)
        words = [str(bin_ / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8"]
        subprocess.run(words, user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    words = [str(bin_ / "postgres"), "-D", str(data), "-p", str(port)]
    words += [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(words, user=user, cwd="/", stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(port, process)
        yield Cluster(port, process)
    finally:
        process.send_signal(signal.SIGINT)  # disconnect everybody, shut down in order
        process.wait(60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(600):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://{USER}@127.0.0.1:{port}/postgres", connect_timeout=2).close()
            return
        if process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended with {process.returncode}")
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not become ready")
