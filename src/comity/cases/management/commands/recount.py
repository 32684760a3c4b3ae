"""Count the figures of the complaint desk anew, or only look whether they are right."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from comity.cases.figures import counting


class Command(BaseCommand):
    help = "Count the figures of the complaint desk anew; with --check only compare them with the cases."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare, change nothing, fail where they differ")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            counting.recount()
            self.stdout.write("counted anew")
        elif wrong := counting.drift(timezone.now()):
            raise CommandError(f"{len(wrong)} sums differ, such as {next(iter(wrong.items()))}")
        else:
            self.stdout.write("the figures equal the cases")
