"""Filters of a register, derived from the type of the field: choices, references, yes/no, dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person, Unit
from comity.accounts.prepared import ANY, prepared
from comity.records.forms import sensible
from comity.records.kind import Asked, Kind, is_kind, kind_of
from comity.records.models import Term

NOBODY = "none"
LONGEST_LIST = 30  # terms in a select
_about: Callable[[Any, Any], Any] = lazy(lambda words, field: str(words) % {"field": field}, str)


@dataclass(frozen=True)
class Filter:
    """One filter as drawn: its name in the query, label, form of input, choices, and the value asked for."""

    name: str
    label: str | Promise
    input: str  # "choice" | "reference" | "date" | "flag"
    values: tuple[str, ...] = ()
    choices: Iterable[tuple[str, str | Promise]] = ()
    lookup: str = ""
    question: Asked | None = None

    @property
    def shown(self) -> bool:
        """Is it offered on the page? A quiet one only while it is in use."""
        return bool(self.values) or not (self.question and self.question.quiet)

    @property
    def listed(self) -> bool:
        """Do its choices lie in a list that people keep?"""
        return isinstance(self.choices, _Terms)

    def drawn(self) -> Filter:
        """As a page draws it: a long list of terms is looked up instead of sent along."""
        if not isinstance(self.choices, _Terms):
            return self
        choices = tuple(self.choices)
        if len(choices) <= LONGEST_LIST:
            return replace(self, choices=choices)
        return replace(self, input="reference", choices=(), lookup=f"/lookup/{self.choices.name}/")

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


def filters_of(kind: Kind, params: Any) -> list[Filter]:
    """The kind's filters with what the query asks of each."""
    many = getattr(params, "getlist", None)
    return [
        replace(one, values=values)
        if (values := tuple(v for v in many(one.name) if v) if many else _listed(params.get(one.name)))
        else one
        for one in _filters(kind)
    ]


@lru_cache(maxsize=500)
def _filters(kind: Kind) -> tuple[Filter, ...]:
    """The same before anything is asked of them; dates give two, from and to."""
    found: list[Filter] = []
    for name in kind.filters:
        if isinstance(name, Asked):
            choices = name.choices or ((("yes", _("yes")),) if name.input == "flag" else ())
            found.append(Filter(name.name, name.label, name.input, choices=choices, question=name))
            continue
        field = kind.field(name)
        label = getattr(field, "verbose_name", name)
        if isinstance(field, models.DateField):
            found.append(Filter(f"{name}_from", _about(_("%(field)s from"), label), "date"))
            found.append(Filter(f"{name}_to", _about(_("%(field)s to"), label), "date"))
        elif isinstance(field, models.BooleanField):
            found.append(Filter(name, label, "flag", choices=(("yes", _("yes")), ("no", _("no")))))
        elif field.is_relation:
            target: Any = field.related_model
            if target is Term:
                terms = _Terms(field.get_limit_choices_to()["list"])  # type: ignore[attr-defined]
                found.append(Filter(name, label, "choice", choices=terms))
            else:
                lookup = "person" if target is Person else "unit" if target is Unit else kind_of(target).name
                found.append(Filter(name, label, "reference", lookup=f"/lookup/{lookup}/"))
        else:
            found.append(Filter(name, label, "choice", choices=tuple((str(a), b) for a, b in field.flatchoices)))
    if kind.due:
        found.append(Filter("late", _("Late"), "flag", choices=(("yes", _("yes")),)))
    return tuple(found)


class _Terms:
    """The choices of a term list, read each time they are drawn: most doors only filter by them."""

    def __init__(self, name: str) -> None:
        self.list, self.name = name, f"term-{name}"

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((code, Term.word(*labels)) for code, *labels in _first_terms(self.list))


@prepared
def _first_terms() -> models.QuerySet[Term, tuple[str, str, str]]:
    rows = Term.objects.filter(list=ANY).order_by("order", "label")
    return rows.values_list("code", "label", "label_zh")[: LONGEST_LIST + 1]


def _listed(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (str(value),)


def _day(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, time())) if day and sensible(day) else None


def condition(kind: Kind, asked: Filter) -> Q:
    """What a filter's value means; a value that makes no sense finds nothing."""
    nothing = Q(pk__in=())
    if not asked.values:
        return Q()
    if asked.question:
        return _answered(asked, asked.question)
    if asked.name == "late" and kind.due:
        now: Any = timezone.now()
        if not isinstance(kind.field(kind.due), models.DateTimeField):
            now = timezone.localdate()
        return Q(**{f"{kind.due}__lt": now})
    if asked.input == "date":
        name, _sep, end = asked.name.rpartition("_")
        moment = _day(asked.value)
        if moment is None:
            return nothing
        value: Any = moment if isinstance(kind.field(name), models.DateTimeField) else moment.date()
        if end == "from":
            return Q(**{f"{name}__gte": value})
        return Q(**{f"{name}__lt": value + timedelta(days=1)})
    if asked.input == "flag":
        return Q(**{asked.name: asked.value == "yes"}) if asked.value in {"yes", "no"} else nothing
    field = kind.field(asked.name)
    if field.is_relation:
        missing = Q(**{f"{asked.name}__isnull": True}) if NOBODY in asked.values else nothing
        target: Any = field.related_model
        key = "ref" if is_kind(target) else "code" if target is Term else "email" if target is Person else "name"
        keys = [value.split(" · ")[0].strip() for value in asked.values if value != NOBODY]
        if not keys:
            return missing
        rows = target._default_manager.filter(**{f"{key}__in": keys})
        if target is Term:
            named = Q(code__in=keys) | Q(label__in=keys) | Q(label_zh__in=keys)
            rows = Term.objects.filter(named, **field.get_limit_choices_to())  # type: ignore[attr-defined]
        ids = list(rows.values_list("pk", flat=True))
        return missing | Q(**{f"{asked.name}__in": ids}) if ids else missing
    known = {choice for choice, _label in asked.choices}
    blank = {""} if NOBODY in asked.values and NOBODY not in known and field.blank else set()
    values = sorted(known.intersection(asked.values) | blank)
    return (
        Q(**{f"{asked.name}__in" if len(values) > 1 else asked.name: values if len(values) > 1 else values[0]})
        if values
        else nothing
    )


def _answered(asked: Filter, question: Asked) -> Q:
    """What a question finds with any of the values that make sense."""
    if asked.input == "date":
        return question.condition(asked.value) if _day(asked.value) else Q(pk__in=())
    known = {choice for choice, _label in asked.choices}
    found = Q(pk__in=())
    for value in known.intersection(asked.values):
        found |= question.condition(value)
    return found
