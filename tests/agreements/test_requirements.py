"""What customers need: registered, decided with a reason, replaced by a new version, still so."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.agreements.models import ServiceRequirement
from comity.records import write
from comity.records.write import Actor, NotAllowed, Refused
from tests.worlds import World

RM = "relationship_manager"
READ: dict[str, Any] = {"interpretation": "Letters, once a quarter."}


def asked(world: World, **changed: Any) -> Any:
    values = {"title": "Statements on paper", "customer": world.customer.ref, "requester": world.contact.ref, **changed}
    return world.create("service_requirement", RM, **values)


def accepted(world: World, **changed: Any) -> Any:
    return world.move(asked(world, **changed), "accept", RM, effective_on=timezone.localdate(), **READ)


def test_a_decision_names_who_and_when(world: World) -> None:
    made = accepted(world)
    assert (made.status, made.decision, made.decided_by) == ("current", "accepted", world.person(RM))
    assert made.reconfirmed_at == timezone.localdate()


def test_a_refusal_has_a_reason(world: World) -> None:
    made = asked(world)
    with pytest.raises((Refused, ValidationError)):
        world.move(made, "reject", RM)
    assert ServiceRequirement.objects.get(pk=made.pk).status == "proposed"
    assert world.move(made, "reject", RM, reason="Paper is gone.").decision == "rejected"


def test_a_change_is_a_new_version(world: World) -> None:
    first = accepted(world)
    with pytest.raises(ValidationError):
        write.update(first, {"text": "By mail."}, actor=Actor.system("test"))
    first.refresh_from_db()
    assert first.text == ""
    second = accepted(world, type="changed", replaces=first.ref)
    first.refresh_from_db()
    assert (second.version_no, first.status) == (2, "superseded")


def test_who_only_reads_does_not_decide(world: World) -> None:
    made = asked(world)
    with pytest.raises(NotAllowed):
        world.move(made, "accept", "process_manager", effective_on=timezone.localdate(), **READ)
    assert ServiceRequirement.objects.get(pk=made.pk).status == "proposed"


def test_a_customers_requirement_names_the_customer(world: World) -> None:
    with pytest.raises(ValidationError):
        asked(world, customer="")
    assert not ServiceRequirement.objects.exists()
