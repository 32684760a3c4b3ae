"""Rules over what is held of people."""

from __future__ import annotations

from typing import Any

from comity.documents.models import RecordClass
from comity.parties.models import Contact
from tests.compliance.proofs import proof
from tests.worlds import World

NAME = "customer_data_complete_and_minimal"


@proof(NAME, rule="predicate", name=NAME, population="contacts_active")
class Minimal:
    """The class says that name and e-mail are needed; then somebody's phone is held as well, until it says why."""

    def met(self, world: World) -> None:
        Contact.objects.update(email="a@b.example", phone="")
        values: dict[str, Any] = {"name": "People", "kinds": ["contact"], "mandatory_fields": "name, email"}
        world.create("record_class", "process_manager", **values)

    def gap(self, world: World) -> None:
        Contact.objects.filter(pk=world.contact.pk).update(phone="1234")

    def repair(self, world: World) -> None:
        RecordClass.objects.update(mandatory_fields="name, email, phone")
        Contact.objects.update(phone="1234")

    def empty(self, world: World) -> None:
        Contact.objects.update(status="ended")


@proof(NAME, rule="predicate", name=NAME, population="contacts_active")
class Complete(Minimal):
    """One e-mail address is missing, which is more than one value in fifty."""

    def gap(self, world: World) -> None:
        Contact.objects.filter(pk=world.contact.pk).update(email="")

    def repair(self, world: World) -> None:
        Contact.objects.filter(pk=world.contact.pk).update(email="a@b.example")
