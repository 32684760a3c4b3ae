"""What may hang on a record: most have nothing of most of it, so a page asks for all of it in one question first."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects

from comity.accounts.prepared import ANY, prepared
from comity.records.kind import kind_named
from comity.records.models import File, Link, Record

Rows = Callable[[str], QuerySet[Any]]
_known: list[tuple[str, str, Rows]] = []


def hangs(name: str, rows: Rows, of: str = "") -> None:
    """Tell of something that may hang on the records of a kind, or of every kind: the rows of those with OuterRef's
    id or reference, whoever may read them."""
    _known.append((name, of, rows))


@cache
def _named(kind: str) -> tuple[tuple[str, Rows], ...]:
    """The fields of the kind that name several others."""
    fields = kind_named(kind).model._meta.many_to_many
    return tuple((field.name, partial(_of, field)) for field in fields)


def _of(field: Any, _kind: str) -> QuerySet[Any]:
    return field.remote_field.through._default_manager.filter(**{field.m2m_field_name(): OuterRef("pk")})  # type: ignore[no-any-return]


@prepared
def _there(kind: str, asked: tuple[Rows, ...]) -> QuerySet[Any, Any]:
    rows = kind_named(kind).model._base_manager.filter(pk=ANY).order_by()
    return rows.values_list(*(Exists(hanging(kind)) for hanging in asked))


def _ask(record: Record) -> frozenset[str]:
    kind = record.kind.name
    told = ((name, rows) for name, of, rows in _known if of in ("", kind))
    names, asked = zip(*told, *_named(kind), strict=True)
    return frozenset(
        name for row in _there(record.pk, kind, asked) for name, there in zip(names, row, strict=True) if there
    )


def look(record: Record) -> None:
    """Ask for a page that shows the record as it is at this moment; then `has` knows without asking, and so does the
    record of those whom it names in fields for several."""
    found = record.__dict__["_hanging"] = _ask(record)
    for field in record._meta.many_to_many:
        if field.name not in found:
            held = record.__dict__.setdefault("_prefetched_objects_cache", {})
            held[field.name] = field.related_model._default_manager.none()
    prefetch_related_objects([record], *(field.name for field in record._meta.many_to_many))


def has(record: Record, name: str) -> bool:
    """Whether anything of this name hangs on the record."""
    known: frozenset[str] | None = record.__dict__.get("_hanging")
    return name in (_ask(record) if known is None else known)


hangs("files", lambda kind: File.objects.filter(kind=kind, record_id=OuterRef("pk")))
hangs("links", lambda kind: Link.objects.filter(from_kind=kind, from_id=OuterRef("pk")))
hangs("links", lambda kind: Link.objects.filter(to_kind=kind, to_id=OuterRef("pk")))
