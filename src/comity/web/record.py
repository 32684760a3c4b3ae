"""The page of one record in three parts: facts; stage panel, panels, timeline; side panels, files, links, people."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import TextField
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.accounts.models import Person
from comity.records import hanging, reading, write
from comity.records.access import may, may_note, may_tell, readable_of
from comity.records.files import files_of, path_of
from comity.records.kind import Kind
from comity.records.models import Entry, Record
from comity.web import aside, cells
from comity.web.gate import actor_of, page, person_of
from comity.web.icons import icon
from comity.web.panels import panels

LINES = 30
STREAM = {
    "": gettext_lazy("All"),
    "posts": gettext_lazy("Notes"),
    "changes": gettext_lazy("Changes"),
    "steps": gettext_lazy("Steps"),
    "files": gettext_lazy("Files"),
    "automatic": gettext_lazy("Automatic"),
}
SIGNS = {
    "create": "plus", "update": "pencil", Entry.POST: "message-square", Entry.FILE: "paperclip", Entry.LINK: "link",
    "unlink": "unlink", Entry.READ: "eye", Entry.AUTO: "zap", "archive": "archive",
}  # fmt: skip


def line(kind: Kind, entry: Entry, called: dict[str, dict[str, str]]) -> dict[str, Any]:
    """One line of the timeline, ready to show; `late` when it was entered noticeably after it happened."""
    changes = []
    for name, (old, new) in entry.fields_changed.items():
        field = cells.field_of(kind, name)
        label = cells.capital(field.verbose_name if field is not None else name.replace("_", " "))
        before, after = (cells.changed(field, thing, called.get(name, {})) for thing in (old, new))
        changes.append((label, before, after or cells.NONE))
    return {
        "entry": entry,
        "icon": icon("zap" if entry.rule else SIGNS.get(entry.act, "arrow-right"), 14),
        "act": cells.act(kind, entry.act),
        "door": cells.DOORS.get(entry.via, ""),
        "rule": _(entry.rule.replace("_", " ").capitalize()) if entry.rule.islower() else entry.rule,
        "changes": changes,
        "late": (entry.at - entry.happened_at).total_seconds() > 300,
    }


def stages(record: Any) -> list[tuple[str, SafeString, str]]:
    """The main path: what is behind, where the record stands, what lies ahead; off the path it stands apart."""
    flow = record.kind.workflow
    if flow is None or not flow.stages:
        return []
    now, words = flow.status(record), dict(record.kind.field(flow.field).flatchoices)
    path = [*flow.stages, *([] if now in flow.stages else [now])]
    at = path.index(now) if now in flow.stages else 0
    places = ["now" if state == now else "done" if n < at else "next" for n, state in enumerate(path)]
    signs = {"now": cells.standing(flow, now)[0], "done": "circle-check", "next": "circle"}
    return [(where, icon(signs[where], 14), str(words[state])) for where, state in zip(places, path, strict=True)]


def facts(record: Any, person: Person, only: Collection[str] | None = None) -> dict[str, list[Any]]:
    """Short facts, long texts, and the labels of what is empty or a plain no. What the heading says isn't repeated."""
    found: dict[str, list[Any]] = {"short": [], "long": [], "empty": []}
    left_out = record.hidden if only is not None else record.hidden | record.in_panels
    names = (name for name in dict.fromkeys((record.kind.due, *record.kind.fields)) if name not in left_out)
    asked = (name for name in names if only is None or name in only)
    fields = {name: field for name in asked if (field := cells.field_of(record.kind, name)) is not None}
    known = readable_of(_named(record, fields), person)
    for name, field in fields.items():
        label, shown = cells.capital(field.verbose_name), cells.fact(record, name, known)
        if shown == cells.NONE:
            found["empty"].append(label)
        elif getattr(record, name) is False:
            found["empty"].append(_("%(what)s: no") % {"what": label})
        elif getattr(record, name) != str(record):
            found["long" if isinstance(field, TextField) else "short"].append((label, shown))
    return found


def _named(record: Any, fields: dict[str, Any]) -> Iterator[Record]:
    """The records that these fields name."""
    for name, field in fields.items():
        if field.is_relation:
            rows = getattr(record, name).all() if field.many_to_many else [getattr(record, name)]
            yield from (one for one in rows if isinstance(one, Record))


def show_page(request: HttpRequest, record: Any, status: int = 200, **more: Any) -> HttpResponse:
    """The whole page, or only older lines of the timeline where a part is asked for."""
    kind, person = record.kind, person_of(request)
    asked, below = request.GET.get("show", ""), request.GET.get("before", "")
    until = int(below) if re.fullmatch("[0-9]{1,18}", below) else None
    entries = reading.timeline(record, asked, until, LINES + 1, person)
    called = cells.called(kind, entries[:LINES])
    lines = [line(kind, entry, called) for entry in entries[:LINES]]
    older = entries[LINES - 1].pk if len(entries) > LINES else None
    context = {"kind": kind, "record": record, "lines": lines, "older": older, "show": asked, **more}
    if below and request.headers.get("HX-Request"):
        return render(request, "web/record.html#lines", context)
    hanging.look(record)
    reading.relate([record], (field for field in kind.model._meta.concrete_fields if field.many_to_one))
    tabs = panels(kind, "tab")
    tab = next((one for one in tabs if one.name == request.GET.get("tab")), None)
    steps = kind.workflow.available(record, actor_of(request)) if kind.workflow else []
    steps.sort(key=lambda one: not one.move.primary)
    context |= facts(record, person) | {
        "stages": stages(record),
        "ready": [(one.move, cells.step_label(one.move)) for one in steps if one.ready],
        "blocked": [(cells.step_label(one.move), one.missing) for one in steps if one.allowed and one.missing],
        "may_edit": may(person, record, "edit") and record.editable(person),
        "may_note": may_note(person, kind),
        "may_tell": kind.party and may_tell(person, record),
        "following": aside.follows(record, person),
        "stream": STREAM,
        "files": files_of(record),
        "links": aside.links_of(record, person),
        "tabs": tabs,
        "tab": tab,
        "open": [(one, one.answer(record, request)) for one in tabs if one == tab],
        "main": [(one, found) for one in panels(kind, "main") if (found := one.answer(record, request)) is not None],
        "side": [(one, found) for one in panels(kind, "side") if (found := one.answer(record, request)) is not None],
    }
    own = [f"{kind.model._meta.app_label}/{kind.name}_record.html", "web/record.html"]
    return render(request, own, context, status=status)


@page
def show(request: HttpRequest, record: Any) -> HttpResponse:
    """A record within its reader's rights."""
    write.record_read(record, actor_of(request))
    return show_page(request, record)


@page
def file(request: HttpRequest, record: Any, pk: Any) -> HttpResponseBase:
    """A file of the record; always a download, never opened by the browser in our name."""
    found = next((one for one in files_of(record) if one.pk == pk), None)
    if found is None:
        raise Http404
    write.record_read(record, actor_of(request))
    response = FileResponse(path_of(found).open("rb"), as_attachment=True, filename=found.name)
    response["Content-Type"], response["X-Content-Type-Options"] = "application/octet-stream", "nosniff"
    response["Content-Security-Policy"], response["Cache-Control"] = "default-src 'none'; sandbox", "private, no-store"
    return response
