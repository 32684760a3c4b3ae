"""What waits for a person over all kinds: own records with a date, overdue first, and those that nobody has taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.records.access import readable
from comity.records.filters import NOBODY
from comity.records.kind import Kind, kinds

MOST = 100  # rows of one kind
FEW = 10  # rows that nobody has taken


@dataclass(frozen=True)
class Task:
    """One record that waits, and when it is due (UTC)."""

    record: Any
    kind: Kind
    due: datetime


@dataclass(frozen=True)
class Group:
    """Tasks of one stretch of time."""

    name: str
    label: str | Promise
    tasks: tuple[Task, ...]

    @property
    def folded(self) -> bool:
        """A long list of what has time does not stand before what nobody has taken."""
        return self.name == "later" and len(self.tasks) > 10


def _moment(value: date | datetime) -> datetime:
    """A date is due at its end."""
    if isinstance(value, datetime):
        return value
    return timezone.make_aware(datetime.combine(value, time.max))


def _tasks(kind: Kind, person: Person, condition: Q, most: int = MOST) -> list[Task]:
    joins = tuple({p for p in kind.own if "__" not in p and kind.field(p).many_to_one})
    rows = readable(kind, person).filter(condition, archived_at__isnull=True, **{f"{kind.due}__isnull": False})
    return [Task(r, kind, _moment(getattr(r, kind.due))) for r in rows.select_related(*joins).order_by(kind.due)[:most]]


def _any(paths: Iterable[str], value: Any) -> Q:
    found = Q()
    for path in paths:
        found |= Q(**{path: value})
    return found


def mine(person: Person, most: int = MOST) -> list[Task]:
    """Records of the person that have a date, earliest first; those of whoever the person stands in for included."""
    people: list[Any] = [person, *_away(person)]
    found: list[Task] = []
    for kind in kinds():
        paths = [p for p in kind.own if not p.endswith("__isnull")]
        if kind.due and paths:
            found += _tasks(kind, person, _any((f"{p}__in" for p in paths), people), most)
    return sorted(found, key=lambda task: task.due)


def _away(person: Person) -> models.QuerySet[Person]:
    today = timezone.localdate()
    return Person.objects.filter(stand_in=person, away_from__lte=today, away_to__gte=today)


def untaken(person: Person) -> tuple[list[Task], dict[str, str]]:
    """The most urgent records with a date that nobody has taken and the person could; and where there are more of them:
    what they are called, and the register."""
    found: list[Task] = []
    registers: dict[str, str] = {}
    for kind in kinds():
        paths = [p for p in kind.own if p.endswith("__isnull")]
        if kind.due and paths:
            found += _tasks(kind, person, _any(paths, True), FEW + 1)
            registers[kind.name] = f"{kind.url}?{paths[0].removesuffix('__isnull')}={NOBODY}&sort={kind.due}"
    found.sort(key=lambda task: task.due)
    return found[:FEW], {str(task.kind.plural): registers[task.kind.name] for task in found[FEW:]}


def grouped(tasks: Iterable[Task]) -> list[Group]:
    """Late, today, within a week, later; empty groups are left out."""
    now = timezone.localtime()
    today = now.replace(hour=23, minute=59, second=59, microsecond=999_999)
    bounds = (
        ("late", _("Late"), now),
        ("today", _("Today"), today),
        ("week", _("Within a week"), today + timedelta(days=7)),
        ("later", _("Later"), None),
    )
    rest = list(tasks)
    groups = []
    for name, label, bound in bounds:
        inside = tuple(t for t in rest if bound is None or t.due < bound)
        rest = rest[len(inside) :]
        if inside:
            groups.append(Group(name, label, inside))
    return groups
