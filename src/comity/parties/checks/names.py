"""The names of parties, people, duties and processes as requirements use them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from comity.accounts.matrix import MATRIX, parse
from comity.accounts.models import Grant, Person
from comity.accounts.models import in_force as between_its_dates
from comity.accounts.roles import CONTACTS, Role
from comity.parties.checks.classes import of_classes
from comity.parties.duties import Duty
from comity.parties.models import (
    Acceptance,
    Contact,
    Customer,
    InterestedParty,
    Position,
    Process,
    ProcessInterface,
    ProcessRole,
    ProcessStep,
    Responsibility,
    Segment,
    Supplier,
)
from comity.records.facts import Fact, Rows, spoken, tie, vocabulary
from comity.records.kind import kinds
from comity.records.models import Entry


def at_work(as_of: datetime) -> Q:
    """People of the organisation who belong to it on that day."""
    return Q(is_active=True) & between_its_dates(timezone.localdate(as_of))


def held(as_of: datetime) -> Q:
    """Responsibilities that count on that day: approved, begun, not over."""
    return Q(status__in=("approved", "active")) & between_its_dates(timezone.localdate(as_of))


def granted(as_of: datetime) -> Q:
    """Grants that count on that day."""
    return between_its_dates(timezone.localdate(as_of))


def leads(as_of: datetime) -> Q:
    """People who are somebody's manager."""
    return Q(pk__in=Position.objects.filter(manager__isnull=False).values("manager"))


def roles_that(verb: str, row: str) -> tuple[str, ...]:
    """The groups to which the matrix of rights gives the verb on the row."""
    return tuple(role.value for role, cell in MATRIX[row].items() if parse(cell).scope(verb))  # type: ignore[arg-type]


class Steps(Collection[str]):
    """The names of all steps of all workflows, as they stand in the trail; kinds are known once all rooms are."""

    def __iter__(self) -> Iterator[str]:
        return iter({move.name for kind in kinds() if kind.workflow for move in kind.workflow.moves})

    def __len__(self) -> int:
        return len(set(self))

    def __contains__(self, name: object) -> bool:
        return name in set(self)


def issued(people: Rows) -> Q:
    """Consent to, or reading of, a version that one of these people approved: thereby it was issued."""
    versions = spoken("document_version").rows.filter(approver__in=people.order_by().values("pk"))
    return Q(version_ref__in=versions.order_by().values("ref"))


OTHER_SIDES = {"customer": (Duty.CUSTOMER_CONTACT,), "supplier": (Duty.SUPPLIER_CONTACT,)}
OWN_SIDE = tuple(duty for duty in Duty if all(duty not in other for other in OTHER_SIDES.values()))
IN_STEPS = ProcessStep.objects.values("process")

vocabulary(
    "customer", Customer,
    services=Fact("services", to="service"), category=Fact("category", to="segment"),
    segment=Fact("segment", to="segment"), representative_contact=Fact("representative_contact", to="contact"),
)  # fmt: skip
vocabulary("segment", Segment)
vocabulary("supplier", Supplier, category="category__code", customer=Fact("customer", to="customer"))
vocabulary(
    "contact", Contact,
    party=Fact("customer", to="customer"),
    party_kind=Fact("type", words={"customer": ("customer", "user")}),
    role="roles__code", accepted_channels="accepted_channels__code",
    addresses=Fact("email", filled=Q(email__gt="") | Q(phone__gt="") | Q(postal_address__gt="")),
    services_used=Fact("cases__service", to="service"), service_used_at="cases__received_at",
)  # fmt: skip
vocabulary("interested_party", InterestedParty, contact=Fact("contact", to="contact"))
vocabulary(
    "staff", Person, Q(pk__in=Grant.objects.exclude(role__in=[*CONTACTS, Role.AUDITOR]).values("person")),
    status=Fact(holds=at_work), leads=Fact(holds=leads), entered_at="starts_on",
    responsibilities=Fact("responsibilities", to="responsibility"), manager=Fact("position__manager", to="staff"),
    team="position__team", department="position__department",
    job_requirements=Fact("position__job_requirements", filled=Q(position__job_requirements__gt="")),
    customer_facing="position__customer_facing",
)  # fmt: skip
vocabulary(
    "responsibility", Responsibility,
    status=Fact(holds=held), holder=Fact("person", to="staff"), customer=Fact("customer", to="customer"),
    segment=Fact("segment", to="segment"), subject=Fact("subject_ref", by_ref=True), approval="approved_at",
    duties=Fact(
        "covers__code",
        filled=Q(duties__gt="") | Q(pk__in=Responsibility.covers.through._default_manager.values("responsibility")),
    ),
    side=Fact("role", words={"own": OWN_SIDE, **OTHER_SIDES}),
    department="person__position__department", reports_to=Fact("person__position__manager", to="staff"),
    approved_by=Fact("approved_by", to="staff"),
)  # fmt: skip
vocabulary(
    "acceptance", Acceptance,
    version=Fact("version_ref", by_ref=True), party=Fact("contact", to="contact"),
    contact=Fact("contact", to="contact"), person=Fact("person", to="staff"), passed_or_accepted="accepted_at",
    issued_by=Fact(to="staff", of=issued),
)  # fmt: skip
vocabulary(
    "process", Process,
    steps=Fact("steps", to="process_step"), stages=Fact("steps", to="process_step"),
    roles=Fact("roles", to="process_role"),
    step_owners=Fact(
        "steps__owner_role",
        filled=Q(pk__in=IN_STEPS) & ~Q(pk__in=IN_STEPS.filter(owner_role="")),
    ),
)  # fmt: skip
vocabulary("process_role", ProcessRole, process=Fact("process", to="process"), tag="process__tag")
vocabulary(
    "process_step", ProcessStep,
    process=Fact("process", to="process"), tag="process__tag", facets="stage", type="journey_stage",
    provider="operator", reconfirmed_at="process__reconfirmed_at",
)  # fmt: skip
vocabulary(
    "process_interface", ProcessInterface,
    process=Fact("process", to="process"), other_process=Fact("other_process", to="process"),
    from_step=Fact("from_step", to="process_step"), to_step=Fact("to_step", to="process_step"),
    contact_own=Fact("contact_own", to="staff"), contact_other=Fact("contact_other", to="contact"),
)  # fmt: skip
vocabulary(
    "access_grant", Grant,
    status=Fact(holds=granted), entered_at="starts_on", person=Fact("person", to="staff"),
    contact=Fact("person__contacts", to="contact"),
    scope=Fact(
        "role",
        words={"register_case": roles_that("create", "case_register"), "own_kpis": roles_that("read", "kpi")},
    ),
)  # fmt: skip
vocabulary(
    "event", Entry,
    type=Fact(
        "act",
        words={
            "comment": (Entry.POST,), "read": (Entry.READ,), "disclosed": ("disclosed",), "test": ("test",),
            "approval": ("approve", "agree", "release"), "transition": Steps(),
        },
    ),
    occurred_at="happened_at", entered_at="at", actor="actor_id", reason="note", record_kind="kind",
    record=Fact("ref", by_ref=True), record_class=Fact(to="record_class", of=of_classes),
)  # fmt: skip

tie("customer", "customer", "parent")
tie("contact", "customer", "customer")
tie("contact", "supplier", "supplier")
tie("supplier", "customer", "customer")
tie("responsibility", "customer", "customer")
tie("responsibility", "staff", "person")
tie("access_grant", "staff", "person")
tie("process_step", "process", "process")
tie("process_role", "process", "process")
