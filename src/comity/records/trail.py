"""The actor, the refusals, and the line that every act leaves in the trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from comity.accounts.models import Person
from comity.accounts.whole import rows_of
from comity.records.insert import insert
from comity.records.models import Entry, Outbox, Record
from comity.records.remembered import changed

SERVICE_EMAIL = "comity@service.invalid"


class Stale(Exception):
    """Somebody changed the record meanwhile (409). `record` is the present state."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"{record.ref} is now at version {record.version}")
        self.record = record


class Refused(Exception):
    """The step is not possible in this state or lacks something (409). `missing` says what, in words."""

    def __init__(self, missing: Iterable[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(" ".join(self.missing))


@dataclass(frozen=True)
class Actor:
    """Who acts and through which door. With `rule`, the installation itself acts, and the trail names the rule."""

    person: Person
    via: str = "web"
    rule: str = ""

    @classmethod
    def system(cls, rule: str, via: str = "job") -> Actor:
        """The installation acting by a rule, as the service person without sign-in and without grants."""
        person = rows_of(Person, [SERVICE_EMAIL], "email").get(SERVICE_EMAIL)
        if person is None:
            values = {"name": "Comity", "is_active": False, "password": "!"}
            person, _ = Person.objects.get_or_create(email=SERVICE_EMAIL, defaults=values)
        return cls(person, via, rule)

    def by(self, rule: str) -> Actor:
        """The installation by another rule, for what follows from this act."""
        known = self.person.email == SERVICE_EMAIL
        return replace(self, rule=rule) if known else Actor.system(rule, self.via)

    @property
    def name(self) -> str:
        return self.person.name or self.person.email


@dataclass(frozen=True)
class Thing:
    """Something that is no record and yet leaves lines in the trail: an account, a calendar, a parameter."""

    kind: str
    pk: int
    ref: str

    @classmethod
    def of(cls, row: models.Model) -> Thing:
        name = str(row._meta.model_name)
        return cls(name, row.pk, f"{name}-{row.pk}")


def entry_for(
    record: Record | Thing,
    act: str,
    actor: Actor,
    *,
    changes: dict[str, Any] | None = None,
    note: str = "",
    public: bool = False,
    happened_at: datetime | None = None,
    at: datetime | None = None,
) -> Entry:
    """The unsaved line for an act."""
    at = at or timezone.now()
    return Entry(
        at=at,
        happened_at=happened_at or at,
        actor_id=actor.person.pk,
        actor=actor.name,
        role=actor.person.acting_group,
        via=actor.via,
        kind=record.kind if isinstance(record, Thing) else record.kind.name,
        record_id=record.pk,
        ref=record.ref,
        act=act,
        changes=changes or {},
        note=note,
        rule=actor.rule,
        public=public,
    )


def log(record: Record | Thing, act: str, actor: Actor, **what: Any) -> Entry:
    """Write the line and put it into the outbox, in the caller's transaction."""
    entry = entry_for(record, act, actor, **what)
    insert(entry)
    changed(entry.kind)
    insert(Outbox(entry_id=entry.pk))
    return entry


@transaction.atomic
def keep(row: models.Model, act: str, actor: Actor, *, about: Thing | None = None, **what: Any) -> Entry:
    """Save a row that is no record, or remove it when the act is "remove", and write the line about it or its whole."""
    if act == "remove":
        about = about or Thing.of(row)
        row.delete()
    else:
        row.save()
    return log(about or Thing.of(row), act, actor, **what)


def account_act(actor: Person, subject: Person, act: str, changes: dict[str, Any]) -> None:
    """The recorder of acts on accounts: who let in, changed, granted, revoked, in the transaction of the act."""
    log(Thing.of(subject), act, Actor(actor), changes=changes)


def take_numbers(prefix: str, count: int = 1) -> int:
    """The first of `count` new numbers. The counter row is locked until the transaction ends: no holes, no doubles."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_counter (prefix, value) VALUES (%s, %s)"
            " ON CONFLICT (prefix) DO UPDATE SET value = records_counter.value + excluded.value RETURNING value",
            [prefix, count],
        )
        return int(cursor.fetchone()[0]) - count + 1


def reference(prefix: str, number: int) -> str:
    return f"{prefix}-{number:05d}"
