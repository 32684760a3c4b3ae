"""The register of a kind: filters, sort, columns, keyset pages, saved views, bulk acts and export over one query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.db.models import TextField, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from comity.accounts.rights import rights_of
from comity.records import reading, write
from comity.records.access import may, readable
from comity.records.forms import form_class
from comity.records.kind import Column, Kind
from comity.web import aside, cells, export, writing
from comity.web.gate import actor_of, go, of_kind, person_of

BULK_AT_MOST = 1000
STATE = ("after", "before", "view")  # what belongs to one look, not to the query that a view keeps
EVERYONE = (("owner", gettext_lazy("owner")), ("entered_at", gettext_lazy("entered")), ("changed_at", gettext_lazy("changed")))


def columns_offered(kind: Kind) -> dict[str, Column]:
    """Every column a person may choose: the kind's own, its other short fields, and those of every record."""
    found = {c.value if isinstance(c.value, str) else f"c{n}": c for n, c in enumerate(reading.columns_of(kind))}
    for name in kind.fields:
        try:
            field = kind.field(name)
        except FieldDoesNotExist:
            continue
        if not isinstance(field, TextField) and not field.many_to_many:
            found.setdefault(name, Column(field.verbose_name, name))
    for name, label in EVERYONE:
        found.setdefault(name, Column(label, name, "entered_at" if name == "entered_at" else ""))
    return found


def columns_shown(request: HttpRequest, kind: Kind) -> list[Column]:
    """The chosen columns, or the kind's own."""
    offered = columns_offered(kind)
    chosen = [offered[name] for name in aside.columns_chosen(request, kind) if name in offered]
    return chosen or list(reading.columns_of(kind))


def fetch(kind: Kind, rows: list[Any], columns: Iterable[Column]) -> list[Any]:
    """The relations that chosen columns name, one query each for all rows."""
    names = {str(c.value).split("__")[0] for c in columns if isinstance(c.value, str)}
    many = [name for name in names if (f := kind.field(name)).is_relation and f.many_to_one]
    if rows and many:
        prefetch_related_objects(rows, *many)
    return rows


def _cell(kind: Kind, column: Column, main: bool) -> Callable[[Any], str]:
    """How one column is drawn; decided once for all rows."""
    flow = kind.workflow
    if main:
        return lambda r: f'<a href="{r.url}">{escape(cells.value(reading.value_of(r, column)) if reading.value_of(r, column) else r.ref)}</a>'
    if flow and column.value == flow.field:
        words = dict(kind.field(flow.field).flatchoices)
        drawn: dict[str, str] = {}

        def state(record: Any) -> str:
            now = flow.status(record)
            if now not in drawn:
                drawn[now] = cells.state_word(flow, now, str(words.get(now, now)))
            return drawn[now]

        return state
    if column.value == "ref":
        return lambda r: f'<a class="ref" tabindex="-1" href="{r.url}">{r.ref}</a>'
    if kind.due and column.value == kind.due:
        return lambda r: cells.deadline(getattr(r, kind.due), short=True)
    return lambda r: cells.value(reading.value_of(r, column))


def table(kind: Kind, rows: list[Any], columns: list[Column]) -> SafeString:
    """The body of the table. Made here, because a template loop over fifty rows costs more than all queries."""
    at = 1 if columns[0].value == "ref" and len(columns) > 1 else 0
    drawn = [
        (f'<td class="main">' if n == at else "<td>" if c.value == "ref" else f'<td data-l="{escape(cells.capital(str(c.label)))}">', _cell(kind, c, n == at))
        for n, c in enumerate(columns)
    ]  # fmt: skip
    select = escape(_("Select %(ref)s"))
    parts = []
    for row in rows:
        name = select % {"ref": row.ref} if "%(ref)s" in select else row.ref
        parts.append(f'<tr><td class="tick"><label><input type="checkbox" name="tick" value="{row.ref}" aria-label="{name}"></label></td>')
        parts.extend(f"{start}{draw(row)}</td>" for start, draw in drawn)
        parts.append("</tr>\n")
    return mark_safe("".join(parts))  # noqa: S308


def _query(request: HttpRequest, without: Iterable[str] = (), **changes: str) -> str:
    """The present query with some keys changed, empty ones left out."""
    asked: QueryDict = request.GET.copy()
    for key in (*without, *changes):
        asked.pop(key, None)
    for key, value in changes.items():
        if value:
            asked[key] = value
    for key in [key for key in asked if not any(asked.getlist(key))]:
        del asked[key]
    return asked.urlencode()


def _heads(request: HttpRequest, register: reading.Register, columns: list[Column]) -> list[dict[str, Any]]:
    now = register.sort.removeprefix("-")
    found = []
    for column in columns:
        down = register.sort.startswith("-")
        here = bool(column.sort) and column.sort == now
        turned = column.sort if not here or down else f"-{column.sort}"
        found.append({
            "label": cells.capital(str(column.label)),
            "url": "?" + _query(request, STATE, sort=turned) if column.sort else "",
            "aria": ("descending" if down else "ascending") if here else "",
        })  # fmt: skip
    return found


@of_kind
def show(request: HttpRequest, kind: Kind) -> HttpResponse:
    """The register; an htmx request gets only its table."""
    person = person_of(request)
    try:
        register = reading.register(kind, person, request.GET)
    except reading.BadQuery as broken:
        raise BadRequest(str(broken)) from broken
    columns = columns_shown(request, kind)
    fetch(kind, register.rows, columns)
    part = request.headers.get("HX-Target") == "list"
    clean = _query(request, STATE)
    context: dict[str, Any] = {
        "kind": kind,
        "register": register,
        "heads": _heads(request, register, columns),
        "body": table(kind, register.rows, columns),
        "shown_count": f"{register.count:,}" + ("+" if register.more else ""),
        "older": "?" + _query(request, ("before",), after=register.older) if register.older else "",
        "newer": "?" + _query(request, ("after",), before=register.newer) if register.newer else "",
        "query": clean,
        "asked": bool(register.query or any(f.values for f in register.filters)),
        "bulk": bulk_acts(request, kind) if register.rows else (),
        "bulk_most": min(register.count, BULK_AT_MOST),
        "may_create": may(person, kind, "create"),
    }
    if not part:
        views = [v for v in aside.views_of(request) if v.kind == kind.name and v.name != aside.COLUMNS]
        shown = {id(column) for column in columns}
        context |= {
            "views": views,
            "view": next((v for v in views if str(v.pk) == request.GET.get("view")), None),
            "offered": [(k, cells.capital(str(c.label)), id(c) in shown) for k, c in columns_offered(kind).items()],
            "first": register.filters[:4],
            "rest": register.filters[4:],
            "rest_open": any(f.values for f in register.filters[4:]),
            "sort": request.GET.get("sort", ""),
            "meaning": export.first_sentence(kind.model.__doc__),
        }
    response = render(request, "web/register.html#list" if part else "web/register.html", context)
    response["Vary"] = "HX-Request, HX-Target, Cookie"
    response["Cache-Control"] = "private, no-store" if part else "private, no-cache"
    return response


@of_kind
def take_out(request: HttpRequest, kind: Kind) -> HttpResponseBase:
    """The register's query as a file, with the columns that are shown."""
    columns = columns_shown(request, kind)
    rows = reading.every(kind, person_of(request), request.GET, export.AT_MOST)
    try:
        return export.answer(kind, rows, columns, request.GET.get("format", "csv"), fetch)
    except reading.BadQuery as broken:
        raise BadRequest(str(broken)) from broken


@require_POST
@of_kind
def views(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Keep the present query under a name, forget one, or choose columns."""
    person, act = person_of(request), request.POST.get("do", "")
    query = request.POST.get("query", "")[:2000]
    target = f"{kind.url}?{query}" if query else kind.url
    if act == "columns":
        offered = columns_offered(kind)
        chosen = ",".join(name for name in request.POST.getlist("col") if name in offered)
        aside.keep_view(person, kind, aside.COLUMNS, query=chosen)
    elif act == "columns-reset":
        aside.drop_view(person, kind, aside.COLUMNS)
    elif act == "drop":
        aside.drop_view(person, kind, request.POST.get("name", "") or "-")
    elif name := request.POST.get("name", "").strip()[:80]:
        flags = {flag: bool(request.POST.get(flag)) for flag in ("shared", "pinned")}
        view = aside.keep_view(person, kind, name, query=query, **flags)
        target = f"{kind.url}?{query}&view={view.pk}"
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": name})
    return go(request, target)


def bulk_acts(request: HttpRequest, kind: Kind) -> list[tuple[str, list[tuple[str, str]]]]:
    """What this person may do to many records at once: steps of the workflow, and one field of them all."""
    rights = rights_of(person_of(request))
    moves = kind.workflow.moves if kind.workflow else ()
    steps = [(f"step:{m.name}", cells.step_label(m)) for m in moves if rights.roles & set(m.by) and not m.form]
    found = [(_("Step"), steps)] if steps else []
    if rights.may(kind.rules.handle, "edit"):
        fields = [(f"edit:{n}", cells.capital(str(cells.label_of(kind, n)[0]))) for n in kind.fields]
        found.append((_("Change"), fields))
    return found


@require_POST
@of_kind
def bulk(request: HttpRequest, kind: Kind) -> HttpResponse:
    """One act over the ticked records: first what it needs and whom it concerns, then what became of each."""
    person, act = person_of(request), request.POST.get("do", "")
    verb, _sep, name = act.partition(":")
    known = dict(pair for _heading, pairs in bulk_acts(request, kind) for pair in pairs)
    if act not in known:
        raise BadRequest("do")
    if request.POST.get("all"):
        query = QueryDict(request.POST.get("query", ""))
        records = fetch(kind, list(reading.every(kind, person, query, BULK_AT_MOST)), ())
    else:
        refs = request.POST.getlist("tick") or request.POST.get("refs", "").split(",")
        records = list(readable(kind, person).filter(ref__in=refs[:BULK_AT_MOST]).order_by("ref"))
    move = kind.workflow[name] if verb == "step" and kind.workflow else None
    names = (*move.requires, *move.asks) if move else (name,)
    confirmed = "confirm" in request.POST
    form = form_class(kind, names)(request.POST if confirmed else None, person=person) if names else None
    for required in move.requires if move and form else ():
        form.fields[required].required = True
    occasion = writing.Occasion(request.POST if confirmed else None, needs_note=bool(move and move.note))
    context: dict[str, Any] = {
        "kind": kind, "records": records, "refs": ",".join(record.ref for record in records), "do": act, "label": known[act],
        "form": form, "occasion": occasion, "query": request.POST.get("query", ""), "loose": (),
    }  # fmt: skip
    if not confirmed or not records:
        return render(request, "web/bulk.html", context)
    values = writing.typed(form, names) if form else {}
    note, done, failed = request.POST.get("note", ""), 0, []
    for record in records:
        try:
            if move:
                write.transition(record, name, values, actor=actor_of(request), note=note)
            else:
                write.update(record, values, actor=actor_of(request), note=note)
            done += 1
        except ValidationError as error:
            failed.append((record, [text for texts in writing.errors_of(error).values() for text in texts]))
        except write.Refused as refused:
            failed.append((record, list(refused.missing)))
        except (write.NotAllowed, write.NotReadable):
            failed.append((record, [_("You may not do this with it.")]))
    return render(request, "web/bulk.html", {**context, "done": done, "failed": failed, "finished": True})
