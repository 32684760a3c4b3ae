"""The bulk form of the write path: the same form, permission, numbers, trail and outbox, at a fraction of the cost.

References are looked up once, rows are validated with one form instance, and written in batches. Words for the search
are made by a job afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from comity.accounts.models import Unit
from comity.records.access import NotAllowed, may
from comity.records.forms import RecordForm, Reference, form_class, plain, plain_value
from comity.records.kind import Kind
from comity.records.models import Entry, Outbox, writing
from comity.records.trail import Actor, entry_for, reference, take_numbers
from comity.records.write import _unit_for, stamp

BATCH = 500


@dataclass
class BulkResult:
    """What became of the rows: the new records with the index of their row, and messages per field for the others."""

    created: list[tuple[int, Any]] = field(default_factory=list)
    errors: list[tuple[int, dict[str, list[str]]]] = field(default_factory=list)


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
        self.columns: dict[str, Any] = {
            name: options.get_field(name) for name in self.form.fields if _has(options, name)
        }
        self.defaults = {
            name: column for name, column in self.columns.items() if getattr(column, "has_default", bool)()
        }
        self.cleans = type(self.form).clean is not RecordForm.clean or kind.model.clean is not models.Model.clean

    def check(self, row: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The unsaved record and its many-to-many values. Raises ValidationError."""
        errors: dict[str, Any] = {name: ["?"] for name in row if name not in self.form.fields and name != "unit"}
        if errors:
            raise ValidationError({name: ["There is no such field here."] for name in errors})
        cleaned: dict[str, Any] = {}
        for name, form_field in self.fields:
            value = row.get(name)
            if value is None and name in self.defaults:
                cleaned[name] = self.columns[name].get_default()
                continue
            try:
                cleaned[name] = value = form_field.clean(value)
                column = self.columns.get(name)
                if column is not None and value not in column.empty_values and not column.is_relation:
                    column.run_validators(value)
            except ValidationError as error:
                errors[name] = error
        several = {n: cleaned.pop(n) for n, c in self.columns.items() if c.many_to_many and n in cleaned}
        if errors:
            raise ValidationError(errors)
        record = self.kind.model(**{n: v for n, v in cleaned.items() if n in self.columns})
        if self.cleans:
            self.form.instance, self.form.cleaned_data, self.form._errors = (  # type: ignore[attr-defined]
                record,
                {**cleaned, **several},
                None,
            )
            self.form.clean()
            record.clean()
        return record, several


def _has(options: Any, name: str) -> bool:
    return any(f.name == name for f in (*options.fields, *options.many_to_many))


def _messages(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}


def _changes(record: Any, several: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    changes = {}
    for name in names:
        if name in several:
            value: Any = [plain_value_of(row) for row in several[name]]
        else:
            column = record._meta.get_field(name)
            value = plain_value(record, name) if column.is_relation else plain(getattr(record, name))
        if value not in (None, "", []):
            changes[name] = [None, value]
    return changes


def plain_value_of(row: Any) -> str:
    return getattr(row, "ref", None) or getattr(row, "code", None) or getattr(row, "email", None) or str(row)


def create_many(
    kind: Kind,
    rows: Iterable[Mapping[str, Any]],
    *,
    actor: Actor,
    batch: int = BATCH,
    unit: Unit | None = None,
    note: str = "",
) -> BulkResult:
    """Register many records; each batch is one transaction. Rows with errors are reported and stop nothing else."""
    result = BulkResult()
    for part in create_batches(kind, rows, actor=actor, batch=batch, unit=unit, note=note):
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
    if not may(actor, kind, "create"):
        raise NotAllowed("create")
    checker = Checker(kind, actor)
    home = unit.pk if unit else None
    counted = enumerate(rows)
    while chunk := list(islice(counted, batch)):
        result, ready = BulkResult(), []
        now = timezone.now()
        for index, row in chunk:
            try:
                record, several = checker.check(row)
                record.unit_id = home or _unit_for(kind, {"unit": row.get("unit")}, actor)
                if not row.get("unit"):
                    home = record.unit_id
                stamp(kind, record, actor, now)
                record.derive(set(kind.fields))
                ready.append((index, record, several))
            except ValidationError as error:
                result.errors.append((index, _messages(error)))
        if ready:
            _write(kind, ready, actor, note, now)
            result.created = [(index, record) for index, record, _several in ready]
        yield result


def _write(kind: Kind, ready: Sequence[tuple[int, Any, Mapping[str, Any]]], actor: Actor, note: str, now: Any) -> None:
    with transaction.atomic(), writing():
        first = take_numbers(kind.ref, len(ready))
        records = [record for _index, record, _several in ready]
        for number, record in enumerate(records, first):
            record.ref = reference(kind.ref, number)
        kind.model._default_manager.bulk_create(records)
        for _index, record, several in ready:
            for name, values in several.items():
                if values:
                    getattr(record, name).set(values)
        entries = [
            entry_for(record, "create", actor, changes=_changes(record, several, kind.fields), note=note, at=now)
            for _index, record, several in ready
        ]
        Entry.objects.bulk_create(entries)
        Outbox.objects.bulk_create([Outbox(entry_id=entry.pk) for entry in entries])
        kind.model.registered(records, actor)
        if kind.search:
            from comity.records.jobs import index_range

            index_range.enqueue(kind.name, records[0].pk, records[-1].pk)
