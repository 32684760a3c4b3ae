"""Customers, contacts and consent (F-001, F-009)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.parties.models import Contact, Customer
from comity.records import write
from comity.records.access import readable
from comity.records.bulk import create_many
from comity.records.kind import kind_named
from comity.records.trail import Refused


def test_a_customer_never_belongs_to_itself(world):
    grandchild = world.create("customer", "process_manager", name="Bench", parent=world.child.ref)
    with pytest.raises(ValidationError) as error:
        write.update(world.customer, {"parent": grandchild.ref}, actor=world.actor("process_manager"))
    assert "parent" in error.value.message_dict
    with pytest.raises(ValidationError):
        write.update(world.customer, {"parent": world.customer.ref}, actor=world.actor("process_manager"))
    assert Customer.objects.get(pk=world.customer.pk).parent is None


def test_who_proposes_the_review_frequency_does_not_accept_it(world):
    proposal = {"review_frequency": 6, "frequency_proposer": world.email("project_manager")}
    with pytest.raises(ValidationError):
        write.update(
            world.customer, {**proposal, "frequency_accepter": world.email("project_manager")},
            actor=world.actor("process_manager"),
        )  # fmt: skip
    both = {**proposal, "frequency_accepter": world.email("process_manager")}
    assert write.update(world.customer, both, actor=world.actor("process_manager")).review_frequency == 6


def test_a_stage_is_dated(world):
    customer = write.update(world.customer, {"lifecycle_stage": "serve"}, actor=world.actor("process_manager"))
    assert customer.stage_entered_on == timezone.localdate()


def test_a_contact_has_several_roles_and_a_customer(world):
    assert {term.code for term in world.contact.roles.all()} == {"approver", "complainant"}
    with pytest.raises(ValidationError) as error:
        world.create("contact", "process_manager", name="Nobody's")
    assert "customer" in error.value.message_dict


def test_a_contact_sees_its_own_party_only(world):
    stranger = world.create("customer", "process_manager", name="Borage")
    seen = readable(kind_named("customer"), world.person("customer_contact"))
    assert set(seen) == {world.customer}
    assert stranger not in seen
    assert not readable(kind_named("contact"), world.person("customer_contact")).filter(customer=stranger).exists()


def test_a_parents_contact_may_see_what_is_below(world):
    def seen():
        return set(readable(kind_named("customer"), world.person("customer_contact")))

    contact = write.update(world.contact, {"sees_children": True}, actor=world.actor("process_manager"))
    assert seen() == {world.customer, world.child}
    bench = world.create("customer", "process_manager", name="Bench", parent=world.child.ref)
    assert seen() == {world.customer, world.child, bench}
    assert world.child_contact in readable(kind_named("contact"), world.person("customer_contact"))
    write.update(world.child, {"parent": ""}, actor=world.actor("process_manager"))
    assert seen() == {world.customer}
    assert set(contact.customers.all()) == {world.customer}
    write.update(contact, {"customer": world.child.ref, "sees_children": False}, actor=world.actor("process_manager"))
    assert seen() == {world.child}


def test_contacts_of_an_import_see_their_party(world):
    rows = [{"name": f"Contact {n}", "customer": world.child.ref} for n in range(3)]
    assert not create_many(kind_named("contact"), rows, actor=world.actor("process_manager")).errors
    assert world.child.contacts.count() == 4


def test_a_contact_that_left_no_longer_signs_in(world):
    contact = world.move(world.contact, "end", "process_manager", note="Left the company.")
    assert contact.person is None
    assert not readable(kind_named("customer"), world.person("customer_contact")).exists()


def test_absence_of_a_contact():
    today = timezone.localdate()
    contact = Contact(away_from=today, away_to=today + timedelta(days=2))
    assert contact.away(today)
    assert contact.away(today + timedelta(days=2))
    assert not contact.away(today + timedelta(days=3))
    assert not Contact().away(today)


class TestAcceptance:
    def test_belongs_to_the_exact_version(self, world):
        row = world.contact.acceptances.get(version_ref=world.own_definition.ref)
        assert (row.version_kind, row.version_no, row.type) == ("document_version", 1, "agreed")

    def test_of_a_contact_by_staff_needs_proof(self, world):
        consent = {"version_ref": world.definition.ref, "contact": world.contact.ref}
        with pytest.raises(ValidationError) as error:
            world.create("acceptance", "relationship_manager", **consent)
        assert "proof_ref" in error.value.message_dict
        call = world.create(
            "communication", "relationship_manager", direction="inbound", purpose="confirmation", summary="Agrees.",
            customer=world.customer.ref,
        )  # fmt: skip
        assert world.create("acceptance", "relationship_manager", proof_ref=call.ref, **consent).proof_ref == call.ref

    def test_of_one_of_us_by_himself_only(self, world):
        with pytest.raises(ValidationError):
            world.create(
                "acceptance", "process_manager", version_ref=world.definition.ref, type="read",
                person=world.email("complaint_handler"),
            )  # fmt: skip
        own = {"version_ref": world.definition.ref, "person": world.email("complaint_handler"), "type": "read"}
        assert world.create("acceptance", "complaint_handler", **own).person == world.person("complaint_handler")

    def test_names_one_party_and_an_existing_version(self, world):
        with pytest.raises(ValidationError):
            world.create("acceptance", "customer_contact", version_ref=world.definition.ref)
        with pytest.raises(ValidationError) as error:
            world.create("acceptance", "customer_contact", version_ref="DOV-99999", contact=world.contact.ref)
        assert "version_ref" in error.value.message_dict

    def test_is_never_changed(self, world):
        row = world.contact.acceptances.get(version_ref=world.own_definition.ref)
        with pytest.raises(ValidationError):
            write.update(row, {"topic": "Something else"}, actor=world.actor("process_manager"))


def test_steps_refuse_the_wrong_state(world):
    with pytest.raises(Refused):
        world.move(world.customer, "activate", "process_manager")
    ended = world.move(world.customer, "end", "process_manager", note="Merged.")
    assert ended.status == "ended"
