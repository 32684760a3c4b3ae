"""A workflow is a table beside the model: from, to, by whom, what is required, guard, effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.forms import Form

    from comity.accounts.roles import Role
    from comity.records.models import Record
    from comity.records.write import Actor

Guard = Callable[[Any, "Actor"], Iterable["str | Promise | Lack"]]
Apply = Callable[[Any, "Actor", Mapping[str, Any], datetime], None]
Effect = Callable[[Any, "Actor", Mapping[str, Any]], None]


@dataclass(frozen=True)
class Lack:
    """What a guard misses, in words, and the input of the step that could supply it."""

    text: str | Promise
    field: str

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Move:
    """One row of the table. `target` may be a function of the record (back to the state before a pause).

    guard   yields what is missing, in words; judged on the record as it would become
    apply   sets columns before the save (record, actor, data, happened_at)
    effect  acts on other records after the save, in the same transaction
    """

    name: str
    sources: tuple[str, ...]
    target: str | Callable[[Any], str]
    by: tuple[Role, ...] = ()
    requires: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    guard: Guard | None = None
    apply: Apply | None = None
    effect: Effect | None = None
    form: type[Form] | None = None
    note: bool = False
    label: str | Promise = ""
    help: str | Promise = ""
    primary: bool = False
    system: bool = False
    public: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """Everything the step asks for: fields of the record and those of its own form."""
        return (*self.requires, *self.asks, *(self.form.base_fields if self.form else ()))

    def missing(self, record: Any, actor: Actor) -> tuple[str, ...]:
        """What stands in the way before the step is begun; what it asks for itself does not."""
        found = self.guard(record, actor) if self.guard else ()
        return tuple(str(one) for one in found if not (isinstance(one, Lack) and one.field in self.inputs))

    def target_of(self, record: Record) -> str:
        return self.target(record) if callable(self.target) else self.target


def move(
    name: str,
    sources: str | Iterable[str],
    target: str | Callable[[Any], str],
    **options: Any,
) -> Move:
    """A row of a workflow table; `sources` is one state or several."""
    return Move(name, (sources,) if isinstance(sources, str) else tuple(sources), target, **options)


@dataclass(frozen=True)
class Step:
    """A move as one person sees it on one record now; what is missing is asked when somebody wants to know."""

    move: Move
    allowed: bool
    record: Any
    actor: Actor

    @cached_property
    def missing(self) -> tuple[str, ...]:
        return self.move.missing(self.record, self.actor)

    @property
    def ready(self) -> bool:
        return self.allowed and not self.missing


@dataclass(frozen=True, eq=False)
class Workflow:
    """The initial state and the moves between states; `stages` is the main path in order, for the stage panel.

    `bookkeeping` names acts of rules that are no steps, in words. They stand in the trail, but on the timeline only
    among the automatic lines: what they did is said there by another line.
    """

    initial: str
    moves: tuple[Move, ...]
    stages: tuple[str, ...] = ()
    field: str = "status"
    bookkeeping: Mapping[str, str | Promise] = dataclass_field(default_factory=dict)

    def __getitem__(self, name: str) -> Move:
        """The move of that name. Raises KeyError."""
        for row in self.moves:
            if row.name == name:
                return row
        raise KeyError(name)

    def status(self, record: Record) -> str:
        return str(getattr(record, self.field))

    def leaving(self, record: Record) -> list[Move]:
        """The rows that start in the record's present state."""
        state = self.status(record)
        return [row for row in self.moves if state in row.sources]

    def available(self, record: Record, actor: Actor) -> list[Step]:
        """The steps a person could take from here, each with what is still missing for it."""
        from comity.records.access import may

        rows = (row for row in self.leaving(record) if row.by or not row.system)
        return [Step(row, may(actor, record, row.name), record, actor) for row in rows]
