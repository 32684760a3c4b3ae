"""What may hang on a record: most have nothing of most of it, so a page asks for all of it in one question first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from comity.accounts.prepared import ANY, prepared
from comity.records.kind import kind_named
from comity.records.models import File, Link, Record

Rows = Callable[[str], QuerySet[Any]]
_known: list[tuple[str, str, Rows]] = []


def hangs(name: str, rows: Rows, of: str = "") -> None:
    """Tell of something that may hang on the records of a kind, or of every kind: the rows of those with OuterRef's
    id or reference, whoever may read them."""
    _known.append((name, of, rows))


@prepared
def _there(kind: str, asked: tuple[Rows, ...]) -> QuerySet[Any, Any]:
    rows = kind_named(kind).model._base_manager.filter(pk=ANY).order_by()
    return rows.values_list(*(Exists(hanging(kind)) for hanging in asked))


def _ask(record: Record) -> frozenset[str]:
    kind = record.kind.name
    names, asked = zip(*((name, rows) for name, of, rows in _known if of in ("", kind)), strict=True)
    return frozenset(
        name for row in _there(record.pk, kind, asked) for name, there in zip(names, row, strict=True) if there
    )


def look(record: Record) -> None:
    """Ask for a page that shows the record as it is at this moment; then `has` knows without asking."""
    record.__dict__["_hanging"] = _ask(record)


def has(record: Record, name: str) -> bool:
    """Whether anything of this name hangs on the record."""
    known: frozenset[str] | None = record.__dict__.get("_hanging")
    return name in (_ask(record) if known is None else known)


hangs("files", lambda kind: File.objects.filter(kind=kind, record_id=OuterRef("pk")))
hangs("links", lambda kind: Link.objects.filter(from_kind=kind, from_id=OuterRef("pk")))
hangs("links", lambda kind: Link.objects.filter(to_kind=kind, to_id=OuterRef("pk")))
