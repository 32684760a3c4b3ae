"""Data sets kept between runs: built once for an engine, a size and a version of the tables, copied for each run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psycopg

from bench import postgresql, server, world
from bench.postgresql import Cluster

CUSTOMERS = 1000
WRITTEN = 100_000  # more than these are copies of them
Say = Callable[[str], None]


def home() -> Path:
    """Where data sets and the PostgreSQL cluster lie: COMITY_BENCH_DATA, or below the system's temporary folder."""
    folder = Path(os.environ.get("COMITY_BENCH_DATA") or Path(tempfile.gettempdir()) / "comity-bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def cluster(engine: str) -> Iterator[Cluster | None]:
    """The server that an engine needs; none for SQLite."""
    if engine == "sqlite":
        yield None
        return
    with postgresql.cluster(home() / "postgresql") as running:
        yield running


def version() -> str:
    """Changes when the tables or the data do."""
    files = sorted((server.ROOT / "src" / "comity").glob("*/migrations/*.py"))
    text = b"".join(path.read_bytes() for path in (*files, Path(world.__file__)))
    return hashlib.sha256(text).hexdigest()[:10]


@contextlib.contextmanager
def copy_of(cases: int, cluster: Cluster | None, say: Say) -> Iterator[tuple[Path, str, world.World]]:
    """A copy of the data set, to be used and thrown away: data folder, database URL, and what a client must know."""
    kept, made = _kept(cases, cluster, say)
    with tempfile.TemporaryDirectory(prefix="comity-bench-", dir=home()) as folder:
        data = Path(folder) / "data"
        shutil.copytree(kept, data)
        if cluster is None:
            yield data, "", made
            return
        with _database(cluster, f"run_{cases}", template=f"kept_{cases}") as url:
            yield data, url, made


def _kept(cases: int, cluster: Cluster | None, say: Say) -> tuple[Path, world.World]:
    """The data set itself, made when it is not there; its note is written last, so that a broken one does not count."""
    kept = home() / f"{'postgresql' if cluster else 'sqlite'}-{cases}"
    note = kept / f"{version()}.json"
    if not note.is_file():
        say(f"{kept.name}: building the data set")
        shutil.rmtree(kept, ignore_errors=True)
        if cases > WRITTEN:
            first, made = _kept(WRITTEN, cluster, say)
            shutil.copytree(first, kept, ignore=shutil.ignore_patterns("*.json"))
            url = cluster.create(f"kept_{cases}", f"kept_{WRITTEN}") if cluster else ""
            made = world.multiply(kept, url, made, cases // WRITTEN)
        else:
            kept.mkdir(parents=True)
            made = world.make(kept, cluster.create(f"kept_{cases}") if cluster else "", CUSTOMERS, cases)
            say(f"{kept.name}: {made.rows_per_second:,.0f} rows a second")
        note.write_text(json.dumps(asdict(made)))
    made = world.World(**json.loads(note.read_text()))
    made.customers = [(customer, contact) for customer, contact in made.customers]
    return kept, made


@contextlib.contextmanager
def _database(cluster: Cluster, name: str, template: str) -> Iterator[str]:
    url = cluster.create(name, template)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        yield url
    finally:
        cluster.drop(name)
