"""`comity web`: the web server, and what must be true of the database before it starts."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from comity.config.environment import number
from comity.config.processes import die_with_parent, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

MIGRATION_LOCK = 4_221_961  # an advisory lock's number: any, but always the same


def main(words: list[str]) -> None:
    """Serve until stopped; with --prepare, bring the database up to date before."""
    parser = argparse.ArgumentParser(prog="comity web")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    parser.add_argument("--workers", type=int, default=number("COMITY_WEB_PROCESSES", 2))
    parser.add_argument("--threads", type=int, default=number("COMITY_WEB_THREADS", 4))
    parser.add_argument("--prepare", action="store_true", help="migrate before serving")
    parser.add_argument("--demo", action="store_true", help="fill an empty database with the sample organisation")
    options = parser.parse_args(words)

    import django

    django.setup()
    if options.prepare:
        prepare()
    if options.demo:
        fill()
    serve(options.host, free_port(options.host, options.port), options.workers, options.threads)


def prepare() -> None:
    """Apply missing migrations; on several machines at once, one after the other."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from comity.config.health import shipped_migrations

    def missing() -> set[tuple[str, str]]:
        return shipped_migrations() - set(MigrationRecorder(connection).applied_migrations())

    if missing():
        with alone():
            if missing():
                print("Preparing the database …", file=sys.stderr, flush=True)
                call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def alone() -> "Iterator[None]":
    """Hold a lock that two machines starting at once contend for; SQLite's file belongs to one machine."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def fill() -> None:
    """Call `demo_data` when nothing has ever been recorded, and note the sign-ins beside the database."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command, get_commands, load_command_class

    app = get_commands().get("demo_data")
    if not isinstance(app, str):
        return
    command = load_command_class(app, "demo_data")
    begun = settings.DATA / "sample-incomplete"
    if begun.exists():
        raise SystemExit(f"comity: the sample was not filled to its end; remove {settings.DATA} and start again")
    if not apps.get_model("records", "Entry")._default_manager.exists():
        print("Filling in the sample organisation, about half a minute …", file=sys.stderr, flush=True)
        begun.touch()
        call_command(command, verbosity=0)
        begun.unlink()
    sign_ins: list[tuple[str, str, str]] = getattr(command, "sign_ins", [])
    (settings.DATA / "sign-ins.json").write_text(json.dumps([[str(word) for word in line] for line in sign_ins]))


def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve with forked workers that share the application loaded here; a dead one is replaced.

    A thread waits as long as an upload takes; with one in each worker two people on slow lines would stop all others.
    """
    from django.db import connections
    from django.urls import get_resolver
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from comity.config import metrics
    from comity.config.wsgi import application

    get_resolver().check()  # loads every view once, before the fork
    connections.close_all()
    metrics.sweep()
    parent = os.getpid()

    def load(target: str) -> Callable[..., Any]:
        die_with_parent(parent)
        return application

    Granian(
        "comity.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=15,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve(target_loader=load)
