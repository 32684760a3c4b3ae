"""Values as people see them. Built in Python, not in template loops: fifty rows must cost a few milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from comity.records.kind import Column, Kind, kind_of
from comity.records.models import ACTS, Record
from comity.records.workflow import Workflow
from comity.web.icons import icon

NONE = mark_safe('<span class="none">–</span>')  # noqa: S308
LONGEST = 140  # characters of a text in a table
FALLEN, OPEN, ASIDE, DONE = "circle-slash", "circle-dashed", "circle-pause", "circle-check"


@lru_cache(maxsize=2000)
def standing(workflow: Workflow, state: str) -> tuple[str, str]:
    """Icon and tone of a state, from its place in the table of moves alone: begun, under way, aside, done, fallen."""
    final = not any(state in move.sources for move in workflow.moves)
    on_path = not workflow.stages or state in workflow.stages
    if final:
        return (DONE, "good") if on_path else (FALLEN, "")
    if state == workflow.initial:
        return OPEN, ""
    return ("circle-dot", "now") if on_path else (ASIDE, "")


def status(record: Any, workflow: Workflow | None = None) -> SafeString:
    """The state of a record: an icon for its place on the path, and the word."""
    workflow = workflow or kind_of(record).workflow
    if workflow is None:
        return mark_safe("")
    return state_word(workflow, workflow.status(record), getattr(record, f"get_{workflow.field}_display")())


def state_word(workflow: Workflow, state: str, word: str) -> SafeString:
    sign, tone = standing(workflow, state)
    return mark_safe(f'<span class="st {tone}">{icon(sign, 14)}{escape(word)}</span>')  # noqa: S308


def when(moment: date | None) -> SafeString:
    """A date, or a time in the reader's zone; ISO order, so that columns align and nobody mistakes day for month."""
    if moment is None:
        return NONE
    if isinstance(moment, datetime):
        local = timezone.localtime(moment)
        text = f'<time datetime="{moment:%Y-%m-%dT%H:%MZ}">{local:%Y-%m-%d %H:%M}</time>'
    else:
        text = f'<time datetime="{moment:%Y-%m-%d}">{moment:%Y-%m-%d}</time>'
    return mark_safe(text)  # noqa: S308


def distance(moment: date) -> tuple[str, str]:
    """How far a deadline is, in words, and its tone: late, soon (a day), or neither."""
    if not isinstance(moment, datetime):
        days = (moment - timezone.localdate()).days
        seconds = days * 86400.0 if days else 1.0
    else:
        seconds = (moment - timezone.now()).total_seconds()
    size = abs(seconds)
    if size < 3600:
        n = int(size // 60)
        span = ngettext("%(n)s min", "%(n)s min", n) % {"n": n}
    elif size < 172800 and isinstance(moment, datetime):
        n = int(size // 3600)
        span = ngettext("%(n)s h", "%(n)s h", n) % {"n": n}
    else:
        n = round(size / 86400)
        span = ngettext("%(n)s day", "%(n)s days", n) % {"n": n}
    if not isinstance(moment, datetime) and seconds == 1.0:
        return gettext("today"), "warn"
    if seconds < 0:
        return gettext("%(span)s late") % {"span": span}, "bad"
    return gettext("in %(span)s") % {"span": span}, "warn" if seconds < 86400 else ""


def deadline(moment: date | None, short: bool = False) -> SafeString:
    """A running deadline in words, late and soon with an icon besides the colour, and the time beside or on hover."""
    if moment is None:
        return NONE
    words, tone = distance(moment)
    sign = {"bad": icon("alarm-clock", 14), "warn": icon("clock", 14)}.get(tone, "")
    exact = when(moment)
    hover, beside = (f' title="{strip_tags(exact)}"', "") if short else ("", f' <small class="muted nowrap">{exact}</small>')
    return mark_safe(f'<span class="st {tone}"{hover}>{sign}{escape(words)}</span>{beside}')  # noqa: S308


def link_to(record: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', record.url, str(record) or record.ref)


def value(thing: Any, long: bool = False) -> SafeString:
    """Any value as HTML, chosen by its type alone."""
    if thing is None or thing == "" or thing == []:
        return NONE
    if isinstance(thing, SafeString):
        return thing
    if isinstance(thing, bool):
        return mark_safe(  # noqa: S308
            f'<span class="st">{icon("check" if thing else "minus", 14)}{_("yes") if thing else _("no")}</span>'
        )
    if isinstance(thing, date):
        return when(thing)
    if isinstance(thing, Record):
        return link_to(thing)
    if isinstance(thing, list | tuple | set | frozenset):
        return mark_safe(", ".join(value(one) for one in thing))  # noqa: S308
    if isinstance(thing, dict):
        return mark_safe(", ".join(f"{escape(k)}: {value(v)}" for k, v in thing.items()))  # noqa: S308
    text = str(thing)
    if not long and len(text) > LONGEST:
        text = text[: LONGEST - 1].rstrip() + "…"
    return escape(text)


Reader = Callable[[Any], Any]


def follow(record: Any, path: str) -> Any:
    """The value at the end of a path of relations (customer__name); None where a step is empty."""
    for name in path.split("__"):
        record = getattr(record, name, None)
        if record is None:
            return None
    return record() if callable(record) else record


@lru_cache(maxsize=2000)
def _choices(field: models.Field[Any, Any]) -> dict[Any, Any]:
    return dict(field.flatchoices)


def column_of(kind: Kind, column: str | Column) -> tuple[str, Reader]:
    """Name and plain reader of one column; what the page colours and the export writes."""
    if isinstance(column, Column):
        read = column.value
        return str(column.label), read if callable(read) else lambda record: follow(record, str(read))
    label, found = label_of(kind, column)
    if found is not None and found.choices:
        words = _choices(found)
        return label, lambda record: words.get(getattr(record, column), getattr(record, column))
    if found is not None and found.many_to_many:
        return label, lambda record: [str(one) for one in getattr(record, column).all()]
    return label, lambda record: follow(record, column)


def label_of(kind: Kind, name: str) -> tuple[str, models.Field[Any, Any] | None]:
    """The label of a field or path, and the field itself where it is one of the kind's own."""
    model: Any = kind.model
    found: Any = None
    for part in name.split("__"):
        try:
            found = model._meta.get_field(part)
        except FieldDoesNotExist:
            return capital(name.replace("_", " ")), None
        model = getattr(found, "related_model", None)
    label = capital(str(getattr(found, "verbose_name", name)))
    return label, found if "__" not in name else None


def capital(text: str) -> str:
    """First letter large; Chinese is left as it is."""
    return text[:1].upper() + text[1:]


def fact(record: Any, name: str) -> SafeString:
    """One field of a record as its page shows it: long texts whole, choices in words, deadlines with their distance."""
    kind = kind_of(record)
    if kind.workflow and name == kind.workflow.field:
        return status(record)
    if name == kind.due:
        return deadline(getattr(record, name))
    field = kind.field(name)
    if field.many_to_many:
        return mark_safe(", ".join(value(one) for one in getattr(record, name).all()) or NONE)  # noqa: S308
    thing = _choices(field).get(getattr(record, name)) if field.choices else getattr(record, name)
    if isinstance(field, models.TextField) and thing:
        return format_html('<div class="long">{}</div>', thing)
    return value(thing, long=True)


def changed(kind: Kind | None, name: str, thing: Any) -> SafeString:
    """A plain value of the audit trail, in the reader's words: a code as its label, a time in his zone."""
    if kind is None or thing in (None, "", []):
        return value(thing)
    try:
        field = kind.field(name)
    except FieldDoesNotExist:
        return value(thing)
    if field.choices:
        return escape(str(_choices(field).get(thing, thing)))
    if isinstance(field, models.DateTimeField) and isinstance(thing, str):
        return when(datetime.fromisoformat(thing.replace("Z", "+00:00")))
    return value(thing)


def act(kind: Kind | None, name: str) -> str:
    """The act of a timeline entry in words: a step of the workflow by its label."""
    if name in ACTS:
        return str(ACTS[name])
    if kind and kind.workflow:
        try:
            return step_label(kind.workflow[name])
        except KeyError:
            pass
    return name.replace("_", " ")


def step_label(move: Any) -> str:
    return str(move.label) or capital(move.name.replace("_", " "))
