"""The register of a kind: filters, sort, columns, keyset pages, saved views, bulk acts and export over one query."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.accounts.rights import rights_of
from comity.records import reading, write
from comity.records.access import may, readable
from comity.records.forms import form_class
from comity.records.kind import Column, Kind
from comity.web import aside, cells, export, writing
from comity.web.gate import actor_of, go, page, person_of

BULK_AT_MOST = 1000
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
        wanted: dict[Any, set[Any]] = {}
        for field in fields:
            wanted.setdefault(field.related_model, set()).update(getattr(row, field.attname) for row in part)
        found = {model: model._default_manager.in_bulk(ids - {None}) for model, ids in wanted.items()}
        for row in part:
            for field in fields:
                field.set_cached_value(row, found[field.related_model].get(getattr(row, field.attname)))
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
    context: dict[str, Any] = {
        "kind": kind,
        "register": register,
        "heads": _heads(request, register.sort, columns),
        "body": table(kind, fetched(kind, register.rows, columns), columns),
        "count": f"{register.count:,}" + ("+" if register.more else ""),
        "older": _query(request, after=register.older) if register.older else "",
        "newer": _query(request, before=register.newer) if register.newer else "",
        "query": _query(request),
        "asked": register.query or any(f.values for f in register.filters),
        "acts": bulk_acts(request, kind),
        "most": min(register.count, BULK_AT_MOST),
        "may_create": may(person_of(request), kind, "create"),
    }
    if not part:
        shown = {column.value for column in columns}
        views = [view for view in aside.views_of(request) if view.kind == kind.name and view.name != aside.COLUMNS]
        context |= {
            "views": views,
            "view": next((view for view in views if str(view.pk) == request.GET.get("view")), None),
            "offered": [(key, cells.capital(c.label), c.value in shown) for key, c in columns_offered(kind).items()],
            "first": [f.drawn() for f in register.filters[:4]],
            "rest": [f.drawn() for f in register.filters[4:]],
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
        flags = {flag: flag in request.POST for flag in ("shared", "pinned")}
        target = aside.url_of(aside.keep_view(person, kind, name, query=query, **flags))
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": name})
    return go(request, target)


def bulk_acts(request: HttpRequest, kind: Kind) -> dict[str, dict[str, str]]:
    """What this person may do to many records at once: steps of the workflow, or one field of them all."""
    rights = rights_of(person_of(request))
    moves = kind.workflow.moves if kind.workflow else ()
    steps = {f"step:{m.name}": cells.step_label(m) for m in moves if rights.roles & set(m.by) and not m.form}
    fields = {
        f"edit:{name}": cells.capital(f.verbose_name) for name in kind.fields if (f := cells.field_of(kind, name))
    }
    found = {_("Step"): steps, _("Change"): fields if rights.may(kind.rules.handle, "edit") else {}}
    return {heading: acts for heading, acts in found.items() if acts}


@require_POST
@page
def bulk(request: HttpRequest, kind: Kind) -> HttpResponse:
    """One act over the ticked records: first what it needs and whom it concerns, then what became of each."""
    person, act, query = person_of(request), request.POST.get("do", ""), request.POST.get("query", "")
    labels = {key: label for acts in bulk_acts(request, kind).values() for key, label in acts.items()}
    if act not in labels:
        raise BadRequest("do")
    if request.POST.get("all"):
        records = list(reading.every(kind, person, QueryDict(query), BULK_AT_MOST))
    else:
        refs = request.POST.getlist("tick") or request.POST.get("refs", "").split(",")
        records = list(readable(kind, person).filter(ref__in=refs[:BULK_AT_MOST]).order_by("ref"))
    verb, _sep, name = act.partition(":")
    data = request.POST if "confirm" in request.POST else None
    move = kind.workflow[name] if verb == "step" and kind.workflow else None
    form = writing.step_form(kind, move, data, person) if move else form_class(kind, (name,))(data, person=person)
    occasion = writing.Occasion(data, bool(move and move.note))
    context = {
        "kind": kind, "records": records, "refs": ",".join(record.ref for record in records), "do": act, "query": query,
        "label": labels[act], "form": form, "occasion": occasion,
    }  # fmt: skip
    if data is not None and occasion.is_valid():
        values = writing.typed(form, form.fields) if form else {}
        results = [(record, _one(request, record, move, values)) for record in records]
        failed = [(record, why) for record, why in results if why]
        context |= {"finished": True, "failed": failed, "done": len(records) - len(failed)}
    return render(request, "web/bulk.html", context)


def _one(request: HttpRequest, record: Any, move: Any, values: dict[str, Any]) -> list[str]:
    """The act on one record, in its own transaction; the reasons if it was refused."""
    actor, note = actor_of(request), request.POST.get("note", "")
    try:
        if move:
            write.transition(record, move.name, values, actor=actor, note=note)
        else:
            write.update(record, values, actor=actor, note=note)
    except ValidationError as error:
        return [text for texts in writing.errors_of(error).values() for text in texts]
    except write.Refused as refused:
        return list(refused.missing)
    except (write.NotAllowed, write.NotReadable):
        return [_("You may not do this with it.")]
    return []
