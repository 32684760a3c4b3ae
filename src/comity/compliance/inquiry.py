"""One question to the records: at which moment, with which parameters; and what was used to answer it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.utils import timezone

from comity.clocks import parameters
from comity.clocks.models import standard
from comity.clocks.rules import Duration, WorkingCalendar, due
from comity.records.facts import Unrecorded

Found = TypeVar("Found")


def own_days() -> AbstractContextManager[None]:
    """A day is the organisation's while requirements are asked, whoever asks and from wherever."""
    return timezone.override(timezone.get_default_timezone())


@dataclass
class Inquiry:
    """Everything is asked as of one moment (UTC). What was found is kept for as long as the inquiry lives."""

    as_of: datetime = field(default_factory=timezone.now)
    used: set[str] = field(default_factory=set)  # names of the parameters read since they were last forgotten
    _period: tuple[datetime, datetime] | None = None
    _found: dict[Hashable, Any] = field(default_factory=dict)
    _read: dict[Hashable, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def today(self) -> date:
        return timezone.localtime(self.as_of).date()

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The organisation's."""
        return standard()

    @cached_property
    def _values(self) -> dict[str, float]:
        return parameters.in_force(self.as_of)

    def number(self, name: str) -> float:
        """A parameter as a bare number. Raises Unrecorded for an unknown one."""
        try:
            found = self._values[name]
        except KeyError:
            raise Unrecorded(f"parameter {name}") from None
        self.used.add(name)
        return found

    def limit(self, name: str) -> Duration:
        """A parameter that is a length of time."""
        return Duration.parse(f"{self.number(name):g} {parameters.DEFINITIONS[name].unit}")

    def before(self, name: str) -> datetime:
        """The moment so long before this one."""
        return self.ago(self.limit(name))

    def ago(self, limit: Duration) -> datetime:
        """The moment from which the limit reaches to this one: calendar and clock time, or working time."""
        if limit.unit == "d":
            return self.as_of - timedelta(days=limit.value)
        if limit.unit == "h":
            return self.as_of - timedelta(hours=limit.value)
        if limit.unit == "bd":
            return self.calendar.add_days(self.as_of, -int(limit.value))
        return self.calendar.sub(self.as_of, limit.value * 3600)

    def after(self, name: str) -> datetime:
        """The moment so long after this one."""
        return self.due(self.as_of, name)

    def due(self, start: datetime, name: str) -> datetime:
        """The moment so long after another."""
        return due(self.calendar, start, self.limit(name))

    @property
    def period(self) -> tuple[datetime, datetime]:
        """The period examined: that of the review or report in question, else the evidence window."""
        return self._period or (self.before("evidence_window_days"), self.as_of)

    @contextmanager
    def examining(self, begin: datetime, end: datetime) -> Iterator[None]:
        """Populations "of the period examined" are those of this period for the length of the block."""
        before, self._period = self._period, (begin, end)
        try:
            yield
        finally:
            self._period = before

    def at(self, moment: datetime) -> Inquiry:
        """The same records asked as of another moment; parameters that it reads count as read here."""
        return self.once(("at", moment), lambda: Inquiry(moment, self.used))

    def start_of(self, day: date) -> datetime:
        """The first moment of a day in the organisation's zone."""
        return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())

    def end_of(self, day: date) -> datetime:
        """The last moment of a day in the organisation's zone."""
        return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())

    def once(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` answers, found once; the parameters that it read count as read by everybody who asks."""
        key = (key, self._period)
        if key not in self._found:
            before, self.used = self.used, set()
            try:
                self._found[key] = find()
            finally:
                self._read[key] = frozenset(self.used)
                self.used = before
        self.used |= self._read[key]
        found: Found = self._found[key]
        return found
