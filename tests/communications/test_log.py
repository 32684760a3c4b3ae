"""The communication log: immutable, pointing anywhere, and discreet."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.communications.operations import about
from comity.records import write
from comity.records.access import readable
from comity.records.kind import kind_named


def say(world, by="relationship_manager", **more):
    data = {
        "direction": "outbound",
        "purpose": "answer",
        "summary": "We answered.",
        "customer": world.customer.ref,
        **more,
    }
    return world.create("communication", by, **data)


def test_points_at_any_record(world):
    entry = say(world, subject_ref=world.service.ref, substantive=True)
    assert (entry.subject_kind, entry.substantive) == ("service", True)
    later = say(world, subject_ref=world.service.ref, purpose="progress")
    assert list(about(world.service)) == [entry, later]
    assert list(about(world.service, "progress", direction="outbound")) == [later]
    assert not about(world.service, direction="inbound")
    with pytest.raises(ValidationError) as error:
        say(world, subject_ref="SVC-99999")
    assert "subject_ref" in error.value.message_dict


def test_is_never_changed_only_withdrawn(world):
    entry = say(world, subject_ref=world.service.ref)
    with pytest.raises(ValidationError):
        write.update(entry, {"summary": "We did not."}, actor=world.actor("process_manager"))
    entry.refresh_from_db()
    assert entry.summary == "We answered."
    with pytest.raises(ValidationError):
        world.move(entry, "withdraw", "process_manager")
    assert world.move(entry, "withdraw", "process_manager", note="Wrong customer.").status == "withdrawn"
    assert not about(world.service)


def test_happened_when_it_happened(world):
    yesterday = timezone.now() - timedelta(days=1)
    assert say(world, occurred_at=yesterday.isoformat()).occurred_at == yesterday
    with pytest.raises(ValidationError) as error:
        say(world, occurred_at=timezone.now() + timedelta(hours=1))
    assert "occurred_at" in error.value.message_dict


def test_the_customer_follows_from_the_contact(world):
    assert say(world, customer=None, contact=world.contact.ref).customer == world.customer


def test_a_contact_speaks_for_its_own_party_only(world):
    told = {"direction": "inbound", "purpose": "question"}
    entry = say(world, "customer_contact", **told)
    assert entry in readable(kind_named("communication"), world.person("customer_contact"))
    stranger = world.create("customer", "process_manager", name="Borage")
    for wrong in (
        {"direction": "outbound"},
        {**told, "customer": None},
        {**told, "customer": stranger.ref},
        {**told, "subject_ref": world.definition.ref},
    ):
        with pytest.raises(ValidationError):
            say(world, "customer_contact", **wrong)


def test_restricted_entries_are_for_those_concerned(world):
    entry = say(world, "complaint_handler", restricted=True)
    kind = kind_named("communication")
    for name, sees in (
        ("complaint_handler", True), ("operations_director", True), ("relationship_manager", False),
        ("northerner", False), ("customer_contact", False),
    ):  # fmt: skip
        assert readable(kind, world.person(name)).filter(pk=entry.pk).exists() is sees, name


def test_channels_have_purposes_and_retire(world):
    assert {term.code for term in world.channel.purposes.all()} == {"complaint", "request"}
    retired = world.move(world.channel, "retire", "process_manager", note="Closed.")
    assert retired.status == "retired"
