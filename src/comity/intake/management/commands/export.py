"""Write a register to a file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import Role
from comity.records import reading
from comity.records.access import OUTSIDE
from comity.records.kind import kind_named
from comity.records.trail import Actor
from comity.web import export
from comity.web.registers import fetched


class Command(BaseCommand):
    help = "Write a register to a file, as its page would show it: filters, search and order as in its address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind")
        parser.add_argument(
            "--query", default="", help="as in the page's address: status=open&sort=-entered_at&q=words"
        )
        parser.add_argument("--format", choices=("csv", "xlsx"), default="csv")
        parser.add_argument("--out", type=Path, help="file to write; without it, standard output")
        parser.add_argument("--as", dest="person", metavar="EMAIL", help="with this person's rights; else everything")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            kind = kind_named(options["kind"])
        except KeyError:
            raise CommandError(
                _("There is no kind “%(name)s”; `comity kind` lists them.") % {"name": options["kind"]}
            ) from None
        person = Person.objects.filter(email__iexact=options["person"]).first() if options["person"] else None
        if options["person"] and person is None:
            raise CommandError(_("Nobody has the address %(email)s.") % {"email": options["person"]})
        params = QueryDict(options["query"].removeprefix("?"))
        form = options["format"]
        if form == "xlsx" and options["out"] is None:
            raise CommandError(_("A workbook needs --out FILE."))
        columns = list(reading.columns_of(kind))
        rows = reading.every(kind, person or _installation(), params, export.AT_MOST)
        try:
            answer: Any = export.answer(kind, fetched(kind, rows, columns), columns, form)
            with options["out"].open("wb") if options["out"] else nullcontext(sys.stdout.buffer) as out:
                for chunk in answer:
                    out.write(chunk)
                out.flush()
        except reading.BadQuery as error:
            raise CommandError(_("The query is not understood: %(why)s") % {"why": error}) from error


def _installation() -> Person:
    """Who runs commands on the machine reads every register: the service person, in all roles inside."""
    person = Actor.system("export").person
    roles = frozenset(Role) - OUTSIDE
    person._rights = Rights(roles=roles, held=roles, _reach=dict.fromkeys(roles))
    return person
