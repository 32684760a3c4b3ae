"""How a register is read: filters, search, sort, keyset pages, bounded counts; one way for all doors."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from comity.accounts.models import Person, Unit
from comity.accounts.whole import rows_of, words_of
from comity.records import search, sql
from comity.records.access import readable
from comity.records.filters import Filter, condition, filters_of
from comity.records.forms import plain
from comity.records.kind import Column, Kind, kinds
from comity.records.models import Entry, Record, Term

PAGE = 50
REFERENCE = re.compile(r"\b[A-Z]{2,5}-[0-9]{5,}\b")
COUNT_AT_MOST = 1_000  # beyond it "1,000+": every row counted is a row read, with the conditions of its reader


class BadQuery(ValueError):
    """A cursor or sort that this register does not understand (400)."""


@dataclass(frozen=True)
class Narrowing:
    """How a higher room narrows any register by names in the query: which rows remain, and what is said above them."""

    names: tuple[str, ...]
    condition: Callable[[Kind, Person, Mapping[str, Any]], Q]
    told: Callable[[Kind, Person, Mapping[str, Any]], str]  # HTML; empty where nothing is asked


narrowings: list[Narrowing] = []


@dataclass(frozen=True)
class Register:
    """One page of a register, with what is needed to draw it and to go on."""

    kind: Kind
    rows: list[Any]
    columns: tuple[Column, ...]
    filters: list[Filter]
    query: str
    sort: str
    older: str  # cursor of the next page, empty at the end
    newer: str
    count: int
    more: bool  # there are more than `count`


@lru_cache(maxsize=500)
def columns_of(kind: Kind) -> tuple[Column, ...]:
    """The kind's columns in full, with labels and sort keys for plain fields."""
    found = []
    for column in kind.columns:
        if isinstance(column, Column):
            found.append(column)
            continue
        field = _field(kind.model, column)
        sort = (
            column if "__" not in column and not field.is_relation and not isinstance(field, models.TextField) else ""
        )
        found.append(Column(field.verbose_name, column, sort))
    return tuple(found)


def _field(model: Any, path: str) -> Any:
    field = None
    for name in path.split("__"):
        field = model._meta.get_field(name)
        model = field.related_model
    return field


@lru_cache(maxsize=500)
def _joins(kind: Kind) -> tuple[str, ...]:
    """Relations that the columns show, to be fetched with the rows."""
    found = []
    for column in columns_of(kind):
        if isinstance(column.value, str):
            parts = column.value.split("__")
            path: list[str] = []
            model: Any = kind.model
            for part in parts:
                try:
                    field = model._meta.get_field(part)
                except FieldDoesNotExist:
                    break
                if not field.many_to_one:
                    break
                path.append(part)
                model = field.related_model
            if path:
                found.append("__".join(path))
    return tuple(dict.fromkeys(found))


def _read(kind: Kind, rows: QuerySet[Any], names: Iterable[str] | None) -> QuerySet[Any]:
    """Rows as a whole with the relations that the kind's columns show, or these columns alone.

    A row of a wide table costs several times what a page shows of it. What is left out is read when it is asked for.
    """
    if names is None:
        return rows.select_related(*_joins(kind))
    always = (kind.due, kind.order.removeprefix("-"), kind.workflow.field if kind.workflow else "")
    return rows.only("pk", "ref", *filter(None, always), *getattr(rows, "looked_at", ()), *names)


def matching(
    kind: Kind,
    person: Person,
    params: Mapping[str, Any],
    filters: list[Filter] | None = None,
    names: Iterable[str] | None = None,
) -> QuerySet[Any]:
    """The readable rows that meet the filters (search apart), unordered. Archived ones only when asked for."""
    rows = _read(kind, readable(kind, person), names)
    rows = rows.filter(archived_at__isnull=params.get("archived") != "yes")
    for asked in filters if filters is not None else filters_of(kind, params):
        rows = rows.filter(condition(kind, asked)) if asked.values else rows
    for one in narrowings:
        rows = rows.filter(one.condition(kind, person, params))
    return rows


def register(
    kind: Kind,
    person: Person,
    params: Mapping[str, Any],
    size: int = PAGE,
    counted: bool = True,
    names: Iterable[str] | None = None,
) -> Register:
    """The page of the register that the query asks for; with `names`, rows hold these columns and no relations.

    Raises BadQuery for a broken cursor or sort.
    """
    filters = filters_of(kind, params)
    rows = matching(kind, person, params, filters, names)
    text = str(params.get("q") or "").strip()
    if text and kind.search:
        return _found(kind, rows, params, filters, text, size)
    sort = str(params.get("sort") or kind.order)
    field = sort.removeprefix("-")
    if field not in {
        kind.order.removeprefix("-"),
        kind.due,
        "entered_at",
        "ref",
        *(c.sort for c in columns_of(kind)),
    } - {""}:
        raise BadQuery(f"sort: {field[:40]}")
    after, before = str(params.get("after") or ""), str(params.get("before") or "")
    try:
        page, further = _page(rows, sort, size, after or before, backwards=bool(before))
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise BadQuery("cursor") from error
    older = _cursor(page[-1], field) if page and (further or before) else ""
    newer = _cursor(page[0], field) if page and (after or (before and further)) else ""
    whole = not (further or after or before)
    total = _bounded(rows) if counted and not whole else len(page)
    return Register(
        kind,
        page,
        columns_of(kind),
        filters,
        text,
        sort,
        older,
        newer,
        min(total, COUNT_AT_MOST),
        total > COUNT_AT_MOST,
    )


def _bounded(rows: QuerySet[Any]) -> int:
    return sql.count(rows, COUNT_AT_MOST + 1)


def _found(
    kind: Kind, rows: QuerySet[Any], params: Mapping[str, Any], filters: list[Filter], text: str, size: int
) -> Register:
    """A page of search hits, newest first."""
    below = _decode(str(params["after"]))[1] if params.get("after") else None
    known = search.newest(kind, text, COUNT_AT_MOST + 1)
    page = search.pages(kind, text, rows, size + 1, below, known)
    older = _cursor(page[size - 1], "pk") if len(page) > size else ""
    total = max(search.count(kind, text, rows, known[:COUNT_AT_MOST]), len(page))
    return Register(
        kind, page[:size], columns_of(kind), filters, text, "", older, "", total, len(known) > COUNT_AT_MOST
    )


def _page(rows: QuerySet[Any], sort: str, size: int, cursor: str, backwards: bool) -> tuple[list[Any], bool]:
    """`size` rows in the order, from the cursor on or before it. Empty values come last in either direction.

    Two bounded index reads at most: first the rows that have a value, then the rows without.
    """
    field, down = sort.removeprefix("-"), sort.startswith("-")
    value, pk = _decode(cursor) if cursor else (None, None)
    nullable = bool(rows.model._meta.get_field(field).null)
    if cursor and value is None and not nullable:
        raise BadQuery("cursor")
    parts: list[QuerySet[Any]] = []
    descending = down != backwards
    step, order = ("lt", "-") if descending else ("gt", "")
    filled = rows.filter(**{f"{field}__isnull": False}) if nullable else rows
    filled = filled.order_by(f"{order}{field}", f"{order}pk")
    empty = rows.filter(**{f"{field}__isnull": True}).order_by(f"{order}pk") if nullable else None
    if not cursor:
        parts = [filled] if empty is None else [filled, empty]
    elif value is not None:
        bound = Q(**{f"{field}__{step}e": value}) & (Q(**{f"{field}__{step}": value}) | Q(**{f"pk__{step}": pk}))
        parts = [filled.filter(bound)]
        if empty is not None and not backwards:
            parts.append(empty)
    elif empty is not None:
        parts = [empty.filter(**{f"pk__{step}": pk})]
        if backwards:
            parts.append(filled)
    found: list[Any] = []
    for part in parts:
        if len(found) <= size:
            found.extend(part[: size + 1 - len(found)])
    page, further = found[:size], len(found) > size
    return (page[::-1] if backwards else page), further


def _cursor(record: Any, field: str) -> str:
    value = record.pk if field == "pk" else plain(getattr(record, field))
    return base64.urlsafe_b64encode(json.dumps([value, record.pk], separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[Any, int]:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(pk, int) or isinstance(pk, bool) or not 0 <= pk < 2**63:
            raise ValueError
        if isinstance(value, list | dict):
            raise ValueError
        if isinstance(value, str) and len(value) > 18 and value[10:11] == "T":
            value = parse_datetime(value) or value
    except (ValueError, TypeError, RecursionError) as error:
        raise BadQuery("cursor") from error
    return value, pk


def every(kind: Kind, person: Person, params: Mapping[str, Any], most: int, chunk: int = 1000) -> Iterator[Any]:
    """All rows of the register's query in its order, `most` at the most, read in keyset chunks: export, bulk acts."""
    asked = {key: params.getlist(key) if hasattr(params, "getlist") else params[key] for key in params}
    flat = {key: (v[0] if isinstance(v, list) and len(v) == 1 else v) for key, v in asked.items()}
    flat.pop("before", None)
    flat["after"] = ""
    done = 0
    while done < most:
        page = register(kind, person, flat, min(chunk, most - done), counted=False)
        yield from page.rows
        done += len(page.rows)
        if not page.older:
            return
        flat["after"] = page.older


def value_of(record: Any, column: Column) -> Any:
    """What a column shows of a record, as a Python value; nothing where its reader must not see it."""
    if callable(column.value):
        return column.value(record)
    value = record
    parts = column.value.split("__")
    if parts[0] in record.hidden:
        return None
    for name in parts:
        if value is None:
            return None
        holder, value = value, getattr(value, name)
    words = _words(holder.__class__, parts[-1])
    return str(words.get(value, value)) if words and value is not None else value


@lru_cache(maxsize=5000)
def _words(model: Any, name: str) -> dict[Any, Any]:
    """The words of a field's choices, if it has any; Django's own `get_…_display` collects them for every value."""
    field = next((field for field in model._meta.fields if field.name == name), None)
    return dict(field.flatchoices) if field is not None and field.choices else {}


def discreet(entries: list[Entry], reader: Person) -> list[Entry]:
    """These lines without the references of records that the reader may not see; what people wrote stays as it is."""
    told = [json.dumps(entry.changes, ensure_ascii=False) for entry in entries]
    named = {ref for text in told for ref in REFERENCE.findall(text)}
    silent: set[str] = set()
    for kind in kinds() if named else ():
        refs = {ref for ref in named if ref.startswith(f"{kind.ref}-")}
        if refs and (rows := readable(kind, reader)).query.has_filters():
            silent |= refs - set(rows.filter(ref__in=refs).values_list("ref", flat=True))
    for entry, text in zip(entries, told, strict=True) if silent else ():
        entry.changes = json.loads(REFERENCE.sub(lambda found: "…" if found[0] in silent else found[0], text))
    return entries


def timeline(
    record: Record, only: str = "", below: int | None = None, size: int = 30, reader: Person | None = None
) -> list[Entry]:
    """The record's trail, newest first. `only`: posts, files, steps, changes, automatic; `below` is an entry's id.

    What the reader of this record must not see is left out of the lines, and so are notes and files, which may tell it.
    """
    rows = Entry.objects.filter(kind=record.kind.name, record_id=record.pk)
    if only == "posts":
        rows = rows.filter(act=Entry.POST)
    elif only == "files":
        rows = rows.filter(act=Entry.FILE)
    elif only == "changes":
        rows = rows.filter(act__in=("create", "update"))
    elif only == "automatic":
        rows = rows.exclude(rule="")
    elif only == "steps" and record.kind.workflow:
        rows = rows.filter(act__in=[row.name for row in record.kind.workflow.moves])
    if record.hidden:
        rows = rows.exclude(act__in=(Entry.POST, Entry.FILE))
    if below is not None:
        rows = rows.filter(pk__lt=below)
    if only != "automatic" and record.kind.workflow:
        rows = rows.exclude(act__in=[*record.kind.workflow.bookkeeping])
    entries = list(rows.order_by("-id")[:size])
    for entry in entries:
        entry.changes = {name: pair for name, pair in entry.changes.items() if name not in record.hidden}
    return discreet(entries, reader) if reader else entries


def relate(rows: Iterable[Any], fields: Iterable[Any]) -> None:
    """Read the rows that these fields of the rows point to: one query for each model. Those of a single record are
    read whole, for its page; those of many as far as their words need."""
    rows, fields = list(rows), list(fields)
    wanted: dict[Any, set[Any]] = {}
    for field in fields:
        wanted.setdefault(field.related_model, set()).update(getattr(row, field.attname) for row in rows)
    found = {}
    for model, ids in wanted.items():
        if len(rows) == 1:
            found[model] = rows_of(model, ids)
            continue
        narrow = model.named_by if issubclass(model, Record) else ()
        others = model._default_manager.order_by()
        found[model] = (others.only("ref", *narrow) if narrow else others).in_bulk(ids - {None})
    for row in rows:
        for field in fields:
            field.set_cached_value(row, found[field.related_model].get(getattr(row, field.attname)))


def name_column(model: Any) -> str:
    """The column that names a row of this model to the outside."""
    return "ref" if issubclass(model, Record) else {Person: "email", Term: "code", Unit: "name"}.get(model, "id")


def names_of(model: Any, ids: Iterable[Any]) -> dict[Any, Any]:
    """What the rows with these ids are called at the doors. A reference is told, not what stands behind it."""
    return words_of(model, ids, name_column(model))


def names_of_several(field: Any, records: Iterable[Any]) -> dict[int, list[str]]:
    """The same for a many-to-many field, by the id of the record; those that name nobody are left out."""
    record, other = f"{field.m2m_field_name()}_id", field.m2m_reverse_field_name()
    rows = field.remote_field.through._default_manager.filter(**{f"{record}__in": [one.pk for one in records]})
    found: dict[int, list[str]] = {}
    for pk, name in rows.values_list(record, f"{other}__{name_column(field.related_model)}"):
        found.setdefault(pk, []).append(name)
    return {pk: sorted(names) for pk, names in found.items()}
