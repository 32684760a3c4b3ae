"""Rules over agreements and their clauses."""

from __future__ import annotations

from typing import Any

from comity.agreements.models import AgreementVersion, Service
from comity.parties.models import Customer
from comity.records.models import Entry
from tests.compliance.proofs import membership, proof
from tests.worlds import World, days_ago, moment

Sides = tuple[list[Any], list[Any]]


def clause(world: World, version: Any, **columns: Any) -> Any:
    """A clause of a version, agreed or not."""
    draft = world.create("agreement_version", "relationship_manager", agreement=version.agreement.ref)
    values = {"topic": "scope", "text": "Hosting of the web shop.", **columns}
    made = world.create("clause", "relationship_manager", agreement_version=draft.ref, **values)
    made._meta.model.objects.filter(pk=made.pk).update(agreement_version=version)
    AgreementVersion.objects.filter(pk=draft.pk).delete()
    return made._meta.model.objects.get(pk=made.pk)


@proof("path_followed", rule="path_followed", machine="agreement", population="slas_in_force")
class Path:
    """A version that came into force without ever having been negotiated."""

    def met(self, world: World) -> None:
        assert Entry.objects.filter(kind="agreement_version", act="negotiate").exists()

    def gap(self, world: World) -> None:
        self.draft = world.create("agreement_version", "relationship_manager", agreement=world.agreement.ref)
        day = {"agreed_at": world.second.agreed_at, "effective_on": days_ago(3)}
        AgreementVersion.objects.filter(pk=self.draft.pk).update(status="in_force", **day)

    def repair(self, world: World) -> None:
        AgreementVersion.objects.filter(pk=self.draft.pk).update(status="draft", agreed_at=None)

    def empty(self, world: World) -> None:
        AgreementVersion.objects.update(status="ended")


@proof("linked", rule="linked", population="customers_active", to="charters_in_force")
class Charter:
    """A charter that names nobody is for everybody; one that names a customer is for that one."""

    def met(self, world: World) -> None:
        assert not world.charter.customers.exists()

    def gap(self, world: World) -> None:
        world.charter.customers.set([world.customer])

    def repair(self, world: World) -> None:
        world.charter.customers.add(world.child)

    def empty(self, world: World) -> None:
        Customer.objects.update(status="retired")


@membership("agreements_covering_service")
def agreements_covering_service(world: World) -> Sides:
    """The charter is for every service; an agreement on a service that is no longer live covers nothing."""
    old = world.create("agreement", "relationship_manager", title="Old", type="sla", customers=[world.customer.ref])
    version = world.create(
        "agreement_version", "relationship_manager", agreement=old.ref, services=[world.other_service.ref]
    )
    now = {"status": "in_force", "agreed_at": world.second.agreed_at, "effective_on": days_ago(3)}
    AgreementVersion.objects.filter(pk=version.pk).update(**now)
    Service.objects.filter(pk=world.other_service.pk).update(status="retired")
    charter = AgreementVersion.objects.get(agreement=world.charter)
    return [world.second, charter], [world.first, version]


@membership("clauses_in_force")
def clauses_in_force(world: World) -> Sides:
    return [clause(world, world.second)], [clause(world, world.first)]


@membership("obligations_customer")
def obligations_customer(world: World) -> Sides:
    """The version is thirty days old: what is due weekly came up, what is due yearly did not."""
    duty = {"topic": "activities", "obligation": True}
    weekly = clause(world, world.second, due_rule="weekly", **duty)
    return [weekly], [clause(world, world.second, due_rule="yearly", **duty), clause(world, world.second)]


def target(world: World, **columns: Any) -> Any:
    """A target of the world's agreement in force."""
    draft = world.create("agreement_version", "relationship_manager", agreement=world.agreement.ref)
    values = {"metric": "resolve", "value": 5, "unit_of_value": "number", **columns}
    made = world.create("target", "relationship_manager", agreement_version=draft.ref, **values)
    made._meta.model.objects.filter(pk=made.pk).update(agreement_version=world.second)
    AgreementVersion.objects.filter(pk=draft.pk).delete()
    return made


@proof("communicated", rule="communicated", about="charter_sla_changes", to="customer_contact",
       purpose="agreement_change", before="effective_on")  # fmt: skip
class ToldBefore:
    """The customer heard of the second version before it took effect; a third comes earlier than any word of it."""

    def met(self, world: World) -> None:
        self.said = world.create(
            "communication", "relationship_manager", direction="outbound", purpose="agreement_change",
            summary="A new version", contact=world.contact.ref, occurred_at=moment(40),
        )  # fmt: skip
        self.day = days_ago(30)
        AgreementVersion.objects.filter(pk=world.second.pk).update(effective_on=self.day)

    def gap(self, world: World) -> None:
        AgreementVersion.objects.filter(pk=world.second.pk).update(effective_on=days_ago(41))

    def repair(self, world: World) -> None:
        AgreementVersion.objects.filter(pk=world.second.pk).update(effective_on=self.day)

    def empty(self, world: World) -> None:
        AgreementVersion.objects.update(effective_on=days_ago(2000))
