"""The register of a kind: filters, sort, columns, keyset pages, saved views, bulk acts and export over one query."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.records import reading
from comity.records.access import may
from comity.records.filters import Filter, filters_of
from comity.records.kind import Column, Kind
from comity.web import aside, bulk, cells, export
from comity.web.gate import go, page, person_of

LOOK = ("after", "before", "view")  # what belongs to one look, not to the query that a view keeps
ALWAYS = ("owner", "entered_at", "changed_at")
AT_FIRST = 8  # columns that fit a screen; a kind names them first, and the rest is offered


@lru_cache(maxsize=500)
def columns_offered(kind: Kind) -> dict[str, Column]:
    """Every column a person may choose: the kind's own, its other short fields, and some of every record."""
    found = {c.value if isinstance(c.value, str) else f"c{n}": c for n, c in enumerate(reading.columns_of(kind))}
    for name in (*kind.fields, *ALWAYS):
        field = cells.field_of(kind, name)
        if field is not None and not isinstance(field, TextField) and not field.many_to_many:
            found.setdefault(name, Column(field.verbose_name, name, "entered_at" if name == "entered_at" else ""))
    return found


@cells.each_language
def _ticks(kind: Kind, shown: frozenset[Any]) -> SafeString:
    """The choice of columns."""
    offered = columns_offered(kind).items()
    return cells.ticks("col", ((key, cells.capital(c.label), c.value in shown) for key, c in offered))


@cells.each_language
def _empty_filter(kind: Kind, name: str) -> SafeString:
    """A filter of which nothing is asked."""
    return cells.asked(next(one for one in filters_of(kind, {}) if one.name == name))


def _filter(kind: Kind, one: Filter) -> SafeString:
    return cells.asked(one.drawn()) if one.values or one.listed else _empty_filter(kind, one.name)


def columns_shown(request: HttpRequest, kind: Kind) -> list[Column]:
    """The chosen columns, or the first of the kind's own."""
    offered = columns_offered(kind)
    chosen = [offered[name] for name in aside.columns_chosen(request, kind) if name in offered]
    return chosen or list(reading.columns_of(kind)[:AT_FIRST])


def named(columns: list[Column]) -> list[str] | None:
    """The fields of the record that these columns need; None where a column is a function that may need any."""
    paths = [column.value for column in columns]
    return None if any(callable(path) for path in paths) else [str(path).partition("__")[0] for path in paths]


def fetched(kind: Kind, rows: Iterable[Any], columns: list[Column]) -> Iterator[Any]:
    """The rows with the relations that these columns name: one query for each model and every 500 rows."""
    fields = [cells.field_of(kind, c.value) for c in columns if isinstance(c.value, str)]
    fields, rows = [field for field in fields if field is not None and field.many_to_one], iter(rows)
    while part := list(islice(rows, 500)):
        reading.relate(part, fields)
        yield from part


def table(kind: Kind, rows: Iterable[Any], columns: list[Column]) -> SafeString:
    """The body of the table. Made here, because a template loop over fifty rows costs more than all queries."""
    at = 1 if columns[0].value == "ref" and len(columns) > 1 else 0
    drawn = []
    for n, column in enumerate(columns):
        mark = "" if column.value == "ref" else f' data-l="{escape(cells.capital(column.label))}"'
        start = '<td class="main">' if n == at else f"<td{mark}>"
        drawn.append((start, cells.drawer(kind, column, n == at)))
    tick = (
        '<tr><td class="tick"><label><input type="checkbox" name="tick" value="{0}" aria-label="{1} {0}"></label></td>'
    )
    select = escape(_("Select"))
    lines = (
        tick.format(row.ref, select) + "".join([f"{start}{draw(row)}</td>" for start, draw in drawn]) for row in rows
    )
    return SafeString("</tr>\n".join(lines))


def _query(request: HttpRequest, **changes: str) -> str:
    """The present query, without what belongs to one look, with some keys changed and the empty ones left out."""
    asked = {key: [v for v in request.GET.getlist(key) if v] for key in request.GET if key not in (*LOOK, *changes)}
    made = QueryDict(mutable=True)
    for key, values in (asked | {key: [value] for key, value in changes.items() if value}).items():
        made.setlist(key, values)
    return made.urlencode()


def _heads(request: HttpRequest, sort: str, columns: list[Column]) -> Iterator[dict[str, str]]:
    for column in columns:
        here, down = bool(column.sort) and column.sort == sort.removeprefix("-"), sort.startswith("-")
        turned = f"-{column.sort}" if here and not down else column.sort
        yield {
            "label": cells.capital(column.label),
            "url": f"?{_query(request, sort=turned)}" if column.sort else "",
            "aria": ("descending" if down else "ascending") if here else "",
        }


@page
def show(request: HttpRequest, kind: Kind) -> HttpResponse:
    """The register; a request for its part gets only the table."""
    columns, part = columns_shown(request, kind), request.headers.get("HX-Target") == "list"
    register = reading.register(kind, person_of(request), request.GET, names=named(columns))
    person = person_of(request)
    narrowed = [SafeString(text) for one in reading.narrowings if (text := one.told(kind, person, request.GET))]
    context: dict[str, Any] = {
        "kind": kind,
        "register": register,
        "heads": _heads(request, register.sort, columns),
        "body": table(kind, fetched(kind, register.rows, columns), columns),
        "count": f"{register.count:,}" + ("+" if register.more else ""),
        "older": _query(request, after=register.older) if register.older else "",
        "newer": _query(request, before=register.newer) if register.newer else "",
        "query": _query(request),
        "asked": register.query or narrowed or any(f.values for f in register.filters),
        "acts": bulk.acts(request, kind),
        "most": min(register.count, bulk.AT_MOST),
        "may_create": may(person_of(request), kind, "create"),
    }
    if not part:
        views = [view for view in aside.views_of(request) if view.kind == kind.name and view.name != aside.COLUMNS]
        context |= {
            "views": views,
            "view": next((view for view in views if str(view.pk) == request.GET.get("view")), None),
            "offered": _ticks(kind, frozenset(column.value for column in columns)),
            "first": SafeString("\n".join(_filter(kind, one) for one in register.filters[:4])),
            "rest": SafeString("\n".join(_filter(kind, one) for one in register.filters[4:] if one.shown)),
            "narrowed": narrowed,
            "kept": [(n, request.GET[n]) for one in reading.narrowings for n in one.names if n in request.GET],
            "meaning": kind.model.meaning,
            "rest_asked": any(f.values for f in register.filters[4:]),
        }
    own = [f"{kind.model._meta.app_label}/{kind.name}_register.html", "web/register.html"]
    response = render(request, "web/register.html#list" if part else own, context)
    response["Vary"], response["Cache-Control"] = "HX-Request, HX-Target, Cookie", "private, no-store"
    return response


@page
def take_out(request: HttpRequest, kind: Kind) -> HttpResponseBase:
    """The register's query as a file, with the columns that are shown."""
    columns = columns_shown(request, kind)
    reading.register(
        kind, person_of(request), request.GET, size=1, counted=False
    )  # a broken query fails before the stream
    rows = reading.every(kind, person_of(request), request.GET, export.AT_MOST)
    return export.answer(kind, fetched(kind, rows, columns), columns, request.GET.get("format", "csv"))


@require_POST
@page
def views(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Keep the present query under a name, forget one, or choose columns."""
    person, act, name = person_of(request), request.POST.get("do", ""), request.POST.get("name", "").strip()[:80]
    query = request.POST.get("query", "")[:2000]
    target = f"{kind.url}?{query}"
    if act == "columns":
        chosen = [key for key in request.POST.getlist("col") if key in columns_offered(kind)]
        aside.keep_view(person, kind, aside.COLUMNS, query=",".join(chosen))
    elif act == "columns-reset":
        aside.drop_view(person, kind, aside.COLUMNS)
    elif act == "drop" and name:
        aside.drop_view(person, kind, name)
    elif name:
        values: dict[str, Any] = {flag: flag in request.POST for flag in ("shared", "pinned")}
        if (limit := request.POST.get("limit", "").strip()) and not re.fullmatch("[0-9]{1,3}", limit):
            raise BadRequest("limit")
        values |= {"limit": int(limit) if limit else None, "below": bool(request.POST.get("below")), "passed": False}
        target = aside.url_of(aside.keep_view(person, kind, name, query=query, **values))
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": name})
    return go(request, target)
