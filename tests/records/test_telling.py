"""Who may leave a note, and who one that the customer sees: readers write to nobody, administrators on no evidence."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.records import write
from comity.records.models import Entry, File
from tests.worlds import World

READERS = ("internal_assessor", "senior_manager", "operations_director")
CUSTOMER = '<input type="checkbox" name="public"'


def leave(record: Any, actor: Any, public: bool) -> None:
    write.post(record, "A word.", actor=actor, public=public)
    write.attach(record, SimpleUploadedFile("a.txt", b"a"), actor=actor, public=public)


def left() -> tuple[int, int]:
    return Entry.objects.filter(act__in=("post", "file")).count(), File.objects.count()


def page(world: World, name: str, record: Any) -> str:
    client = Client()
    client.force_login(world.person(name), backend="comity.accounts.sign_in.CurrentPeople")
    return client.get(record.url).content.decode()


@pytest.fixture
def case(world: World) -> Any:
    return world.create(
        "case", "service_desk", customer=world.customer.ref, contact=world.contact.ref, service=world.service.ref,
        channel="phone", description="It is down.", wanted_remedy="Mend it.",
    )  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_who_only_reads_leaves_an_internal_note_and_writes_to_no_customer(world: World, case: Any, name: str) -> None:
    leave(case, world.actor(name), public=False)
    before = left()
    for act in (write.post, write.attach):
        with pytest.raises(write.NotAllowed):
            act(case, "A word." if act is write.post else SimpleUploadedFile("a", b"a"),
                actor=world.actor(name), public=True)  # fmt: skip
    assert left() == before == (2, 1)
    shown = page(world, name, case)
    assert 'action="' + case.url + 'post/"' in shown and CUSTOMER not in shown


@pytest.mark.parametrize("name", ["complaint_handler", "service_desk", "relationship_manager", "customer_contact"])
def test_who_answers_the_customer_may_write_so_that_the_customer_sees_it(world: World, case: Any, name: str) -> None:
    leave(case, world.actor(name), public=True)
    assert left() == (2, 1)
    assert name == "customer_contact" or CUSTOMER in page(world, name, case)


def test_whom_it_is_about_does_not_write_to_the_customer(world: World, case: Any) -> None:
    case = write.update(case, {"about": [world.email("complaint_handler")]}, actor=world.actor("service_desk"))
    with pytest.raises(write.NotAllowed):
        write.post(case, "He is wrong.", actor=world.actor("complaint_handler"), public=True)
    assert left() == (0, 0) and CUSTOMER not in page(world, "complaint_handler", case)


@pytest.mark.parametrize("public", [True, False])
def test_administrators_leave_nothing_on_customers(world: World, public: bool) -> None:
    for record in (world.customer, world.contact):
        for act, what in ((write.post, "A word."), (write.attach, SimpleUploadedFile("a", b"a"))):
            with pytest.raises(write.NotAllowed):
                act(record, what, actor=world.actor("administrator"), public=public)  # type: ignore[operator]
        assert 'class="write"' not in page(world, "administrator", record)
    assert left() == (0, 0)
    write.post(world.channel, "The new number.", actor=world.actor("administrator"))
    assert left() == (1, 0)
