"""Make the search words of all records anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Max, Min

from comity.records.jobs import index_range
from comity.records.kind import kinds


class Command(BaseCommand):
    help = "Make the search words of all records anew."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for kind in kinds():
            span = kind.model._default_manager.aggregate(low=Min("pk"), high=Max("pk"))
            if kind.search and span["low"] is not None:
                index_range.call(kind.name, span["low"], span["high"])
                self.stdout.write(f"{kind.plural}: done")
