"""Standards of one's own, and licensed texts of shipped ones."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from comity.compliance.catalogue import shipped, standards
from comity.compliance.models import StandardFile
from comity.compliance.operations import standards as operations
from comity.compliance.operations.standards import NotTaken
from comity.records.trail import Actor

SHOWN = 20


class Command(BaseCommand):
    help = "List the standards, add one from a file (or the licensed texts of one), or remove one that was added."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="all standards with the number of their requirements")
        adding = acts.add_parser("add", help="take in a standard, a new version of it, or licensed texts")
        adding.add_argument("file", type=Path)
        removing = acts.add_parser("remove", help="show what removing would do; do it with --yes")
        removing.add_argument("code")
        removing.add_argument("--yes", action="store_true", help="do it")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(options)
        except NotTaken as error:
            raise CommandError(str(error)) from error

    def _list(self, _options: dict[str, Any]) -> None:
        texts = set(StandardFile.objects.filter(retired_at=None, type="texts").values_list("code", flat=True))
        for code, one in standards().items():
            source = _("shipped") if code in shipped().standards else _("added")
            words = ", " + _("licensed texts") if code in texts else ""
            self.stdout.write(f"{code:28} {len(one.requirements):5}  {source}{words}  {one}")
        if gone := operations.gone():
            self.stdout.write(_("No longer in any standard, with their history kept: %(ids)s") % {"ids": _short(gone)})

    def _add(self, options: dict[str, Any]) -> None:
        taken = operations.add(options["file"], Actor.system("standard_added", via="cli"))
        if taken.known:
            self.stdout.write(_("This very content is there already. Nothing was changed."))
            return
        self.stdout.write(_("%(code)s taken in.") % {"code": taken.file.code})
        for said, ids in (
            (_("New: %(ids)s"), taken.new),
            (_("Changed: %(ids)s"), taken.changed),
            (_("Vanished, their history is kept: %(ids)s"), taken.vanished),
        ):
            if ids:
                self.stdout.write(said % {"ids": _short(ids)})

    def _remove(self, options: dict[str, Any]) -> None:
        code = options["code"]
        if options["yes"]:
            operations.remove(code, Actor.system("standard_removed", via="cli"))
            self.stdout.write(_("%(code)s is taken out.") % {"code": code})
            return
        found = operations.removal(code)
        if found.file.type == "texts":
            self.stdout.write(_("Its licensed texts would give way to our own wording. Add --yes to do it."))
            return
        counts = {"n": found.requirements, "answers": found.answers, "decisions": found.decisions}
        said = _(
            "%(n)s requirements would no longer be asked; %(answers)s answers and %(decisions)s decisions stay kept."
        )
        self.stdout.write(said % counts + " " + _("Add --yes to do it."))


def _short(ids: Any) -> str:
    more = len(ids) - SHOWN
    return ", ".join(ids[:SHOWN]) + (f" … (+{more})" if more > 0 else "")
