"""The one write path. Every door calls these functions; nothing else may save a record.

Each is one transaction: lock and version, permission, the kind's form, save, trail, outbox. On any error nothing is
written. Errors: NotReadable (404), NotAllowed (403), Stale and Refused (409), ValidationError with message_dict (422).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Unit
from comity.accounts.rights import rights_of
from comity.records import files, search
from comity.records.access import NotAllowed, NotReadable, creation_unit, may
from comity.records.forms import (
    RecordForm,
    blank,
    bound,
    completed,
    form_class,
    happened,
    known,
    plain_value,
    plain_values,
)
from comity.records.insert import insert, update_many
from comity.records.kind import Kind, kind_of
from comity.records.models import Entry, File, Follow, Link, Record, writing
from comity.records.trail import Actor, Refused, Stale, entry_for, log, reference, take_numbers
from comity.records.workflow import Move

__all__ = [
    "Actor", "NotAllowed", "NotReadable", "Refused", "Stale", "create", "entry_for", "log", "transition", "update",
]  # fmt: skip


VERB = re.compile("[a-z][a-z_]{0,39}")


@contextmanager
def _open(savepoint: bool = True) -> Iterator[None]:
    with transaction.atomic(savepoint=savepoint), writing():
        yield


def locked(rows: Any) -> Any:
    """These rows, locked until the transaction ends; on SQLite all are."""
    return rows.select_for_update(of=("self",)) if connection.features.has_select_for_update else rows


def _locked(record: Record, version: int | None) -> Any:
    fresh = locked(type(record)._default_manager.filter(pk=record.pk)).get()
    fresh.hidden = record.hidden
    if version is not None and fresh.version != version:
        raise Stale(fresh)
    return fresh


def hold(record: Record) -> None:
    """Lock a record until the transaction ends: of two who do the same at once, one comes first."""
    _locked(record, None)


def _permit(actor: Actor, record: Record, verb: str) -> None:
    if may(actor, record, verb):
        return
    if may(actor, record, "read"):
        raise NotAllowed(verb)
    raise NotReadable(record.ref)


def _several(record: Any) -> list[str]:
    return [field.name for field in record._meta.many_to_many]


def _set_relations(record: Any, form: RecordForm, names: Iterable[str] | None = None) -> None:
    for name in _several(record) if names is None else names:
        if name in form.cleaned_data and {*getattr(record, name).all()} != {*form.cleaned_data[name]}:
            getattr(record, name).set(form.cleaned_data[name])


def _unit_for(kind: Kind, data: Mapping[str, Any], actor: Actor) -> int:
    if data.get("unit"):
        unit = Unit.objects.filter(name=data["unit"]).first()
        if unit is None:
            raise ValidationError({"unit": _("There is no such unit.")})
        rights = rights_of(actor.person)
        allowed = None if actor.rule else rights.units(rights.may(kind.rules.create, "create"))
        if allowed is not None and unit.pk not in allowed:
            raise NotAllowed("create")
        return int(unit.pk)
    found = creation_unit(kind, actor.person)
    if found is None:
        found = Unit.objects.order_by("path").values_list("pk", flat=True).first()
    if found is None:
        raise ValidationError(_("There is no unit yet; an administrator sets up the first one."))
    return found


def create(
    kind: Kind,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    happened_at: datetime | None = None,
    note: str = "",
    unit: Unit | None = None,
) -> Any:
    """Register a record and return it, with its number."""
    if not may(actor, kind, "create"):
        raise NotAllowed("create")
    known(data, (*kind.fields, "unit"))
    form = bound(kind, kind.fields, completed(kind, data), actor)  # before the lock, for which others wait
    record, now = form.instance, timezone.now()
    if unit is None:
        record.unit_id = _unit_for(kind, data, actor)
    else:
        record.unit = unit
    stamp(kind, record, actor, now)
    several = [name for name in _several(record) if form.cleaned_data.get(name)]  # a new record has no others yet
    try:
        with _open():
            record.derive(set(kind.fields))
            record.ref = reference(kind.ref, take_numbers(kind.ref))
            values = plain_values(record, (name for name in kind.fields if name not in _several(record)))
            insert(record)
            _set_relations(record, form, several)
            values |= plain_values(record, several)
            changes = {name: [None, values[name]] for name in kind.fields if values.get(name) not in (None, "", [])}
            log(record, "create", actor, changes=changes, note=note, happened_at=happened_at, at=now)
            search.index(kind, [record])
            type(record).registered([record], actor)
    except IntegrityError:  # another came first: say what this contradicts
        record.pk, record._state.adding = None, True
        record.validate_unique()
        record.validate_constraints()
        raise
    return record


def stamp(kind: Kind, record: Any, actor: Actor, now: datetime) -> None:
    """Who entered it, when, and the first state."""
    record.entered_at = record.changed_at = now
    record.entered_by = actor.person
    if kind.workflow:
        setattr(record, kind.workflow.field, kind.workflow.initial)


def update(record: Record, data: Mapping[str, Any], *, actor: Actor, version: int | None = None, note: str = "") -> Any:
    """Change fields; those left out keep their value. Without a difference nothing is written."""
    kind = kind_of(record)
    with _open():
        fresh = _locked(record, version)
        if changes := revise(kind, fresh, data, actor):
            _save(fresh, set(changes))
            log(fresh, "update", actor, changes=changes, note=note)
            if set(changes) & kind.searched:
                search.index(kind, [fresh])
            fresh.updated(set(changes), actor)
    return fresh


def revise(kind: Kind, fresh: Any, data: Mapping[str, Any], actor: Actor, bind: Any = bound) -> dict[str, list[Any]]:
    """Put checked values into a locked record, unsaved, and return what differs."""
    _permit(actor, fresh, "edit")
    known(data, {*kind.fields} - fresh.hidden)
    before, settled = plain_values(fresh, kind.fields), fresh.settled()
    _set_relations(fresh, bind(kind, kind.fields, {**before, **data}, actor, fresh))
    changes = _difference(before, plain_values(fresh, kind.fields))
    if late := {name: settled[name] for name in changes if name in settled}:
        raise ValidationError(late)
    return changes


def assign(
    record: Record,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    act: str = "update",
    note: str = "",
    public: bool = False,
) -> Any:
    """Set columns that no form offers, from an operation of the record's room that has made its own checks."""
    with _open():
        fresh = _locked(record, None)
        names = tuple(values)
        before = plain_values(fresh, names)
        for name, value in values.items():
            setattr(fresh, name, value)
        changes = _difference(before, plain_values(fresh, names))
        if changes:
            _save(fresh, set(changes))
        if changes or note:
            log(fresh, act, actor, changes=changes, note=note, public=public)
            fresh.updated(set(changes), actor)
    return fresh


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: [old, after[name]] for name, old in before.items() if old != after[name]}


def advance(record: Any, changed: set[str]) -> None:
    """What follows from a change, before it is saved."""
    record.derive(changed)
    record.version += 1
    record.changed_at = timezone.now()


def _save(record: Any, changed: set[str]) -> None:
    advance(record, changed)
    update_many([record])


def transition(
    record: Record,
    name: str,
    data: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    version: int | None = None,
    note: str = "",
    happened_at: datetime | str | None = None,
) -> Any:
    """Take the named step of the kind's workflow. Raises Refused with what is missing, KeyError for an unknown name."""
    kind = kind_of(record)
    if kind.workflow is None:
        raise KeyError(name)
    row, data = kind.workflow[name], data or {}
    with _open():
        fresh = _locked(record, version)
        if row.system and not row.by and not actor.rule:
            raise NotAllowed(name)
        _permit(actor, fresh, name)
        state = kind.workflow.status(fresh)
        if state not in row.sources:
            here = {"step": row.label or name, "state": _label(fresh, kind, state)}
            raise Refused([_("“%(step)s” is not possible in the state “%(state)s”.") % here])
        moment = happened(happened_at, fresh.since)
        names = (*row.requires, *row.asks)
        before = plain_values(fresh, (*names, kind.workflow.field))
        extra = _answers(kind, row, fresh, data, actor, note)
        if row.apply:
            row.apply(fresh, actor, extra, moment)
        missing = [str(text) for text in row.guard(fresh, actor)] if row.guard else []
        if missing:
            raise Refused(missing)
        setattr(fresh, kind.workflow.field, row.target_of(fresh))
        fresh.moved_at = moment
        changes = _difference(before, plain_values(fresh, before))
        _save(fresh, set(changes))
        log(fresh, name, actor, changes=changes, note=note, happened_at=moment, public=row.public)
        if row.effect:
            row.effect(fresh, actor, extra)
            fresh.refresh_from_db()
    return fresh


def _label(record: Any, kind: Kind, state: str) -> str:
    field = kind.workflow.field if kind.workflow else "status"
    return str(dict(record._meta.get_field(field).flatchoices).get(state, state))


def _answers(kind: Kind, row: Move, record: Any, data: Mapping[str, Any], actor: Actor, note: str) -> dict[str, Any]:
    """Put the step's fields into the record and return the values of its extra form. Raises ValidationError."""
    names = (*row.requires, *row.asks)
    extra_names = tuple(row.form.base_fields) if row.form else ()
    known(data, (*names, *extra_names))
    errors: dict[str, Any] = {}
    if names:
        form = form_class(kind, names)(
            {**plain_values(record, names), **data}, instance=record, person=None if actor.rule else actor.person
        )
        for required in row.requires:
            form.fields[required].required = True
        errors.update(form.errors.as_data())
        if not errors:
            _set_relations(record, form)
    extra: dict[str, Any] = {}
    if row.form:
        extra_form = row.form(data)
        errors.update(extra_form.errors.as_data())
        extra = getattr(extra_form, "cleaned_data", {})
    if row.note and blank(note):
        errors["note"] = [ValidationError(_("Say why."))]
    if errors:
        raise ValidationError(errors)
    return {**extra, "note": note}


def post(record: Record, body: str, *, actor: Actor, public: bool = False) -> Entry:
    """Write on the record's timeline."""
    if blank(body):
        raise ValidationError({"body": _("Write something first.")})
    if len(body) > 20_000:
        raise ValidationError({"body": _("At most 20,000 characters.")})
    with _open():
        _permit(actor, record, "tell" if public else "note")
        return log(record, Entry.POST, actor, note=body.replace("\x00", ""), public=public)


def note_auto(record: Record, text: str, actor: Actor, *, public: bool = False, **values: Any) -> Entry:
    """Leave the line of an automatic act: an English message for translation, its values, and the actor's rule."""
    with _open(savepoint=False):  # nothing here can be refused
        return log(record, Entry.AUTO, actor, note=text, changes={"": values} if values else {}, public=public)


def record_read(record: Record, actor: Actor) -> None:
    """Leave a line that this person read the record, if its readers are to be known."""
    if record.watched:
        with _open():
            log(record, Entry.READ, actor)


def archive(record: Record, *, actor: Actor, note: str) -> Any:
    """Take a record out of the registers. It stays readable and is never deleted."""
    if blank(note):
        raise ValidationError({"note": _("Say why.")})
    with _open():
        fresh = _locked(record, None)
        _permit(actor, fresh, "edit")
        fresh.archived_at = timezone.now()
        _save(fresh, {"archived_at"})
        log(fresh, "archive", actor, note=note, changes={"archived_at": [None, plain_value(fresh, "archived_at")]})
    return fresh


def link(first: Record, verb: str, second: Record, *, actor: Actor) -> Link:
    """Tie two records together. The trail of both says so; a second time changes nothing."""
    if not VERB.fullmatch(verb):
        raise ValidationError({"verb": _("A verb is one word in small letters, such as relates_to.")})
    _free(first, verb, actor)
    with _open():
        _permit(actor, first, "note")
        _permit(actor, second, "note")
        tie, new = Link.objects.get_or_create(
            from_kind=first.kind.name,
            from_id=first.pk,
            verb=verb,
            to_kind=second.kind.name,
            to_id=second.pk,
            defaults={"from_ref": first.ref, "to_ref": second.ref, "at": timezone.now(), "by_id": actor.person.pk},
        )
        if new:
            log(first, Entry.LINK, actor, changes={verb: [None, second.ref]})
            log(second, Entry.LINK, actor, changes={verb: [None, first.ref]})
    return tie


def _free(first: Record, verb: str, actor: Actor) -> None:
    """A tie by which the system finds its way is made by its own acts, never by hand."""
    if verb in first.ties and not actor.rule:
        raise ValidationError({"verb": _("Only a step of its own makes or ends “%(verb)s”.") % {"verb": verb}})


def unlink(tie: Link, first: Record, *, actor: Actor) -> None:
    """Take a tie away again; the trail keeps that it was there."""
    _free(first, tie.verb, actor)
    with _open():
        _permit(actor, first, "edit")
        gone = tie.to_ref if tie.from_ref == first.ref else tie.from_ref
        log(first, "unlink", actor, changes={tie.verb: [gone, None]})
        tie.delete()


def follow(record: Record, actor: Actor, on: bool = True) -> None:
    """Hear of the record's events, or no longer."""
    _permit(actor, record, "read")
    row = {"person": actor.person, "kind": record.kind.name, "record_id": record.pk}
    if on:
        Follow.objects.get_or_create(**row)
    else:
        Follow.objects.filter(**row).delete()


def attach(record: Record, upload: Any, *, actor: Actor, public: bool = False) -> File:
    """Keep an uploaded file with the record."""
    return attach_all(record, [upload], actor=actor, public=public)[0]


def attach_all(record: Record, uploads: Iterable[Any], *, actor: Actor, public: bool = False) -> list[File]:
    """Keep uploads with the record, all or none. Raises ValidationError for one that is empty or too large."""
    with _open():
        _permit(actor, record, "tell" if public else "note")
        kept = files.store(record, uploads, actor, public)
        for file in kept:
            log(record, Entry.FILE, actor, changes={"file": [None, file.name]}, public=public)
    return kept
