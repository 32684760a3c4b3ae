"""Ask the requirements of the standards, now or as of a day of the past, and print what they answer."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from comity.compliance.catalogue import requirements, standards
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer
from comity.compliance.operations.computing import answers, compute_and_keep, latest
from comity.compliance.operations.moments import moment
from comity.compliance.reasons import reason
from comity.compliance.rules.verdicts import Verdict
from comity.records.past import as_it_was


class Command(BaseCommand):
    help = "Ask the requirements of a standard, or of all of them, and print what the records answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("standard", nargs="?", default="", help="code of one standard; else all")
        parser.add_argument("--format", choices=("text", "json"), default="text")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")
        parser.add_argument("--missing", action="store_true", help="only what the installation does not record yet")
        parser.add_argument("--as-of", metavar="DATE", help="as it was at the end of this day, or at this time")
        parser.add_argument("--save", action="store_true", help="keep what changed since the last look")
        parser.add_argument(
            "--fail-on", action="append", default=[], choices=[one.value for one in Verdict],
            help="end with 1 if any requirement has this verdict",
        )  # fmt: skip

    def handle(self, *_args: Any, **options: Any) -> None:
        code, known = options["standard"], standards()
        if code and code not in known:
            raise CommandError(f"There is no standard {code}. There are: {', '.join(known)}.")
        as_of = _moment(options["as_of"]) if options["as_of"] else None
        if as_of and options["save"]:
            raise CommandError("What was is not kept anew: --save goes without --as-of.")
        with translation.override(options["language"]):
            found = _answers(code, as_of, options["save"])
            self._print(found, options)
        if {str(one.verdict) for one in found} & set(options["fail_on"]):
            raise SystemExit(1)

    def _print(self, found: Sequence[Answer], options: dict[str, Any]) -> None:
        if options["missing"]:
            lacks = Counter(name for one in found for name in one.lacks)
            for name, count in lacks.most_common():
                self.stdout.write(f"{count:5}  {name}")
        elif options["format"] == "json":
            self.stdout.write(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=1))
        else:
            for one in found:
                counts = f"{one.gaps:6} / {one.population:<6}"
                self.stdout.write(f"{one.get_verdict_display():14} {one.requirement:24} {counts} {reason(one)}")
            totals = Counter(one.get_verdict_display() for one in found)
            self.stdout.write(", ".join(f"{count} {verdict}" for verdict, count in totals.most_common()))


def _answers(code: str, as_of: datetime | None, save: bool) -> list[Answer]:
    """What is asked for; one standard is answered with all its own requirements, as they never have others as parents.

    What is kept is looked at whole.
    """
    if save:
        compute_and_keep(Inquiry())
        found = list(latest().values())
        order = {name: number for number, name in enumerate(requirements())}
        return sorted((one for one in found if code in ("", one.standard)), key=lambda one: order[one.requirement])
    wanted = [one for one in requirements().values() if code in ("", one.standard)]
    with as_it_was(as_of) if as_of else nullcontext():
        return answers(Inquiry(as_of) if as_of else Inquiry(), wanted)


def _moment(said: str) -> datetime:
    try:
        return moment(said)
    except ValidationError as error:
        raise CommandError(error.message) from error


def _plain(one: Answer) -> dict[str, Any]:
    return {
        "id": one.requirement, "verdict": str(one.verdict), "population": one.population, "gaps": one.gaps,
        "reason": reason(one),
    }  # fmt: skip
