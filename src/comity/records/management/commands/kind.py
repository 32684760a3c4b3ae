"""Print what was derived from a kind's declaration."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comity.accounts.roles import Role
from comity.records.forms import form_class
from comity.records.kind import kind_named, kinds
from comity.records.reading import columns_of


class Command(BaseCommand):
    help = "Print what was derived from a kind's declaration; without a name, list the kinds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["name"]:
            for kind in sorted(kinds(), key=lambda k: k.name):
                self.stdout.write(f"{kind.name:24} {kind.ref:5} /{kind.path}/")
            return
        try:
            kind = kind_named(options["name"])
        except KeyError:
            raise CommandError(f"There is no kind {options['name']!r}; `comity kind` lists them.") from None
        out = self.stdout.write
        out(f"{kind.name} ({kind.plural}), references {kind.ref}-00001 …")
        out(f"pages     /{kind.path}/  /{kind.path}/new/  /{kind.path}/<ref>/  /{kind.path}/<ref>/edit/")
        out(f"api       /api/v1/{kind.path}  /api/v1/{kind.path}/<ref>  …/transitions/<name>")
        out(f"may       register by row {kind.rules.create}, handle by row {kind.rules.handle}")
        out("fields    " + ", ".join(f"{n}{'*' if f.required else ''}" for n, f in form_class(kind)().fields.items()))
        out("columns   " + ", ".join(str(c.label) for c in columns_of(kind)))
        out("filters   " + (", ".join(map(str, kind.filters)) or "none"))
        out("search    " + (", ".join(kind.search) or "none"))
        for row in kind.workflow.moves if kind.workflow else ():
            who = ", ".join(Role(r).value for r in row.by) or "rule"
            target = "…" if callable(row.target) else row.target
            out(
                f"move      {row.name}: {' | '.join(row.sources)} -> {target} by {who}"
                + (f", requires {', '.join(row.requires)}" if row.requires else "")
            )
