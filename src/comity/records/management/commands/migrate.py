"""Django's migrate, after which the tables of evidence are watched as they are now."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from comity.records import past


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not (options.get("plan") or options.get("check_unapplied") or options.get("app_label")):
            past.watch()
