"""The bulk form of the write path: the same form, permission, numbers, trail and outbox, at a fraction of the cost.

References are looked up once, rows are validated with one form instance, and written in batches. Words for the search
are made by a job afterwards. A record from another system may bring its past along: each step becomes a line of the
trail that says when it happened, when it was entered, and through which door.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.db.models.base import ModelState
from django.forms import TypedChoiceField
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Unit
from comity.clocks.ahead import not_ahead
from comity.jobs.models import asking
from comity.records.access import NotAllowed, may
from comity.records.forms import RecordForm, Reference, form_class, messages_of, name_of, plain, plain_value
from comity.records.insert import insert_many, insert_rows, take_ids
from comity.records.kind import Kind
from comity.records.models import Entry, Outbox, writing
from comity.records.remembered import changed
from comity.records.trail import Actor, reference, take_numbers
from comity.records.write import _locked, _permit, _save, _unit_for, stamp

BATCH = 500
ENTRY = (
    "id", "at", "happened_at", "actor_id", "actor", "role", "via", "kind", "record_id", "ref", "act", "changes", "note",
    "rule", "public",
)  # fmt: skip
EMPTY: Any = (None, "", [])
NO_FIELD = "There is no such field here."


@dataclass(frozen=True)
class Happened:
    """A step that was taken elsewhere, before the record came here.

    `values` are the columns it set, the state among them; `noted` what the other system recorded beside them, as
    {name: [old, new]}. No guard is asked: the past cannot be refused, only told apart; the trail names the door.
    """

    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    noted: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    public: bool = False
    act: str = ""


@dataclass(frozen=True)
class Incoming:
    """A row for the bulk form: plain values, when the fact happened, and what has happened to it since."""

    values: Mapping[str, Any]
    happened_at: datetime | None = None
    past: Sequence[Happened] = ()


@dataclass
class BulkResult:
    """What became of the rows: the new records with the index of their row, and messages per field for the others."""

    created: list[tuple[int, Any]] = field(default_factory=list)
    errors: list[tuple[int, dict[str, list[str]]]] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """A line of the trail before the record has its id."""

    act: str
    changes: dict[str, Any]
    note: str = ""
    happened_at: datetime | None = None
    public: bool = False


@dataclass
class _Ready:
    """A row that passed."""

    index: int
    record: Any
    several: Mapping[str, Any]
    lines: list[Line]


class Checker:
    """One form of a kind, used for row after row: fields, the model's validators, and the form's own `clean`."""

    def __init__(self, kind: Kind, actor: Actor) -> None:
        self.kind = kind
        self.form: RecordForm = form_class(kind)({}, person=None if actor.rule else actor.person)
        self.fields = list(self.form.fields.items())
        for _name, form_field in self.fields:
            if isinstance(form_field, Reference):
                form_field.cache = {}
        options = kind.model._meta
        known = {f.name: f for f in (*options.fields, *options.many_to_many)}
        self.columns: dict[str, Any] = {name: known[name] for name in self.form.fields if name in known}
        self.several = [name for name, column in self.columns.items() if column.many_to_many]
        self.single = [(name, column.attname) for name, column in self.columns.items() if not column.many_to_many]
        self.own_cleans = {name for name in self.form.fields if hasattr(self.form, f"clean_{name}")}
        self.names = frozenset((*self.form.fields, "unit"))
        self.empty = {
            name: value for name, form_field in self.fields for value in self._when_left_out(name, form_field)
        }
        self.chosen: dict[tuple[str, str], Any] = {}  # what a choice came to; there are only so many
        self.cleans = type(self.form).clean is not RecordForm.clean
        self.blank = dict(kind.model().__dict__)
        columns: Any = options.concrete_fields
        self.fresh = [
            (column.attname, column.get_default)
            for column in columns
            if column.has_default() and callable(column.default)
        ]

    def _when_left_out(self, name: str, form_field: Any) -> Iterator[Any]:
        """A function that gives the value of a field that a row does not mention; none where it must be asked."""
        column = self.columns.get(name)
        if column is not None and not column.many_to_many and column.has_default():
            yield column.get_default
        elif not form_field.required:
            value = form_field.clean(None)
            yield (lambda: list(value)) if isinstance(value, list) else (lambda: value)

    def _blank(self) -> Any:
        """A record with the model's defaults: a copy of one, because making it costs more than checking it."""
        record = self.kind.model.__new__(self.kind.model)
        record.__dict__.update(self.blank)
        record.__dict__["_state"] = ModelState()
        for name, default in self.fresh:
            record.__dict__[name] = default()
        return record

    def forget(self) -> None:
        """Look references up anew: what was found may have been rolled back."""
        for _name, form_field in self.fields:
            if isinstance(form_field, Reference):
                form_field.cache = {}

    def know(self, name: str, found: Mapping[str, Any]) -> None:
        """Spare the form a query for each of these: what a plain value of the field stands for."""
        form_field = self.form.fields.get(name)
        if isinstance(form_field, Reference) and form_field.cache is not None:
            form_field.cache.update(found)

    def _cleaned(self, name: str, form_field: Any, value: Any) -> Any:
        """The value as form and column take it, found out once for each of a field's choices."""
        choice = isinstance(value, str) and type(form_field) is TypedChoiceField
        if choice and (name, value) in self.chosen:
            return self.chosen[(name, value)]
        found, column = form_field.clean(value), self.columns.get(name)
        if column is not None and not column.is_relation and found not in column.empty_values:
            column.run_validators(found)
        if choice:
            self.chosen[(name, value)] = found
        return found

    def check(self, row: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The unsaved record and its many-to-many values. Raises ValidationError."""
        if not self.names.issuperset(row):
            raise ValidationError({name: [_(NO_FIELD)] for name in row if name not in self.names})
        form: Any = self.form
        cleaned: dict[str, Any] = {}
        form._errors, form.cleaned_data = ErrorDict(), cleaned
        for name, form_field in self.fields:
            value = row.get(name)
            if value is None and name in self.empty:
                cleaned[name] = self.empty[name]()
                continue
            try:
                cleaned[name] = self._cleaned(name, form_field, value)
                if name in self.own_cleans:
                    cleaned[name] = getattr(form, f"clean_{name}")()
            except ValidationError as error:
                form.add_error(name, error)
        record = form.instance = self._blank()
        if self.cleans:
            try:
                cleaned = form.clean() or form.cleaned_data
            except ValidationError as error:
                form.add_error(None, error)
        if form._errors:
            raise ValidationError(form._errors.as_data())
        several = {name: cleaned[name] for name in self.several if name in cleaned}
        for name, attribute in self.single:
            if name in cleaned and cleaned[name] is not record.__dict__[attribute]:
                setattr(record, name, cleaned[name])
        record.clean()
        return record, several


class Bulk:
    """Writes batch after batch of one kind with one form. Raises NotAllowed when the actor may not register any."""

    def __init__(self, kind: Kind, *, actor: Actor, unit: Unit | None = None, note: str = "") -> None:
        if not may(actor, kind, "create"):
            raise NotAllowed("create")
        self.kind, self.actor, self.note = kind, actor, note
        self.checker = Checker(kind, actor)
        columns = {name: column for name in kind.fields if (column := self.checker.columns.get(name)) is not None}
        self.told = [
            (name, None if one.many_to_many else one.attname, one.is_relation) for name, one in columns.items()
        ]
        self._home = unit.pk if unit else None
        self._units: dict[str, int] = {}
        self._acts: dict[tuple[str, str], str] = {}
        self._fitting: dict[tuple[str, Any], Any] = {}

    def write(self, rows: Iterable[tuple[int, Incoming]]) -> BulkResult:
        """Register those that pass, in one transaction, and say what is wrong with the others."""
        result, ready, now = BulkResult(), [], timezone.now()
        for index, row in rows:
            try:
                ready.append(self._checked(index, row, now))
            except ValidationError as error:
                result.errors.append((index, messages_of(error)))
        try:
            with transaction.atomic():
                self._write(ready, now)
        except IntegrityError:
            ready = self._one_by_one(ready, result, now)
        result.created = [(one.index, one.record) for one in ready]
        return result

    def _one_by_one(self, ready: Sequence[_Ready], result: BulkResult, now: datetime) -> list[_Ready]:
        """The batch holds a row that the database refuses: find it, and keep the others."""
        kept = []
        for one in ready:
            one.record.pk, one.record._state.adding = None, True
            try:
                with transaction.atomic():
                    one.record.validate_unique()
                    one.record.validate_constraints()
                    self._write([one], now)
            except ValidationError as error:
                result.errors.append((one.index, messages_of(error)))
            except IntegrityError:
                result.errors.append((one.index, {"__all__": [_("This contradicts another record.")]}))
            else:
                kept.append(one)
        return kept

    def _checked(self, index: int, row: Incoming, now: datetime) -> _Ready:
        record, several = self.checker.check(row.values)
        record.unit_id = self._unit(row.values.get("unit"))
        stamp(self.kind, record, self.actor, now)
        changes = self._changes(record, several)
        lines = [Line("create", changes, self.note, row.happened_at)]
        if row.past:
            lines += [self.take(record, step) for step in row.past]
        record.derive(set(self.kind.fields))
        return _Ready(index, record, several, lines)

    def _unit(self, name: Any) -> int:
        if not name and self._home:
            return self._home
        found = self._units.get(name or "")
        if found is None:
            found = self._units[name or ""] = _unit_for(self.kind, {"unit": name}, self.actor)
        return found

    def append(self, record: Any, past: Sequence[Happened]) -> Any:
        """Take further steps of the past on a record that is here already. Raises ValidationError, NotAllowed."""
        with transaction.atomic(), writing():
            fresh = _locked(record, None)
            _permit(self.actor, fresh, "edit")
            lines = [self.take(fresh, step) for step in past]
            _save(fresh, {name for line in lines for name in line.changes})
            self.log([(fresh, line) for line in lines], timezone.now())
        return fresh

    def take(self, record: Any, step: Happened) -> Line:
        """Put a step of the past into the unsaved record; returns its line. Raises ValidationError."""
        workflow, changes = self.kind.workflow, dict(step.noted)
        not_ahead(step.at)
        before = workflow.status(record) if workflow else ""
        for name, value in step.values.items():
            value, old = self._fit(record, name, value), getattr(record, name)
            if old != value:
                setattr(record, name, value)
                changes[name] = [plain(old), plain(value)]
        state, act = workflow.status(record) if workflow else "", step.act or Entry.PAST
        if state != before:
            record.moved_at = step.at
            act = step.act or self._act(before, state)
        return Line(act, changes, step.note, step.at, step.public)

    def _act(self, before: str, state: str) -> str:
        """The name of our own step from the one state to the other, where there is exactly one."""
        if (before, state) not in self._acts:
            moves = self.kind.workflow.moves if self.kind.workflow else ()
            ours = [row.name for row in moves if before in row.sources and row.target == state]
            self._acts[(before, state)] = ours[0] if len(ours) == 1 else Entry.PAST
        return self._acts[(before, state)]

    def _fit(self, record: Any, name: str, value: Any) -> Any:
        """The value as the column holds it, found out once for each. Raises ValidationError."""
        if isinstance(value, datetime) and isinstance(record.__dict__.get(name), datetime | None):
            return value
        if isinstance(value, str | int) and (name, value) in self._fitting:
            return self._fitting[(name, value)]
        try:
            column: Any = self.kind.field(name)
        except FieldDoesNotExist:
            column = None
        if column is None or column.is_relation:
            raise ValidationError({name: [_(NO_FIELD)]})
        try:
            found = column.clean(value, record)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from error
        if isinstance(value, int) or (isinstance(value, str) and len(value) < 60):
            self._fitting[(name, value)] = found
        return found

    def _changes(self, record: Any, several: Mapping[str, Any]) -> dict[str, Any]:
        changes, held = dict[str, Any](), record.__dict__
        for name, attribute, relation in self.told:
            if attribute is None:
                value: Any = [name_of(row) for row in several.get(name, ())]
            elif (value := held[attribute]) not in EMPTY:
                value = plain_value(record, name) if relation else plain(value)
            if value not in EMPTY:
                changes[name] = [None, value]
        return changes

    def _write(self, ready: Sequence[_Ready], now: datetime) -> None:
        if not ready:
            return
        kind, records = self.kind, [one.record for one in ready]
        with transaction.atomic(), writing():
            first = take_numbers(kind.ref, len(ready))
            for number, (record, pk) in enumerate(zip(records, take_ids(kind.model, len(ready)), strict=True), first):
                record.ref, record.pk = reference(kind.ref, number), pk
            insert_many(records)
            for one in ready:
                for name, values in one.several.items():
                    if values:
                        getattr(one.record, name).set(values)
            self.log([(one.record, line) for one in ready for line in one.lines], now)
            kind.model.registered(records, self.actor)
            if kind.search:
                from comity.records.jobs import index_range

                ids = [record.pk for record in records]
                with asking(None):
                    index_range.enqueue(kind.name, min(ids), max(ids))

    def log(self, lines: Sequence[tuple[Any, Any]], now: datetime) -> None:
        """Write these lines into the trail, in order, and put them into the outbox."""
        actor, kind, ids = self.actor, self.kind.name, take_ids(Entry, len(lines))
        who = (actor.person.pk, actor.name, actor.person.acting_group, actor.via)
        rows = [
            (
                *(pk, now, line.happened_at or now, *who, kind, record.pk, record.ref),
                *(line.act, line.changes, line.note, actor.rule, line.public),
            )
            for (record, line), pk in zip(lines, ids, strict=True)
        ]
        insert_rows(Entry, ENTRY, rows)
        insert_rows(Outbox, ("id", "entry_id"), zip(take_ids(Outbox, len(ids)), ids, strict=True))
        changed(kind)


def create_many(kind: Kind, rows: Iterable[Mapping[str, Any]], *, actor: Actor, **options: Any) -> BulkResult:
    """Register many records; each batch is one transaction. Rows with errors are reported and stop nothing else."""
    result = BulkResult()
    for part in create_batches(kind, rows, actor=actor, **options):
        result.created += part.created
        result.errors += part.errors
    return result


def create_batches(
    kind: Kind,
    rows: Iterable[Mapping[str, Any]],
    *,
    actor: Actor,
    batch: int = BATCH,
    unit: Unit | None = None,
    note: str = "",
) -> Iterator[BulkResult]:
    """The same, giving the result of each batch as soon as it is committed: for progress bars and resumable imports."""
    bulk = Bulk(kind, actor=actor, unit=unit, note=note)
    counted = ((index, Incoming(row)) for index, row in enumerate(rows))
    while chunk := list(islice(counted, batch)):
        yield bulk.write(chunk)
