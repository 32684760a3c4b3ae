"""What differs between two evidence packs, in the reader's words: verdicts first, then kind by kind, each bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.compliance import catalogue
from comity.compliance.pack.comparing import Change, Comparison
from comity.compliance.pages import words
from comity.compliance.pages.nothing import called
from comity.records.access import readable
from comity.records.kind import Kind, kinds
from comity.web.cells import capital

FEW = 50  # rows of a kind
MOVED = {"version", "changed_at"}  # with every change, whatever it was


class Row(NamedTuple):
    """One thing that is not the same; empty before or after: it was not there."""

    name: SafeString | str
    before: SafeString | str
    after: SafeString | str
    fields: list[str]


@dataclass(frozen=True)
class Group:
    """What differs of one sort."""

    label: str
    count: int
    rows: list[Row]


def told(found: Comparison, person: Person) -> list[Group]:
    """The differences by sort. What moved without a field of its own changing comes last of its sort."""
    sorts: dict[str, list[Change]] = {}
    for one in found.changes:
        sorts.setdefault(one.kind, []).append(one)
    known, groups = {kind.name: kind for kind in kinds()}, []
    for name, changes in sorts.items():
        shown = sorted(changes, key=lambda one: bool(one.fields) and MOVED.issuperset(one.fields))[:FEW]
        if kind := known.get(name):
            label, rows = capital(kind.plural), _records(kind, shown, person)
        elif name == "verdict":
            label, rows = _("Requirements"), _verdicts(shown)
        else:
            label = _("Documents") if name == "document" else _("Files")
            rows = (Row(one.name, one.before, one.after, []) for one in shown)
        groups.append(Group(label, len(changes), list(rows)))
    return groups


def _verdicts(changes: list[Change]) -> Iterator[Row]:
    for one in changes:
        entry = catalogue.requirements().get(one.name)
        name = format_html('<a href="{}">{}</a>', words.url(entry), one.name) if entry else one.name
        before, after = (words.verdict(value) if value else "" for value in (one.before, one.after))
        yield Row(name, before, after, [])


def _records(kind: Kind, changes: list[Change], person: Person) -> Iterator[Row]:
    seen = set(readable(kind, person).filter(ref__in=[one.name for one in changes]).values_list("ref", flat=True))
    states = {"there": _("there")} | _states(kind)
    for one in changes:
        name = format_html('<a href="{}{}/">{}</a>', kind.url, one.name, one.name) if one.name in seen else one.name
        fields = [called(kind, field) for field in one.fields if field not in MOVED]
        yield Row(name, states.get(one.before, one.before), states.get(one.after, one.after), fields)


def _states(kind: Kind) -> dict[str, str]:
    try:
        return {str(value): str(label) for value, label in kind.field("status").flatchoices}
    except FieldDoesNotExist:
        return {}
