"""What contacts choose about being asked: by themselves, told on the phone, by a link; and which choice counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.parties import consents
from comity.parties.models import Consent
from comity.records import write
from comity.records.models import Entry
from comity.records.trail import Actor
from tests.worlds import World


def told(world: World, **more: Any) -> dict[str, Any]:
    return {"contact": world.contact.ref, "purpose": "surveys", "type": "opt_out", **more}


def test_who_records_it_for_a_contact_names_the_proof(world: World) -> None:
    inbound: dict[str, Any] = {"direction": "inbound", "customer": world.customer.ref, "summary": "Asks no more."}
    call = world.create("communication", "service_desk", contact=world.contact.ref, **inbound)
    values = {"name": "Bo Other", "customer": world.customer.ref, "type": "user"}
    other = world.create("contact", "process_manager", **values)
    foreign = world.create("communication", "service_desk", contact=other.ref, **inbound)
    for refused in (
        {},
        {"proof_ref": "COM-99999"},
        {"proof_ref": foreign.ref},
        {"proof_ref": call.ref, "type": "offered"},
    ):
        with pytest.raises(ValidationError):
            world.create("consent", "process_manager", **told(world, **refused))
    with pytest.raises(ValidationError):
        world.create("consent", "customer_contact", **told(world, contact=other.ref))
    assert not Consent.objects.exists()
    assert consents.may_be_asked(world.contact)
    made = world.create("consent", "service_desk", **told(world, proof_ref=call.ref))
    assert made.chosen_at == made.offered_at and not consents.may_be_asked(world.contact)
    assert consents.may_be_asked(world.contact, "notices"), "one purpose says nothing of another"
    line = Entry.objects.get(kind="contact", record_id=world.contact.pk, rule="opt_out")
    assert "asked in surveys" in line.words
    with pytest.raises(ValidationError):
        write.update(made, {"type": "opt_in"}, actor=Actor(world.person("process_manager")))


def test_the_last_choice_counts_and_that_of_a_day_holds_for_that_day(world: World) -> None:
    me, now = Actor(world.person("customer_contact")), timezone.now()
    consents.offer(world.contact, "surveys", me)
    consents.offer(world.contact, "surveys", me)
    offered = Consent.objects.get()
    assert (offered.type, offered.chosen_at) == ("offered", None) and offered.offered_at == offered.first_use_at
    assert not consents.choose(world.contact, "surveys", True, me), "that holds already"
    world.create("consent", "customer_contact", **told(world, chosen_at=now - timedelta(days=5)))
    assert not consents.may_be_asked(world.contact)
    assert consents.may_be_asked(world.contact, on=timezone.localdate() - timedelta(days=9))
    assert consents.choose(world.contact, "surveys", True, me)
    assert consents.may_be_asked(world.contact) and Consent.objects.count() == 3
    assert not consents.may_be_asked(world.contact, on=timezone.localdate() - timedelta(days=2))
    world.move(world.contact, "end", "process_manager", note="Gone.")
    world.contact.refresh_from_db()
    assert not consents.may_be_asked(world.contact)
