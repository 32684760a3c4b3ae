"""Ask the requirements of the standards, and print what they answer."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from comity.compliance.catalogue import requirements, standards
from comity.compliance.inquiry import Inquiry
from comity.compliance.operations.computing import answers
from comity.compliance.reasons import reason


class Command(BaseCommand):
    help = "Ask the requirements of a standard, or of all of them, and print what the records answer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("standard", nargs="?", choices=list(standards()), help="one standard; else all")
        parser.add_argument("--format", choices=("text", "json"), default="text")
        parser.add_argument("--missing", action="store_true", help="only what the installation does not record yet")

    def handle(self, *_args: Any, **options: Any) -> None:
        wanted = [one for one in requirements().values() if options["standard"] in (None, one.standard)]
        found = answers(Inquiry(), wanted)
        if options["missing"]:
            lacks = Counter(name for one in found for name in one.lacks)
            for name, count in lacks.most_common():
                self.stdout.write(f"{count:5}  {name}")
        elif options["format"] == "json":
            self.stdout.write(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=1))
        else:
            for one in found:
                self.stdout.write(
                    f"{one.verdict:14} {one.requirement:24} {one.gaps:6} of {one.population:<6} {reason(one)}"
                )
            counts = Counter(one.verdict for one in found)
            self.stdout.write(", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))


def _plain(one: Any) -> dict[str, Any]:
    return {
        "id": one.requirement, "verdict": one.verdict, "population": one.population, "gaps": one.gaps,
        "reason": reason(one),
    }  # fmt: skip
