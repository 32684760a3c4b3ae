"""Make an evidence pack. `comity pack --verify FILE` and `--compare A B` are answered before any setting is read."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS, Role
from comity.compliance.catalogue import standards
from comity.compliance.models import Pack
from comity.compliance.operations import packing
from comity.compliance.operations.moments import moment
from comity.compliance.pack import comparing, verifying
from comity.records.trail import Actor


class Command(BaseCommand):
    help = "Freeze verdicts, records, documents and files in a ZIP file that can be checked anywhere, or check one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("standard", nargs="?", default="", help="one standard; else all")
        parser.add_argument("--out", type=Path, help="file to write")
        parser.add_argument("--as-of", metavar="DATE", help="a day (its end) or a moment; else now")
        parser.add_argument("--as", dest="person", metavar="EMAIL", help="with this person's rights; else everything")
        parser.add_argument("--language", choices=("en", "zh-hans"), default="en")
        parser.add_argument("--verify", type=Path, metavar="FILE", help="check a pack; needs no database")
        parser.add_argument("--compare", nargs=2, type=Path, metavar="FILE", help="what differs between two packs")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["verify"]:
            sys.exit(verifying.main(str(options["verify"])))
        if options["compare"]:
            sys.exit(comparing.main(*map(str, options["compare"])))
        self.make(options)

    def make(self, options: dict[str, Any]) -> None:
        code, path = options["standard"], options["out"]
        if path is None:
            raise CommandError(_("Name the file to write: --out FILE."))
        if code and code not in standards():
            names = ", ".join(standards())
            raise CommandError(
                _("There is no standard %(code)s; there are: %(names)s") % {"code": code, "names": names}
            )
        reader = Person.objects.filter(email__iexact=options["person"]).first() if options["person"] else everything()
        if reader is None:
            raise CommandError(_("Nobody has the address %(email)s.") % {"email": options["person"]})
        try:
            as_of = moment(options["as_of"]) if options["as_of"] else timezone.now()
            made = packing.make(path, as_of, reader, code, options["language"], str(reader))
        except ValidationError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        pack = Pack(standard=code, as_of=as_of, language=options["language"], maker=reader, reader=reader)
        pack.save()
        packing.seal(pack, made, path.stat().st_size, Actor(reader, "command"))
        self.stdout.write(f"{path}  {made.counts['requirements']} requirements  seal {made.seal}")


def everything() -> Person:
    """Who runs commands on the machine sees every record; what is kept from auditors is kept from packs, too."""
    person = Actor.system("pack").person
    roles = frozenset(Role) - CONTACTS
    person._rights = Rights(roles=roles, held=roles, _reach=dict.fromkeys(roles))
    return person
