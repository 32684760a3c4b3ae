"""Columns behind the names of a vocabulary: what they hold, when they are empty, how a moment is kept in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.db.models.lookups import Contains
from django.utils import timezone

from comity.records.facts import Fact, Unrecorded, Vocabulary
from comity.records.models import Term

NOTHING = Q(pk__in=[])


def column(model: type[models.Model], path: str) -> Any:
    """The column at the end of a path. Raises Unrecorded."""
    return _steps(model, path)[-1]


def _steps(model: type[models.Model], path: str) -> list[Any]:
    found, at = [], model
    for name in path.split("__"):
        try:
            found.append(at._meta.pk if name == "pk" else at._meta.get_field(name))
        except FieldDoesNotExist as error:
            raise Unrecorded(f"{model.__name__}.{path}") from error
        at = getattr(found[-1], "related_model", None) or at
    return found


def several(model: type[models.Model], path: str) -> bool:
    """Whether the path leads to more than one value of a row."""
    return any(step.many_to_many or step.one_to_many for step in _steps(model, path))


def asked(vocabulary: Vocabulary, path: str, lookups: Mapping[str, Any]) -> Q:
    """What the lookups ask of the column at the end of the path; where it holds many, of any of them, each row once."""
    question = Q(**{f"{path}__{lookup}": value for lookup, value in lookups.items()})
    if not several(vocabulary.model, path):
        return question
    rows = vocabulary.model._default_manager.order_by().filter(question)
    if any(step.one_to_many for step in _steps(vocabulary.model, path)):  # of many: no further than the first of each
        return Q(Exists(rows.filter(pk=OuterRef("pk"))))
    return Q(pk__in=rows.values("pk"))


def bound(model: type[models.Model], path: str, moment: datetime) -> date | datetime:
    """A moment as the column at the end of the path keeps it: a date, in the organisation's zone, or a time."""
    return moment if isinstance(column(model, path), models.DateTimeField) else timezone.localtime(moment).date()


def is_empty(vocabulary: Vocabulary, fact: Fact) -> Q:
    """That the column has nothing in it: no value, no words, no row behind it, an empty list."""
    if fact.filled is not None:
        return ~fact.filled
    field = column(vocabulary.model, fact.path)
    nothing = asked(vocabulary, fact.path, {"isnull": True})
    if several(vocabulary.model, fact.path):
        return ~asked(vocabulary, fact.path, {"isnull": False})
    if isinstance(field, models.CharField | models.TextField):
        return nothing | Q(**{fact.path: ""}) if field.null else Q(**{fact.path: ""})
    if isinstance(field, models.JSONField):
        return nothing | Q(**{fact.path: []}) | Q(**{fact.path: {}})
    return nothing


def among(vocabulary: Vocabulary, fact: Fact, values: list[Any]) -> Q:
    """That the column is one of the values; a list, that it has one of them in it."""
    kept = column(vocabulary.model, fact.path)
    if kept.related_model is Term:
        return asked(vocabulary, f"{fact.path}__code", {"in": values})
    if not isinstance(kept, models.JSONField):
        return asked(vocabulary, fact.path, {"in": values})
    found = NOTHING
    for value in values:
        found |= Q(Contains(Cast(fact.path, models.TextField()), f'"{value}"'))
    return found
