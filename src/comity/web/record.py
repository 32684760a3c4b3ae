"""The page of one record in three parts: facts; stage panel, panels and timeline; side panels, files, links, people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from comity.records import reading
from comity.records.access import may
from comity.records.files import files_of
from comity.records.kind import Kind
from comity.records.models import Entry
from comity.records.workflow import Workflow
from comity.web import aside, cells
from comity.web.gate import actor_of, of_record, person_of
from comity.web.icons import icon
from comity.web.panels import Panel, panels

LINES = 30
STREAM = (("", _("All")), ("posts", _("Notes")), ("changes", _("Changes")), ("steps", _("Steps")), ("files", _("Files")))
ACT_ICONS = {
    "create": "plus", "update": "pencil", Entry.POST: "message-square", Entry.FILE: "paperclip", Entry.LINK: "link",
    "unlink": "unlink", Entry.READ: "eye", Entry.AUTO: "zap", "archive": "archive",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the timeline, ready to show."""

    entry: Entry
    icon: SafeString
    act: str
    changes: list[tuple[str, SafeString, SafeString]]

    @property
    def late(self) -> bool:
        """Entered noticeably later than it happened, so both times are shown."""
        return (self.entry.at - self.entry.happened_at).total_seconds() > 300


def line(kind: Kind, entry: Entry) -> Line:
    shown = [
        (cells.label_of(kind, name)[0], "" if old in (None, "", []) else cells.changed(kind, name, old), cells.changed(kind, name, new))
        for name, (old, new) in entry.fields_changed.items()
        if entry.act != Entry.READ
    ]
    return Line(entry, icon(ACT_ICONS.get(entry.act, "arrow-right"), 14), cells.act(kind, entry.act), shown)


def stages(workflow: Workflow, record: Any) -> list[tuple[str, SafeString, str]]:
    """The main path in order: what is behind, where the record stands, what lies ahead. Off the path, it stands apart."""
    now = workflow.status(record)
    words = dict(record._meta.get_field(workflow.field).flatchoices)
    path = list(workflow.stages)
    if not path:
        return []
    at = path.index(now) if now in path else -1
    found = []
    for n, state in enumerate(path):
        place = "now" if state == now else "done" if n < at else "next"
        sign = {"now": "circle-dot", "done": "circle-check", "next": "circle"}[place]
        found.append((place, icon(sign, 14), str(words.get(state, state))))
    if at < 0:
        found.append(("now", icon(cells.standing(workflow, now)[0], 14), str(words.get(now, now))))
    return found


def facts(record: Any) -> tuple[list[tuple[str, SafeString]], list[tuple[str, SafeString]], list[str]]:
    """Short facts, long texts, and the labels of what is empty."""
    kind = record.kind
    short, long, empty = [], [], []
    for name in kind.fields:
        try:
            field = kind.field(name)
        except FieldDoesNotExist:
            continue
        label, shown = cells.capital(str(field.verbose_name)), cells.fact(record, name)
        if shown == cells.NONE:
            empty.append(label)
        elif isinstance(field, TextField):
            long.append((label, shown))
        elif shown != escape(str(record)):  # the heading says it
            short.append((label, shown))
    return short, long, empty


def _rendered(found: list[Panel], record: Any, request: HttpRequest) -> list[tuple[Panel, SafeString]]:
    return [(one, mark_safe(html)) for one in found if (html := one.render(record, request))]  # noqa: S308


def show_page(request: HttpRequest, record: Any, status: int = 200, **more: Any) -> HttpResponse:
    """The whole page; a part of it when only older lines of the timeline are asked for."""
    kind, person = record.kind, person_of(request)
    chosen, before = request.GET.get("show", ""), request.GET.get("before", "")
    entries = reading.timeline(record, chosen, int(before) if before.isdigit() else None, LINES + 1)
    lines = [line(kind, entry) for entry in entries[:LINES]]
    older = entries[LINES - 1].pk if len(entries) > LINES else None
    context: dict[str, Any] = {"kind": kind, "record": record, "lines": lines, "older": older, "show": chosen, **more}
    if before and request.headers.get("HX-Request"):
        return render(request, "web/record.html#lines", context)
    tabs = panels(kind, "tab")
    tab = next((one for one in tabs if one.name == request.GET.get("tab")), None)
    steps = kind.workflow.available(record, actor_of(request)) if kind.workflow else []
    short, long, empty = facts(record)
    context |= {
        "short": short,
        "long": long,
        "empty": empty,
        "stages": stages(kind.workflow, record) if kind.workflow else (),
        "ready": [(one.move, cells.step_label(one.move)) for one in steps if one.ready],
        "blocked": [(cells.step_label(one.move), one.missing) for one in steps if one.allowed and one.missing],
        "may_edit": may(person, record, "edit"),
        "following": aside.follows(record, person),
        "filters": STREAM,
        "files": files_of(record),
        "links": aside.links_of(record, person),
        "tabs": tabs,
        "tab": tab,
        "tab_html": mark_safe(tab.render(record, request)) if tab else "",  # noqa: S308
        "main": _rendered(panels(kind, "main"), record, request),
        "side": _rendered(panels(kind, "side"), record, request),
    }
    return render(request, "web/record.html", context, status=status)


@of_record
def show(request: HttpRequest, record: Any) -> HttpResponse:
    """A record within its reader's rights."""
    return show_page(request, record)
