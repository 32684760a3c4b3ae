"""The bulk form of `write.update`: the same permission, form, trail and outbox, for many records at a time.

They are locked, read and written together, and one form checks them all. Nothing here decides anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.records import search, write
from comity.records.bulk import Bulk, Line
from comity.records.forms import RecordForm, Reference, References
from comity.records.insert import update_many
from comity.records.models import writing

Change = tuple[Any, Mapping[str, Any]]  # a record as somebody may read it, and its new values
Outcome = dict[str, list[Any]] | Exception  # what was changed, or why nothing was


class Rewriter:
    """Changes batch after batch of one kind, with the form, the actor and the note of a bulk write."""

    def __init__(self, bulk: Bulk) -> None:
        self.bulk, self.kind, self.actor = bulk, bulk.kind, bulk.actor
        fields: Any = (self.kind.field(name) for name in self.kind.fields)
        self.relations = [field.name for field in fields if field.is_relation]

    def write(self, changes: Sequence[Change]) -> list[Outcome]:
        """The outcome of each, in order. No record may be among them twice."""
        try:
            with transaction.atomic(), writing():
                return self._write(changes)
        except (IntegrityError, ValidationError) as error:
            if len(changes) > 1:  # one of them is refused as it is written: find it, and keep the others
                half = len(changes) // 2
                return self.write(changes[:half]) + self.write(changes[half:])
            if isinstance(error, ValidationError):
                return [error]
            return [ValidationError(_("This contradicts another record."))]

    def _write(self, changes: Sequence[Change]) -> list[Outcome]:
        rows = self.kind.model._default_manager.filter(pk__in=[record.pk for record, _values in changes])
        fresh = {row.pk: row for row in write.locked(rows.order_by("pk"))}
        models.prefetch_related_objects([*fresh.values()], *self.relations)
        outcomes, lines = list[Outcome](), list[tuple[Any, Line]]()
        for record, values in changes:
            one = fresh[record.pk]
            one.hidden = record.hidden
            try:
                found = write.revise(self.kind, one, values, self.actor, self._bound)
            except (ValidationError, write.NotAllowed, write.NotReadable) as error:
                outcomes.append(error)
                continue
            outcomes.append(found)
            if found:
                write.advance(one, set(found))
                lines.append((one, Line("update", found, self.bulk.note)))
        update_many([one for one, _line in lines])
        self.bulk.log(lines, timezone.now())
        search.index(self.kind, [one for one, line in lines if set(line.changes) & self.kind.searched])
        for one, line in lines:
            one.updated(set(line.changes), self.actor)
        return outcomes

    def _bound(self, _kind: Any, _names: Any, values: Mapping[str, Any], _actor: Any, record: Any) -> RecordForm:
        """The one form, turned to this record. Raises ValidationError."""
        form: Any = self.bulk.checker.form
        form.instance, form.data, form._errors = record, values, None
        form.initial = model_to_dict(record, form._meta.fields)
        for name, field in form.fields.items():
            if isinstance(field, Reference) and not isinstance(field, References):
                field.present = getattr(record, name)
        try:
            if form.errors:
                raise ValidationError(form.errors.as_data())
        finally:
            for field in form.fields.values():
                if isinstance(field, Reference):
                    field.present = None
        return form  # type: ignore[no-any-return]
