"""A small provider with its customers, for every test that needs people and commitments: the fixture `world`.

    def test_something(world):
        channel = world.create("channel", "relationship_manager", name="Desk", type="phone")
        world.move(channel, "retire", "process_manager", note="Closed.")

Everything is made through the write path, by the people who may. The cast:

units      Root Services, with North and South below it
people     one for each of the thirteen roles, ROLE@provider.example, granted on the root (`world.person(role)`,
           `world.actor(role)`); besides them `deputy` (a second relationship manager), `assistant` (a second process
           manager) and `northerner` (complaint handler of North only)
calendars  `office`, the default: Monday to Friday 09:00-17:00 UTC; `extended`: 07:00-19:00, of the `second` version
customers  `customer` Aster Group (agreement) with the category Key accounts, its child `child` Aster Labs, both active
contacts   `contact` of the customer, may sign and signs in; `child_contact` of the child, without sign-in
services   `service` Hosting, live, for both customers; `other_service` Backup, on which it depends
agreement  `agreement` of the customer for Hosting: `first` from 400 days ago, `second` from 30 days ago
charter    `charter` for everybody: acknowledge 2 bd, resolve 20 bd
definition `definition` of complaints for the organisation, `own_definition` of the customer, agreed by its contact
lists      those that parties and cases start with
duties     each staff role has its organisation-wide holder; the customer has its relationship manager and a deputy

The first test of a session builds this, and the first after midnight; the others find a copy of its rows, which stays
from test to test: `tests.standing`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from comity.accounts.models import Grant, Person, Unit
from comity.accounts.roles import Role
from comity.clocks.models import Calendar
from comity.records import write
from comity.records.kind import kind_named
from comity.records.models import Counter, FormerRow, Term, writing
from comity.records.write import Actor
from tests.standing import LAYERS, stands

LONG_AGO = date(2015, 1, 1)
PASSWORD = "correct horse battery"
WEEK = ("mon", "tue", "wed", "thu", "fri")
DUTIES = (
    "relationship_manager", "complaint_owner", "supplier_manager", "project_manager", "process_manager",
    "operations_director", "service_level_manager",
)  # fmt: skip
HOLDER = {"complaint_owner": "process_manager", "service_level_manager": "project_manager"}


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def moment(days: int) -> datetime:
    """Noon of the day so many days ago; for today the present moment at the latest."""
    return min(datetime.combine(days_ago(days), time(12), tzinfo=UTC), timezone.now())


@dataclass
class World:
    """The cast; see the module. Attributes are fresh instances in every test."""

    root: Unit
    north: Unit
    south: Unit
    office: Calendar
    extended: Calendar
    customer: Any = None
    child: Any = None
    category: Any = None
    contact: Any = None
    child_contact: Any = None
    service: Any = None
    other_service: Any = None
    charter: Any = None
    agreement: Any = None
    first: Any = None
    second: Any = None
    definition: Any = None
    own_definition: Any = None
    channel: Any = None
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """By role or by the name of a special one: deputy, assistant, northerner."""
        return self.people[name]

    def actor(self, name: str, via: str = "web") -> Actor:
        return Actor(self.people[name], via)

    def email(self, name: str) -> str:
        return self.people[name].email

    def create(self, kind: str, by: str, **data: Any) -> Any:
        """Register a record as the person of that role."""
        return write.create(kind_named(kind), data, actor=self.actor(by))

    def move(self, record: Any, name: str, by: str, at: datetime | None = None, note: str = "", **data: Any) -> Any:
        """Take a step as the person of that role."""
        return write.transition(record, name, data, actor=self.actor(by), happened_at=at, note=note)


def person(name: str, unit: Unit, role: str, **more: Any) -> Person:
    """A person with one role in one unit."""
    made = Person.objects.create_user(
        f"{name}@provider.example", PASSWORD, name=name.replace("_", " ").title(), starts_on=LONG_AGO, **more
    )
    Grant.objects.create(person=made, unit=unit, role=role, starts_on=LONG_AGO)
    return made


def build() -> World:
    """Make the world from nothing."""
    from comity.cases.terms import seed as seed_cases
    from comity.parties.terms import seed as seed_parties

    for seed in (seed_parties, seed_cases):
        seed(Term)
    root = Unit.objects.create(name="Root Services")
    office = Calendar.objects.create(
        name="Office", zone="UTC", hours={d: [["09:00", "17:00"]] for d in WEEK}, is_default=True
    )
    extended = Calendar.objects.create(
        name="Extended", zone="UTC", hours={d: [["07:00", "19:00"]] for d in WEEK}, day_hours=12
    )
    north, south = (Unit.objects.create(name=name, parent=root) for name in ("North", "South"))
    world = World(root, north, south, office, extended)
    world.people = {role.value: person(role.value, root, role) for role in Role}
    world.people["deputy"] = person("deputy", root, Role.RELATIONSHIP_MANAGER)
    world.people["assistant"] = person("assistant", root, Role.PROCESS_MANAGER)
    world.people["northerner"] = person("northerner", north, Role.COMPLAINT_HANDLER)
    _parties(world)
    _duties(world)
    _commitments(world)
    _definitions(world)
    return world


def _parties(world: World) -> None:
    by = "relationship_manager"
    world.category = world.create("segment", by, name="Key accounts", type="category")
    world.customer = world.create("customer", by, name="Aster Group", category=world.category.ref)
    world.child = world.create("customer", by, name="Aster Labs", parent=world.customer.ref)
    world.customer, world.child = (world.move(c, "activate", by) for c in (world.customer, world.child))
    world.contact = world.create(
        "contact", by, name="Ada Aster", customer=world.customer.ref, person=world.email("customer_contact"),
        email="ada@aster.example", roles=["approver", "complainant"], accepted_channels=["email"],
        signing_authority=True,
    )  # fmt: skip
    world.child_contact = world.create(
        "contact", by, name="Lin Labs", customer=world.child.ref, email="lin@aster.example", roles=["requester"]
    )
    world.channel = world.create(
        "channel", by, name="Service line", type="phone", address="+49 30 1234", purposes=["complaint", "request"],
        published_at=days_ago(300),
    )  # fmt: skip


def assign(world: World, role: str, holder: str, since: int = 500, **subject: Any) -> Any:
    """A responsibility, proposed, approved and accepted."""
    row = world.create(
        "responsibility", "process_manager", role=role, person=world.email(holder), starts_on=days_ago(since), **subject
    )
    approver = "senior_manager" if holder != "senior_manager" else "operations_director"
    row = world.move(row, "approve", approver, moment(since))
    return world.move(row, "accept", holder, moment(since))


def _duties(world: World) -> None:
    for duty in DUTIES:
        holder = "deputy" if duty == "relationship_manager" else HOLDER.get(duty, duty)
        assign(world, duty, holder)
    assign(world, "relationship_manager", "relationship_manager", customer=world.customer.ref)
    assign(world, "relationship_manager", "deputy", customer=world.customer.ref, deputy=True)
    world.customer.refresh_from_db()


def conclude(world: World, agreement: Any, since: int, targets: Mapping[str, str], **data: Any) -> Any:
    """A version of an agreement, drafted, negotiated, signed and agreed so many days ago; targets like "4 bh"."""
    version = world.create("agreement_version", "relationship_manager", agreement=agreement.ref, **data)
    for name, limit in targets.items():
        metric, _sep, severity = name.partition("_")
        value, unit = limit.split()
        world.create(
            "target", "relationship_manager", agreement_version=version.ref, metric=metric, severity=severity,
            value=value, unit_of_value=unit,
        )  # fmt: skip
    version = world.move(version, "negotiate", "relationship_manager", moment(since + 1))
    signed: dict[str, Any] = {"signed_on": days_ago(since), "signed_for_us": world.email("operations_director")}
    signed = {} if agreement.type == "charter" else {**signed, "signed_by": world.contact.ref}
    return world.move(version, "agree", "operations_director", moment(since), effective_on=days_ago(since), **signed)


def _commitments(world: World) -> None:
    by, both = "relationship_manager", [world.customer.ref, world.child.ref]
    world.other_service = world.create("service", by, name="Backup", type="component")
    world.service = world.create(
        "service", by, name="Hosting", customers=both, depends_on=[world.other_service.ref], launched_on=days_ago(900)
    )
    world.service, world.other_service = (
        world.move(service, "launch", by, launched_on=days_ago(900)) for service in (world.service, world.other_service)
    )
    world.charter = world.create("agreement", by, title="Service charter", type="charter")
    conclude(world, world.charter, 800, {"acknowledge": "2 bd", "resolve": "20 bd"})
    world.agreement = world.create(
        "agreement", by, title="Hosting for Aster", type="sla", customers=[world.customer.ref]
    )
    services = [world.service.ref]
    world.first = conclude(world, world.agreement, 400, {"acknowledge": "8 bh", "resolve": "10 bd"}, services=services)
    world.second = conclude(
        world, world.agreement, 30, {"acknowledge": "4 bh", "resolve": "5 bd", "resolve_critical": "1 bd"},
        services=services, calendar="Extended",
    )  # fmt: skip
    world.first.refresh_from_db()


def publish(world: World, since: int, body: str, **document: Any) -> Any:
    """A document with one version, approved and effective so many days ago."""
    head = world.create("document", "process_manager", **document)
    version = world.create(
        "document_version", "process_manager", document=head.ref, body=body, author=world.email("process_manager"),
        change_reason="First issue.",
    )  # fmt: skip
    version = world.move(version, "submit", "process_manager", moment(since))
    return world.move(version, "approve", "operations_director", moment(since), effective_on=days_ago(since))


def _definitions(world: World) -> None:
    what = {"type": "complaint_definition"}
    world.definition = publish(world, 700, "Any expressed dissatisfaction.", title="Complaint definition", **what)
    world.own_definition = publish(
        world, 300, "Dissatisfaction, or a missed target.", title="Complaint definition of Aster",
        customer=world.customer.ref, **what,
    )  # fmt: skip
    world.create("acceptance", "customer_contact", version_ref=world.own_definition.ref, contact=world.contact.ref)


# --- copies ----------------------------------------------------------------------------------------------------------

_rows: list[tuple[type[models.Model], list[models.Model]]] = []
_statements: list[tuple[str, Any]] = []  # the same as SQL
_cast: dict[str, models.Model] = {}
_people: dict[str, Person] = {}
_day: list[date] = []  # on which it was made: most of its dates are so many days before


def _tables() -> list[type[models.Model]]:
    """All tables of the product, those that others refer to first; relations between rows count as tables.

    Former rows are written by the database as the others are copied.
    """
    found = [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("comity.")]
    return [model for model in found if model is not FormerRow]


def _remember(world: World) -> None:
    _day.append(timezone.localdate())
    found = ((model, list(model._base_manager.order_by("pk"))) for model in _tables())
    _rows.extend((model, rows) for model, rows in found if rows)
    for part in fields(World):
        value = getattr(world, part.name)
        if isinstance(value, models.Model):
            _cast[part.name] = type(value)._base_manager.get(pk=value.pk)
    people = Person.objects.in_bulk()
    _people.update((name, people[one.pk]) for name, one in world.people.items())


def _lay(_cast: Any = None) -> None:
    """The remembered rows, into the database of now."""
    with writing(), connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        for table in (Counter, Term):
            cursor.execute(f"DELETE FROM {table._meta.db_table}")
        if _statements:
            for sql, values in _statements:
                cursor.execute(sql, values)
        else:
            with connection.execute_wrapper(_note):
                for model, rows in _rows:
                    models.QuerySet(model).bulk_create(rows, batch_size=500)


LAYERS["world"] = _lay


def _note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
    """Keep what Django composed: the next copy needs only to say it again."""
    _statements.append((sql, values))
    return execute(sql, values, many, context)


def _fresh(known: Any) -> Any:
    one = copy(known)
    one._state.fields_cache = {}
    return one


def layers(fixtures: Collection[str]) -> Iterator[str]:
    """What may stand before a test with these fixtures: nothing without `world`, nor before there is one of today."""
    if _day != [timezone.localdate()]:
        for known in (_rows, _statements, _cast, _people, _day):
            known.clear()
    if _rows and "world" in fixtures:
        yield from (name for name in LAYERS if name in fixtures)


def cast() -> World:
    """Fresh instances of what is remembered."""
    people = {name: _fresh(one) for name, one in _people.items()}
    return World(**{name: _fresh(one) for name, one in _cast.items()}, people=people)


@pytest.fixture
def world(db: None) -> World:
    """The small provider of this module, in the test's own transaction."""
    if not stands("world"):
        if Person.objects.exists() or Unit.objects.exists():
            return build()
        if not _rows:
            made = build()
            _remember(made)
            return made
        _lay()
    return cast()
