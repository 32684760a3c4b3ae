"""Take over a table of another system."""

from __future__ import annotations

import csv
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.intake import operations
from comity.intake.mapping import WrongMapping
from comity.intake.models import Import
from comity.intake.run import BATCH, Overtaken
from comity.intake.tables import Unreadable
from comity.jobs.worker import in_foreground
from comity.records.access import NotAllowed
from comity.records.kind import Kind, kind_named
from comity.web.export import harmless

SHOWN = 20
EVERY = 5.0  # seconds between two lines where no terminal is watching


class Command(BaseCommand):
    help = "Import a CSV or XLSX file into a kind. Without --mapping, a shipped one or our own field names are used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind")
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, help="TOML file that says where each field comes from")
        parser.add_argument("--dry-run", action="store_true", help="check every row and write nothing")
        parser.add_argument("--report", type=Path, help="write what is to be said about rows to this CSV file")
        parser.add_argument("--as", dest="person", metavar="EMAIL", help="import with this person's rights")
        parser.add_argument("--unit", default="", help="unit of the new records")
        parser.add_argument("--resume", action="store_true", help="go on where an earlier import of the file stopped")
        parser.add_argument("--batch", type=int, default=BATCH, help="records in one transaction")

    def handle(self, *_args: Any, **options: Any) -> None:
        kind, path = _kind(options["kind"]), options["file"]
        if not path.is_file():
            raise CommandError(_("There is no file %(path)s.") % {"path": path})
        if not 1 <= options["batch"] <= 20_000:
            raise CommandError(_("A batch has 1 to 20000 records."))
        person = _person(options["person"])
        try:
            self._import(kind, path, person, options)
        except (Unreadable, WrongMapping) as error:
            raise CommandError(str(error)) from error
        except (DatabaseError, OSError) as error:
            raise CommandError(operations.reason(error)) from error
        except Overtaken as error:
            raise CommandError(_("Another process goes on with this import.")) from error
        except NotAllowed as error:
            if str(error) == "steps":
                raise CommandError(
                    _("Only process managers and operations directors take over steps of the past.")
                ) from error
            raise CommandError(_("This person may not register any %(kind)s.") % {"kind": kind.label}) from error

    def _import(self, kind: Kind, path: Path, person: Person | None, options: dict[str, Any]) -> None:
        text = options["mapping"].read_text("utf-8-sig") if options["mapping"] else ""
        name = options["mapping"].stem if options["mapping"] else ""
        dry = options["dry_run"]
        plan = operations.plan_for(kind, path, text, name, person.time_zone if person else "UTC")
        imported = operations.unfinished(kind, path, text) if options["resume"] else None
        if imported is None:
            imported = operations.begin(kind, path, plan, text, person)
        else:
            place = {"done": imported.done, "total": imported.total}
            self.stdout.write(_("Going on after record %(done)d of %(total)s.") % place)
        self.stdout.write(
            _("%(file)s, by the mapping “%(mapping)s”.")
            % {"file": path.name, "mapping": plan.name or _("own field names")}
        )
        act = operations.check if dry else operations.apply
        unit = operations.unit_named(options["unit"])
        if options["unit"] and unit is None:
            raise CommandError(_("There is no unit “%(name)s”.") % {"name": options["unit"]})
        progress = Progress(self.stderr, imported)
        try:
            with in_foreground("check_import" if dry else "apply_import", person.pk if person else None):
                act(imported, plan, progress.tell, batch=options["batch"], unit=unit)
        finally:
            progress.end()
        self._say(imported, dry, options["report"], progress)

    def _say(self, imported: Import, dry: bool, target: Path | None, progress: Progress) -> None:
        lines = operations.report(imported, dry)
        if target is not None:
            with target.open("w", encoding="utf-8-sig", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(operations.REPORT)
                writer.writerows([harmless(cell) for cell in line] for line in lines)
        refused = [line for line in lines if line[2] == "refused"]
        for line, key, _outcome, _ref, field, reason, *_rest in refused[:SHOWN]:
            self.stdout.write(f"  {_('line')} {line} ({key}) {field}: {reason}")
        if len(refused) > SHOWN:
            self.stdout.write(_("  … and %(more)d more; --report writes them all.") % {"more": len(refused) - SHOWN})
        counts = {**imported.counts, "rows": imported.rows, "speed": progress.speed}
        done = "" if imported.error else _("Done:")
        self.stdout.write(_("Dry run, nothing is written. It would be:") if dry else done)
        self.stdout.write(
            _("%(created)d created, %(updated)d changed, %(unchanged)d unchanged, %(refused)d refused.") % counts
        )
        self.stdout.write(_("%(flagged)d with a remark; %(rows)d rows, %(speed)d rows/s.") % counts)
        if not dry and imported.error:
            raise CommandError(imported.error)


class Progress:
    """A bar on a terminal, a line now and then elsewhere."""

    def __init__(self, out: Any, imported: Import) -> None:
        self.out, self.start, self.before, self.last = out, time.monotonic(), imported.rows, 0.0
        self.watched = bool(getattr(sys.stderr, "isatty", bool)())
        self.rows = imported.rows

    @property
    def speed(self) -> int:
        return round((self.rows - self.before) / max(time.monotonic() - self.start, 0.001))

    def tell(self, imported: Import) -> None:
        self.rows, now = imported.rows, time.monotonic()
        total = max(imported.total or 1, 1)
        if self.watched:
            full = min(40 * imported.done // total, 40)
            bar = "█" * full + "░" * (40 - full)
            self.out.write(f"\r{bar} {imported.done}/{total}  {self.speed} /s ", ending="")
        elif now - self.last >= EVERY:
            self.last = now
            self.out.write(f"{imported.done}/{total}, {self.speed} rows/s")

    def end(self) -> None:
        if self.watched:
            self.out.write("")


def _kind(name: str) -> Kind:
    try:
        return kind_named(name)
    except KeyError:
        raise CommandError(_("There is no kind “%(name)s”; `comity kind` lists them.") % {"name": name}) from None


def _person(email: str | None) -> Person | None:
    if not email:
        return None
    person = Person.objects.filter(email__iexact=email).first()
    if person is None or not person.current:
        raise CommandError(_("Nobody with the address %(email)s may sign in.") % {"email": email})
    return person
