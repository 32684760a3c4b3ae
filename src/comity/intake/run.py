"""One import at work: drafts become records batch by batch, each batch one transaction with its checkpoint and keys.

A dry run does exactly the same and rolls back. After a kill the checkpoint says where to go on; a batch that was not
committed left nothing behind, so every row is taken over exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Unit
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.intake import tables
from comity.intake.drafts import Draft, Reader
from comity.intake.lookups import Lookups, plain_name
from comity.intake.mapping import Plan, WrongMapping
from comity.intake.models import COUNTS, Import, Remark, SourceKey
from comity.intake.own import forget_unchanged
from comity.intake.values import Source, Wanted
from comity.jobs.calm import calm
from comity.records import write
from comity.records.access import NotAllowed, within_reach
from comity.records.bulk import Bulk, Happened, Incoming
from comity.records.insert import insert_rows, take_ids
from comity.records.kind import Kind, kind_named
from comity.records.models import Entry, Record
from comity.records.rewrite import Outcome, Rewriter
from comity.records.trail import Actor

BATCH = 2000
RULE = "import"
REF = "ref"
KERNEL = {field.name for field in Record._meta.get_fields()} | {"id"}
CHRONICLERS = frozenset({Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR})
TOTALS = ("rows", *COUNTS)

Progress = Callable[[Import], None]


def may_tell_the_past(actor: Actor) -> bool:
    """Steps of the past pass by the guards, so only those who answer for the process take them over."""
    return bool(actor.rule) or bool(rights_of(actor.person).roles & CHRONICLERS)


class Overtaken(RuntimeError):
    """Another process goes on with this import."""


def column_types(kind: Kind) -> dict[str, str]:
    """Which columns of the record take a date or a time."""
    fields = kind.model._meta.fields
    dates = {field.name: "date" for field in fields if isinstance(field, models.DateField)}
    return dates | {field.name: "datetime" for field in fields if isinstance(field, models.DateTimeField)}


def bound(plan: Plan) -> Plan:
    """The mapping fitted to its kind. Raises WrongMapping for a field that the kind does not have."""
    try:
        kind = kind_named(plan.kind)
    except KeyError:
        raise WrongMapping(_("There is no kind “%(name)s”.") % {"name": plan.kind}) from None
    settable = {field.name for field in kind.model._meta.fields if not field.is_relation} - KERNEL
    for name in plan.fields:
        if name not in (*kind.fields, "unit"):
            raise WrongMapping(_("A %(kind)s has no field “%(name)s”.") % {"kind": kind.name, "name": name})
    for name in (name for step in plan.steps for name in step.set):
        if name not in settable:
            raise WrongMapping(_("A step cannot set “%(name)s” of a %(kind)s.") % {"kind": kind.name, "name": name})
    return plan.typed(column_types(kind))


class Run:
    """The work on one import."""

    def __init__(
        self, imported: Import, plan: Plan, actor: Actor, *, unit: Unit | None = None, batch: int = BATCH
    ) -> None:
        self.imported, self.plan, self.actor, self.size = imported, bound(plan), actor, batch
        self.kind = kind_named(plan.kind)
        if plan.steps and not may_tell_the_past(actor):
            raise NotAllowed("steps")
        note = _("Imported from %(source)s") % {"source": plan.title or plan.source.name or imported.name}
        self.bulk = Bulk(self.kind, actor=actor, unit=unit, note=note)
        self.rewriter = Rewriter(self.bulk)
        self.lookups = Lookups(actor, unit, note)
        self.happened = next((name for name in ("received_at", "happened_at") if name in plan.fields), "")
        self.dry = False
        self.seen: set[str] = set()

    # --- the two ways through ---

    def check(self, progress: Progress | None = None) -> Import:
        """The dry run: everything is tried, nothing is kept but the remarks."""
        run, self.dry = self.imported, True
        Remark.objects.filter(run=run, dry=True).delete()
        for drafts in self._batches(0):
            with transaction.atomic():
                remarks = self._batch(drafts)
                transaction.set_rollback(True)
            self.lookups.rolled_back()
            self.bulk.checker.forget()
            Remark.objects.bulk_create(remarks)
            self._told(run, progress)
        return run

    def apply(self, progress: Progress | None = None) -> Import:
        """Write, from the checkpoint on. Raises Overtaken when another process does the same."""
        run = self.imported
        for drafts in self._batches(run.done):
            before = run.done - len(drafts)
            self.lookups.begin()
            with transaction.atomic():
                remarks = self._batch(drafts)
                Remark.objects.bulk_create(remarks)
                row = Import.objects.filter(pk=run.pk, done=before)
                if not row.update(done=run.done, **{name: getattr(run, name) for name in TOTALS}):
                    raise Overtaken(str(run))
            self._told(run, progress)
        return run

    def _told(self, run: Import, progress: Progress | None) -> None:
        if progress:
            progress(run)

    def _batches(self, skip: int) -> Iterator[list[Draft]]:
        """Drafts from the checkpoint on; the counter moves in memory with each batch that is handed out."""
        source = self.plan.source
        with tables.opened(
            self.imported.file, encoding=source.encoding, delimiter=source.delimiter, sheet=source.sheet
        ) as table:
            drafts = Reader(self.plan, table.columns).drafts(table.rows)
            for _draft in islice(drafts, skip):
                pass
            while batch := list(islice(drafts, self.size)):
                self.imported.done += len(batch)
                with calm():
                    yield batch

    # --- one batch ---

    def _batch(self, drafts: Sequence[Draft]) -> list[Remark]:
        """Everything that a batch does, in the caller's transaction."""
        known, remarks = self._known(drafts), list[Remark]()
        self.lookups.resolve(value for draft in drafts for value in draft.values.values() if isinstance(value, Wanted))
        new: list[Draft] = []
        later: list[Draft] = []
        taken: set[str] = set()
        for draft in drafts:
            self._settle(draft)
            if self.plan.refs and draft.key and draft.key not in known:
                draft.errors[REF] = [_("There is no “%(text)s” here.") % {"text": draft.key}]
            if draft.errors:
                remarks.append(self._refused(draft, draft.errors))
            elif draft.key in known or draft.key in taken:
                later.append(draft)
            else:
                new.append(draft)
                taken.update([draft.key] if draft.key else ())
        remarks += self._create(new, known)
        while later:  # each record once in a round
            firsts = {draft.key: draft for draft in reversed(later)}
            remarks += self._change([draft for draft in later if firsts[draft.key] is draft], known)
            later = [draft for draft in later if firsts[draft.key] is not draft]
        self.imported.rows += sum(draft.rows for draft in drafts)
        return sorted(remarks, key=lambda remark: remark.line)

    def _settle(self, draft: Draft) -> None:
        """Replace what was looked up by its plain name, or say what is missing."""
        for name, value in draft.values.items():
            if not isinstance(value, Wanted):
                continue
            found = self.lookups.answer(value)
            if found is None:
                draft.errors.setdefault(name, []).append(self.lookups.problem(value))
                continue
            plain = draft.values[name] = plain_name(found)
            self.bulk.checker.know(name, {str(plain): found})

    def _known(self, drafts: Sequence[Draft]) -> dict[str, SourceKey]:
        keys = [draft.key for draft in drafts]
        if self.plan.refs:
            records = within_reach(self.kind, self.actor).in_bulk(keys, field_name="ref")
            with timezone.override(self.plan.source.zone):
                forget_unchanged(self.kind, drafts, records)
            return {ref: SourceKey(key=ref, record_id=record.pk) for ref, record in records.items()}
        known = SourceKey.objects.filter(source=self.plan.source.name, kind=self.kind.name, key__in=keys)
        return {key.key: key for key in known}

    def _create(self, drafts: Sequence[Draft], known: dict[str, SourceKey]) -> list[Remark]:
        run = self.imported
        result = self.bulk.write(
            (index, Incoming(draft.values, draft.values.get(self.happened), self._past(draft)))
            for index, draft in enumerate(drafts)
        )
        keys = [
            SourceKey(
                key=drafts[index].key, record_id=record.pk, digest=drafts[index].digest, steps=len(drafts[index].past)
            )
            for index, record in result.created
        ]
        if not self.plan.refs:
            self._remember(keys)
        known |= {key.key: key for key in keys}
        if self.dry:
            again = self.seen.intersection(key.key for key in keys)
            self.seen.update(key.key for key in keys)
            run.updated += len(again)
            run.created -= len(again)
        run.created += len(result.created)
        flagged = [
            Remark(run=run, dry=self.dry, line=drafts[index].line, key=drafts[index].key,
                   outcome=Remark.Outcome.FLAGGED, ref="" if self.dry else record.ref, fields={"": drafts[index].flags})
            for index, record in result.created if drafts[index].flags
        ]  # fmt: skip
        run.flagged += len(flagged)
        return [*flagged, *(self._refused(drafts[index], messages) for index, messages in result.errors)]

    def _remember(self, keys: Sequence[SourceKey]) -> None:
        source, kind = self.plan.source.name, self.kind.name
        for key, pk in zip(keys, take_ids(SourceKey, len(keys)), strict=True):
            key.pk = pk
        names = ("id", "source", "key", "kind", "record_id", "digest", "steps")
        rows = ((key.pk, source, key.key, kind, key.record_id, key.digest, key.steps) for key in keys)
        insert_rows(SourceKey, names, rows)

    def _past(self, draft: Draft) -> list[Happened]:
        """The past of a new record, and what looked wrong about the row, said at the time of receipt."""
        if not draft.flags:
            return draft.past
        at = draft.values.get(self.happened) or timezone.now()
        return [*(Happened(at, note=flag, act=Entry.AUTO) for flag in draft.flags), *draft.past]

    def _change(self, drafts: Sequence[Draft], known: dict[str, SourceKey]) -> list[Remark]:
        """The source knows records that are here already: change what differs, and add what has happened since."""
        remarks, changes, keys = list[Remark](), list[tuple[Draft, Any]](), list[SourceKey]()
        ids = [known[draft.key].record_id for draft in drafts if draft.key in known]
        records = within_reach(self.kind, self.actor).in_bulk(ids)
        for draft in drafts:
            key = known.get(draft.key)
            if key is None:  # the first row with this key was refused
                remarks += self._create([draft], known)
            elif key.digest == draft.digest or (self.plan.refs and not draft.values):
                self.imported.unchanged += 1
            elif key.record_id not in records:
                remarks.append(self._unchangeable(draft, write.NotReadable()))
            else:
                changes.append((draft, records[key.record_id]))
        alone, plain = list[tuple[Draft, Any]](), list[tuple[Draft, Any]]()
        for draft, record in changes:
            (alone if draft.past[known[draft.key].steps :] else plain).append((draft, record))
        outcomes = self.rewriter.write([(record, _values(draft)) for draft, record in plain])
        outcomes += [self._go_on(record, draft, known[draft.key].steps) for draft, record in alone]
        for (draft, record), outcome in zip([*plain, *alone], outcomes, strict=True):
            if isinstance(outcome, Exception):
                remarks.append(self._unchangeable(draft, outcome))
                continue
            key = known[draft.key]
            found = {name: pair for name, pair in outcome.items() if name in draft.values}
            remarks += self._changed(draft, record.ref, found, bool(draft.past[key.steps :]))
            key.digest, key.steps = draft.digest, max(key.steps, len(draft.past))
            keys += [key] if key.pk else []
        SourceKey.objects.bulk_update(keys, ["digest", "steps"], batch_size=500)
        return remarks

    def _changed(self, draft: Draft, ref: str, changes: dict[str, list[Any]], moved: bool) -> list[Remark]:
        if not changes and not moved:
            self.imported.unchanged += 1
            return []
        self.imported.updated += 1
        return [
            Remark(run=self.imported, dry=self.dry, line=draft.line, key=draft.key, outcome=Remark.Outcome.UPDATED,
                   ref=ref, fields=changes)
        ]  # fmt: skip

    def _unchangeable(self, draft: Draft, error: Exception) -> Remark:
        if isinstance(error, ValidationError):
            return self._refused(draft, error.message_dict if hasattr(error, "error_dict") else {"": error.messages})
        return self._refused(draft, {"": [_("You may not change this record.")]})

    def _go_on(self, record: Any, draft: Draft, known: int) -> Outcome:
        """Change a record and add steps that are new to us, or neither.

        Where people have gone on here meanwhile, the source has no say any more.
        """
        moved, flow, past = record.moved_at, self.kind.workflow, draft.past[known:]
        steps = [row.name for row in flow.moves] if flow else []
        here = Entry.objects.filter(kind=self.kind.name, record_id=record.pk, act__in=steps).exclude(via="import")
        if here.exists() or (moved and any(step.at < moved for step in past)):
            return ValidationError(
                {"": [_("The record has gone on here since; the source's steps are not taken over.")]}
            )
        try:
            with transaction.atomic():
                [outcome] = self.rewriter.write([(record, _values(draft))])
                if isinstance(outcome, Exception):
                    return outcome
                self.bulk.append(record, past)
                return outcome
        except (ValidationError, write.NotAllowed, write.NotReadable) as error:
            return error

    def _refused(self, draft: Draft, messages: dict[str, list[str]]) -> Remark:
        self.imported.refused += 1
        fields = {("" if name == "__all__" else name): list(map(str, texts)) for name, texts in messages.items()}
        return Remark(
            run=self.imported,
            dry=self.dry,
            line=draft.line,
            key=draft.key,
            outcome=Remark.Outcome.REFUSED,
            fields=fields,
        )


def _values(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in draft.values.items() if name != "unit"}


@contextmanager
def peek(path: Any, plan: Plan | None = None) -> Iterator[tables.Table]:
    """The heading of a file, as its mapping would read it."""
    said = plan.source if plan else Source("", ZoneInfo("UTC"))
    with tables.opened(path, encoding=said.encoding, delimiter=said.delimiter, sheet=said.sheet) as table:
        yield table


def count(path: Any, plan: Plan) -> int:
    """How many records the file speaks of."""
    with peek(path, plan) as table:
        if not plan.group:
            return sum(1 for _row in table.rows)
        spot = table.columns.index(plan.group)
        return len({row[spot] for _line, row in table.rows if spot < len(row)})
