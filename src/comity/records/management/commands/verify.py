"""Verify the seal of the audit trail."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comity.records import seal


class Command(BaseCommand):
    help = (
        "Recompute the hash chain over the audit trail; names the first broken entry and ends with 1 if there is one."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        verdict = seal.verify()
        if verdict.broken:
            raise CommandError(f"The trail is broken: {verdict.broken}. {verdict.sealed} entries before it are intact.")
        self.stdout.write(f"{verdict.sealed} entries sealed and intact, {verdict.unsealed} waiting for their seal.")
        if verdict.blanked:
            self.stdout.write(f"{verdict.blanked} entries blanked by erasure, named in {', '.join(verdict.told_in)}.")
