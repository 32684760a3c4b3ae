"""What people keep beside records: saved views, column choices, follows and links. Read here, written by small acts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, QueryDict

from comity.accounts.models import Person
from comity.records import reading
from comity.records.access import readable
from comity.records.kind import Kind, kind_named
from comity.records.models import Follow, Link, SavedView
from comity.web import cells
from comity.web.gate import person_of

COLUMNS = ""  # the name of the nameless view that holds a person's choice of columns


def views_of(request: HttpRequest) -> list[SavedView]:
    """All saved views this person sees, read once a request: the register and the navigation both ask."""
    if not hasattr(request, "_views"):
        request._views = list(SavedView.seen_by(person_of(request)))  # type: ignore[attr-defined]
    return request._views  # type: ignore[attr-defined,no-any-return]


def columns_chosen(request: HttpRequest, kind: Kind) -> list[str]:
    """The columns the person chose for this register; empty where the kind's own serve."""
    chosen = request.GET.get("cols", "")
    if not chosen:
        me = person_of(request).pk
        mine = (v for v in views_of(request) if v.kind == kind.name and v.name == COLUMNS and v.person_id == me)
        chosen = next((view.query for view in mine), "")
    return [name for name in chosen.split(",") if name]


def keep_view(person: Person, kind: Kind, name: str, **values: Any) -> SavedView:
    view, _new = SavedView._default_manager.update_or_create(person=person, kind=kind.name, name=name, defaults=values)
    return view


def count_of(person: Person, view: SavedView) -> str:
    """How many records a view finds, bounded."""
    try:
        found = reading.register(kind_named(view.kind), person, QueryDict(view.query), size=1)
    except (KeyError, reading.BadQuery):
        return "?"
    return f"{found.count:,}" + ("+" if found.more else "")


def drop_view(person: Person, kind: Kind, name: str) -> None:
    SavedView._default_manager.filter(person=person, kind=kind.name, name=name).delete()


def follows(record: Any, person: Person) -> bool:
    rows = Follow._default_manager.filter(person=person, kind=record.kind.name, record_id=record.pk)
    return rows.exists()


def links_of(record: Any, person: Person) -> list[tuple[str, Any]]:
    """The other ends of a record's links that this person may read, with the verb in words; one query per kind."""
    here, there = Q(from_kind=record.kind.name, from_id=record.pk), Q(to_kind=record.kind.name, to_id=record.pk)
    wanted: dict[str, dict[int, str]] = {}
    for tie in Link._default_manager.filter(here | there)[:200]:
        outward = tie.from_kind == record.kind.name and tie.from_id == record.pk
        kind, pk = (tie.to_kind, tie.to_id) if outward else (tie.from_kind, tie.from_id)
        wanted.setdefault(kind, {})[pk] = tie.verb
    return [
        (cells.capital(verbs[other.pk].replace("_", " ")), other)
        for name, verbs in sorted(wanted.items())
        for other in readable(kind_named(name), person).filter(pk__in=verbs).order_by("-pk")
    ]
