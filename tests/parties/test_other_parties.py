"""Interested parties, and the positions of our own people (PG-004-13, CSMS:2003 4.1)."""

import pytest
from django.core.exceptions import ValidationError

from comity.parties.models import InterestedParty, Position
from comity.records.access import readable
from comity.records.kind import kind_named
from tests.worlds import World


def test_confidence_is_rated_from_one_to_five(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        world.create("interested_party", "relationship_manager", name="Owners", rating=6)
    assert "rating" in error.value.message_dict
    assert not InterestedParty.objects.exists()


def test_what_we_think_of_a_party_is_not_for_people_outside(world: World) -> None:
    party = world.create("interested_party", "relationship_manager", name="Owners", contact=world.contact.ref)
    kind = kind_named("interested_party")
    assert not readable(kind, world.person("customer_contact")).exists()
    assert readable(kind, world.person("complaint_handler")).get() == party


def test_a_person_has_one_position(world: World) -> None:
    values = {"person": world.email("service_desk"), "team": "Desk"}
    world.create("position", "process_manager", **values)
    with pytest.raises(ValidationError) as error:
        world.create("position", "process_manager", **values)
    assert "person" in error.value.message_dict
    assert Position.objects.count() == 1


def test_nobody_is_the_manager_of_himself(world: World) -> None:
    person = world.email("service_desk")
    with pytest.raises(ValidationError) as error:
        world.create("position", "process_manager", person=person, manager=person)
    assert "manager" in error.value.message_dict
    assert not Position.objects.exists()


def test_contacts_of_customers_have_no_position_with_us(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        world.create("position", "process_manager", person=world.email("customer_contact"))
    assert "person" in error.value.message_dict
    assert not Position.objects.exists()


def test_people_read_their_own_position_only(world: World) -> None:
    own = world.create("position", "process_manager", person=world.email("complaint_handler"))
    world.create("position", "process_manager", person=world.email("project_manager"))
    assert list(readable(kind_named("position"), world.person("complaint_handler"))) == [own]
