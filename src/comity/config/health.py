"""Whether this process lives, and whether it may be sent requests."""

import os
from pathlib import Path

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse

_migrated = False


def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers at all; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and every shipped migration is applied, else 503 with the reason."""
    global _migrated
    try:
        if _migrated:
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        elif missing := shipped_migrations() - set(MigrationRecorder(connection).applied_migrations()):
            return HttpResponse(f"{len(missing)} migrations missing", status=503, content_type="text/plain")
    except DatabaseError:
        return HttpResponse("database does not answer", status=503, content_type="text/plain")
    _migrated = True
    return HttpResponse("ready", content_type="text/plain")


def shipped_migrations() -> set[tuple[str, str]]:
    """(app, name) of every migration file, read from the folders: importing them would slow the start."""
    return {
        (app.label, name.removesuffix(".py"))
        for app in apps.get_app_configs()
        if (folder := Path(app.path) / "migrations").is_dir()
        for name in os.listdir(folder)
        if name.endswith(".py") and name[0] not in "_~"
    }
