"""Django's migrate, after which the tables of evidence are watched as they are now."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from comity.records import past


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options.get("plan") or options.get("check_unapplied"):
            return
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):  # the triggers name columns of all apps
            self.stderr.write(_("Until all migrations are applied (comity migrate), what changes is not kept."))
        else:
            past.watch()
