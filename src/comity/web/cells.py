"""Values as people see them. Built in Python, not in template loops: fifty rows must cost a few milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, TextField
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.records import reading
from comity.records.filters import Filter
from comity.records.kind import Column, Kind, kind_of
from comity.records.models import ACTS, Entry, Record, Term
from comity.records.workflow import Move, Workflow
from comity.web.icons import icon

NONE = mark_safe('<span class="none">–</span>')
DOORS = {
    "api": gettext_lazy("through the API"), "import": gettext_lazy("by an import"), "mail": gettext_lazy("by mail"),
    "job": gettext_lazy("by itself"), "portal": gettext_lazy("in the portal"),
    "form": gettext_lazy("through the open form"),
}  # fmt: skip
T = TypeVar("T")
LONGEST = 140  # characters of a text in a table


def each_language(make: Callable[..., T]) -> Callable[..., T]:
    """What follows from the declarations of kinds and the reader's language alone is made once for each language."""

    @lru_cache(maxsize=1000)
    def made(_language: str | None, *given: Any) -> T:
        return make(*given)

    return wraps(make)(lambda *given: made(get_language(), *given))


def capital(text: Any) -> str:
    """First letter large, for labels; Chinese stays as it is."""
    words = str(text)
    return words[:1].upper() + words[1:]


@lru_cache(maxsize=2000)
def standing(workflow: Workflow, state: str) -> tuple[str, str]:
    """Icon and tone of a state, from its place in the table of moves alone: begun, under way, aside, done, fallen."""
    on_path = not workflow.stages or state in workflow.stages
    if state in workflow.stages[-1:] or not any(state in move.sources for move in workflow.moves):
        return ("circle-check", "good") if on_path else ("circle-slash", "")
    if state == workflow.initial:
        return "circle-dashed", ""
    return ("circle-dot", "now") if on_path else ("circle-pause", "")


def status(record: Any) -> SafeString:
    """The state of a record: an icon for its place on the path, and the word; empty for a kind without workflow."""
    workflow = kind_of(record).workflow
    if workflow is None:
        return SafeString("")
    sign, tone = standing(workflow, workflow.status(record))
    word = escape(reading.value_of(record, Column("", workflow.field)))
    return SafeString(f'<span class="st {tone}">{icon(sign, 14)}{word}</span>')


def when(moment: date | None) -> SafeString:
    """A date, or a time in the reader's zone; ISO order, so that columns align and nobody mistakes day for month."""
    if moment is None:
        return NONE
    if isinstance(moment, datetime):
        local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
        return SafeString(f"<time>{local.isoformat(' ')[:16]}</time>")
    return SafeString(f"<time>{moment.isoformat()}</time>")


def distance(moment: date) -> tuple[str, str]:
    """How far a deadline is, in words, and its tone: late, soon (within a day), or neither."""
    if isinstance(moment, datetime):
        seconds = (moment - timezone.now()).total_seconds()
    else:
        seconds = (moment - timezone.localdate()).days * 86400.0
        if not seconds:
            return _("today"), "warn"
    minutes = int(abs(seconds) // 60)
    if minutes < 60:
        span = _("%(n)d min") % {"n": minutes}
    elif minutes < 2880 and isinstance(moment, datetime):
        span = _("%(n)d h") % {"n": minutes // 60}
    else:
        span = ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}
    if seconds < 0:
        return _("%(span)s late") % {"span": span}, "bad"
    return _("in %(span)s") % {"span": span}, "warn" if seconds < 86400 else ""


def deadline(moment: date | None, short: bool = False) -> SafeString:
    """A running deadline in words, late and soon with an icon besides the colour; the time beside it if not short."""
    if moment is None:
        return NONE
    words, tone = distance(moment)
    sign = {"bad": icon("alarm-clock", 14), "warn": icon("clock", 14)}.get(tone, "")
    shown = f'<span class="st {tone}">{sign}{escape(words)}</span>'
    return SafeString(shown if short else f'{shown} <small class="muted nowrap">{when(moment)}</small>')


def lead(record: Record, words: str = "", follow: bool = True) -> SafeString:
    """What a record is called, leading to it where the reader may follow."""
    shown = escape(words or str(record)) or record.ref
    return SafeString(f'<a href="{record.url}">{shown}</a>' if follow else shown)


def value(thing: Any, long: bool = False) -> SafeString:
    """Any value as HTML, chosen by its type alone."""
    if thing is None or thing in ("", [], {}):
        return NONE
    if isinstance(thing, SafeString):
        return thing
    if isinstance(thing, bool):
        return SafeString(f'<span class="st">{icon("check" if thing else "minus", 14)}{_("yes") if thing else _("no")}')
    if isinstance(thing, date):
        return when(thing)
    if isinstance(thing, Record):
        return lead(thing)
    if isinstance(thing, list | tuple):
        return SafeString(", ".join(value(one) for one in thing))
    text = str(thing)
    return escape(text if long or len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…")


def drawer(kind: Kind, column: Column, main: bool) -> Callable[[Any], str]:
    """How one column of a register is drawn; decided once for all rows."""
    name = column.value
    if main:
        return lambda r: f'<a href="{r.url}">{escape(str(reading.value_of(r, column) or r.ref))}</a>'
    if name == "ref":
        return lambda r: f'<a class="ref" tabindex="-1" href="{r.url}">{r.ref}</a>'
    if kind.due and name == kind.due:
        return lambda r: deadline(getattr(r, kind.due), short=True)
    field: Any = field_of(kind, name) if isinstance(name, str) else None
    if kind.workflow and name == kind.workflow.field:
        return _each_once(field.attname, status)
    if field is not None and (field.choices or field.many_to_one):
        return _each_once(field.attname, lambda r: value(reading.value_of(r, column)))
    return lambda r: value(reading.value_of(r, column))


def _each_once(attribute: str, draw: Callable[[Any], str]) -> Callable[[Any], str]:
    """Draw every value once: fifty rows share a few states, choices and people."""
    drawn: dict[Any, str] = {}

    def cell(record: Any) -> str:
        found = getattr(record, attribute)
        if found not in drawn:
            drawn[found] = draw(record)
        return drawn[found]

    return cell


def options(choices: Iterable[tuple[Any, Any]], chosen: Container[str] = ()) -> SafeString:
    """The choices of a select; a loop in a template costs more than the whole query of a register."""
    return SafeString(
        "".join(
            f'<option value="{escape(code)}"{" selected" if code in chosen else ""}>{escape(label)}</option>'
            for code, label in choices
        )
    )


def ticks(name: str, boxes: Iterable[tuple[str, str, bool]]) -> SafeString:
    """Boxes to tick: code, label, and whether it is ticked."""
    box = '<label><input type="checkbox" name="{}" value="{}"{}>{}</label>'
    return SafeString(
        "".join(box.format(name, escape(c), " checked" if on else "", escape(word)) for c, word, on in boxes)
    )


def asked(one: Filter) -> SafeString:
    """A filter of a register, with what is asked of it."""
    word, mark = escape(one.value), ' class="set"' if one.values else ""
    if one.input == "reference":
        field = f'<input name="{one.name}" value="{word}" data-lookup="{one.lookup}" autocomplete="off">'
    elif one.input == "date":
        field = f'<input type="date" name="{one.name}" value="{word}">'
    else:
        known = options(one.choices, one.values)
        field = f'<select name="{one.name}"><option value="">{escape(_("any"))}</option>{known}</select>'
    return SafeString(f"<label{mark}>{escape(capital(one.label))}{field}</label>")


def fact(record: Any, name: str, known: Container[Record]) -> SafeString:
    """One field of a record as its page shows it: long texts whole, choices in words, deadlines with their distance.
    It leads only to what its reader is `known` to read."""
    kind = kind_of(record)
    if kind.workflow and name == kind.workflow.field:
        return status(record)
    if name == kind.due:
        return deadline(getattr(record, name))
    field = kind.field(name)
    if field.many_to_many:
        rows = getattr(record, name).all()
        return value([lead(one, follow=one in known) if isinstance(one, Record) else one for one in rows])
    thing = reading.value_of(record, Column("", name))
    if isinstance(thing, Record):
        return lead(thing, follow=thing in known)
    if thing and (own := own_words(field)):
        return value(own(thing), True)
    return (
        format_html('<div class="long">{}</div>', thing)
        if isinstance(field, TextField) and thing
        else value(thing, True)
    )


def field_of(kind: Kind, name: str) -> Any:
    """The model's field, or None for a name that is none (a link's verb, a field of an earlier version)."""
    try:
        return kind.field(name)
    except FieldDoesNotExist:
        return None


def changed(field: Any, thing: Any, called: Mapping[Any, str]) -> SafeString:
    """A plain value of the trail in the reader's words: a code as its label, a person's name, a time in his zone."""
    if thing in (None, "", [], {}):
        return SafeString("")
    if isinstance(thing, list):
        return value([called.get(str(one), one) for one in thing])
    if own := own_words(field):
        return value(own(thing))
    if isinstance(field, DateTimeField) and isinstance(thing, str):
        return when(datetime.fromisoformat(thing.replace("Z", "+00:00")))
    words = dict(field.flatchoices) if field is not None and field.choices else called
    return value(words.get(thing, thing) if isinstance(thing, str | int) else thing)


def own_words(field: Any) -> Callable[[Any], str] | None:
    """How the field's model says its values, where it declares that in `in_words`: for values that have parts."""
    return getattr(getattr(field, "model", None), "in_words", {}).get(getattr(field, "name", ""))


def called(kind: Kind, entries: Iterable[Entry]) -> dict[str, dict[str, str]]:
    """What the people and terms are called today that these lines name by address and code, by field."""
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        for name, pair in entry.fields_changed.items():
            if getattr(field_of(kind, name), "related_model", None) in (Person, Term):
                wanted.setdefault(name, set()).update(str(one) for side in pair for one in as_list(side))
    found = {}
    for name, codes in wanted.items():
        field: Any = kind.field(name)
        if field.related_model is Person:
            found[name] = dict(Person.objects.filter(email__in=codes).values_list("email", "name"))
        else:
            terms = Term.objects.filter(**field.get_limit_choices_to(), code__in=codes)
            found[name] = {term.code: str(term) for term in terms}
    return found


def as_list(thing: Any) -> list[Any]:
    return thing if isinstance(thing, list) else [thing] if thing else []


def act(kind: Kind, name: str) -> str:
    """The act of a line of the timeline in words; a step of the workflow by its label."""
    if name in ACTS:
        return str(ACTS[name])
    flow = kind.workflow
    known = next((row for row in flow.moves if row.name == name), None) if flow else None
    return step_label(known) if known else str(flow.bookkeeping.get(name, "") if flow else "") or name.replace("_", " ")


def step_label(move: Move) -> str:
    return str(move.label) or capital(move.name.replace("_", " "))
