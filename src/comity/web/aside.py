"""What people keep beside records: saved views, column choices, follows and links."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict

from comity.accounts.models import Person, Unit
from comity.accounts.prepared import ANY, prepared
from comity.accounts.rights import own_people
from comity.records import reading
from comity.records.access import readable
from comity.records.hanging import has
from comity.records.kind import Kind, kind_named, kinds
from comity.records.models import Follow, Link, SavedView, Term

COLUMNS = ""  # the name of the nameless view that holds a person's choice of columns


@prepared
def _views() -> QuerySet[SavedView, tuple[Any, ...]]:
    return SavedView.seen_by(ANY).values_list()


def views_of(request: Any) -> list[SavedView]:
    """All saved views this person sees, read once a request: the register and the side bar both ask."""
    if not hasattr(request, "saved_views"):
        request.saved_views = [SavedView(*row) for row in _views(request.user.pk)]
    return request.saved_views  # type: ignore[no-any-return]


def url_of(view: SavedView) -> str:
    """Where a view shows; empty for a choice of columns, and for a kind that is no more."""
    path = next((kind.url for kind in kinds() if kind.name == view.kind), "")
    return f"{path}?{view.query}&view={view.pk}" if path and view.name != COLUMNS else ""


def columns_chosen(request: HttpRequest, kind: Kind) -> list[str]:
    """The columns the person chose for this register; none where the kind's own serve."""
    mine = (
        v.query for v in views_of(request) if (v.kind, v.name, v.person_id) == (kind.name, COLUMNS, request.user.pk)
    )
    return (request.GET.get("cols") or next(mine, "")).split(",")


def count_of(person: Person, view: SavedView) -> str:
    """How many records a view finds, bounded."""
    try:
        found = reading.register(kind_named(view.kind), person, QueryDict(view.query), size=1)
    except reading.BadQuery:
        return "?"
    return f"{found.count:,}" + ("+" if found.more else "")


def keep_view(person: Person, kind: Kind, name: str, **values: Any) -> SavedView:
    return SavedView.objects.update_or_create(person=person, kind=kind.name, name=name, defaults=values)[0]


def drop_view(person: Person, kind: Kind, name: str) -> None:
    SavedView.objects.filter(person=person, kind=kind.name, name=name).delete()


@prepared
def _followers(kind: str) -> QuerySet[Follow, tuple[int]]:
    return Follow.objects.filter(kind=kind, record_id=ANY).values_list("person")


def follows(record: Any, person: Person) -> bool:
    return (person.pk,) in _followers(record.pk, record.kind.name)


@prepared
def _ties(kind: str) -> QuerySet[Link, tuple[str, int, str, str, int]]:
    here, there = Q(from_kind=kind, from_id=ANY), Q(to_kind=kind, to_id=ANY)
    return Link.objects.filter(here | there).values_list("from_kind", "from_id", "verb", "to_kind", "to_id")[:200]


def links_of(record: Any, person: Person) -> list[tuple[str, Any]]:
    """The other ends of a record's links that this person may read, each with the verb; one query per kind."""
    ends: dict[str, dict[int, str]] = {}
    ties = _ties(record.pk, record.kind.name) if has(record, "links") else []
    for from_kind, from_id, verb, to_kind, to_id in ties:
        outward = (from_kind, from_id) == (record.kind.name, record.pk)
        kind, pk = (to_kind, to_id) if outward else (from_kind, from_id)
        ends.setdefault(kind, {})[pk] = verb.replace("_", " ")
    return [
        (verbs[other.pk], other)
        for name, verbs in sorted(ends.items())
        for other in readable(kind_named(name), person).filter(pk__in=verbs).order_by("-pk")
    ]


def people_named(text: str, most: int) -> list[tuple[str, str]]:
    rows = own_people().filter(Q(name__icontains=text) | Q(email__icontains=text))
    return list(rows.order_by("name").values_list("email", "name")[:most])


def terms_named(name: str, text: str, most: int) -> list[tuple[str, str]]:
    known = Q(label__icontains=text) | Q(label_zh__icontains=text) | Q(code__icontains=text)
    return [(row.code, str(row)) for row in Term.objects.filter(known, list=name, active=True)[:most]]


def units_named(text: str, most: int) -> list[tuple[str, str]]:
    return [(name, "") for name in Unit.objects.filter(name__icontains=text).values_list("name", flat=True)[:most]]
