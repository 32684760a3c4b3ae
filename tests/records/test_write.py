"""The one write path: form, permission, lock, numbers, trail; and that a refusal changes nothing."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from comity.accounts.models import Grant
from comity.parties.models import Customer, Segment
from comity.records import files, write
from comity.records.bulk import create_many
from comity.records.forms import happened
from comity.records.kind import kind_named
from comity.records.models import Counter, DirectWrite, Entry, Link, Outbox
from comity.records.reading import timeline
from comity.records.write import Actor, NotAllowed, NotReadable, Refused, Stale
from tests.worlds import World

pytestmark = pytest.mark.django_db


def trail() -> int:
    return Entry.objects.count()


def test_a_record_is_born_with_number_author_trail_and_outbox(world: World) -> None:
    before = Outbox.objects.count()
    made = world.create("segment", "process_manager", name="Hospitals")
    last = int(made.ref.removeprefix("SEG-"))
    assert Counter.objects.get(prefix="SEG").value == last
    assert (made.entered_by, made.version, made.unit) == (world.person("process_manager"), 1, world.root)
    [entry] = timeline(made)
    assert (entry.act, entry.actor, entry.changes["name"]) == ("create", "Process Manager", [None, "Hospitals"])
    assert Outbox.objects.count() == before + 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"name": "x", "type": "none such"}, "type"),
        ({"name": "x", "bogus": 1}, "bogus"),
        ({"name": "nul\x00"}, "name"),
    ],
)
def test_bad_input_names_the_field_and_writes_nothing(world: World, data: dict[str, Any], field: str) -> None:
    before = (trail(), Segment.objects.count(), Counter.objects.get(prefix="SEG").value)
    with pytest.raises(ValidationError) as refused:
        world.create("segment", "process_manager", **data)
    assert field in refused.value.message_dict
    assert (trail(), Segment.objects.count(), Counter.objects.get(prefix="SEG").value) == before


def test_who_may_not_register_changes_nothing(world: World) -> None:
    before = (trail(), Customer.objects.count())
    with pytest.raises(NotAllowed):
        world.create("customer", "auditor", name="Mine")
    assert (trail(), Customer.objects.count()) == before


def test_an_update_says_old_and_new_and_refuses_a_stale_version(world: World) -> None:
    actor = world.actor("process_manager")
    changed = write.update(world.customer, {"location": "Porto"}, actor=actor, version=world.customer.version)
    assert timeline(changed)[0].changes == {"location": ["", "Porto"]}
    before = trail()
    with pytest.raises(Stale) as stale:
        write.update(world.customer, {"location": "Lisbon"}, actor=actor, version=world.customer.version)
    assert stale.value.record.location == "Porto"
    assert trail() == before
    assert write.update(changed, {"location": "Porto"}, actor=actor).version == changed.version
    assert trail() == before, "without a difference nothing is written"


def test_readable_but_not_allowed_differs_from_not_readable(world: World) -> None:
    before = trail()
    with pytest.raises(NotAllowed):
        write.update(world.customer, {"location": "x"}, actor=world.actor("auditor"))
    with pytest.raises(NotReadable):
        write.update(world.customer, {"location": "x"}, actor=world.actor("supplier_contact"))
    world.customer.refresh_from_db()
    assert (trail(), world.customer.location) == (before, "")


def test_what_an_editor_may_not_read_may_stay(world: World) -> None:
    """The child's parent is hidden from an editor of the child alone; the child can be changed all the same."""
    Grant.objects.filter(person=world.person("deputy")).update(unit=world.north)
    write.assign(world.child, {"unit": world.north, "owner": world.person("deputy")}, actor=Actor.system("test"))
    changed = write.update(world.child, {"location": "Faro"}, actor=world.actor("deputy"))
    assert (changed.location, changed.parent_id) == ("Faro", world.customer.pk)


def test_outside_the_write_path_saving_raises(world: World) -> None:
    with pytest.raises(DirectWrite):
        world.customer.save()
    with pytest.raises(DirectWrite):
        world.customer.delete()
    with pytest.raises(DirectWrite):
        Customer.objects.filter(pk=world.customer.pk).update(name="x")
    with pytest.raises(DirectWrite):
        Customer.objects.bulk_create([Customer(name="x")])


def test_a_step_out_of_turn_or_dated_wrongly_is_refused(world: World) -> None:
    made = world.create("segment", "process_manager", name="Gone")
    before = trail()
    with pytest.raises(Refused):
        world.move(made, "resume", "process_manager", note="back")
    with pytest.raises(ValidationError, match="Say why"):
        world.move(made, "retire", "process_manager")
    with pytest.raises(NotAllowed):
        world.move(made, "retire", "auditor", note="no")
    with pytest.raises(ValidationError, match="future"):
        world.move(made, "retire", "process_manager", note="x", at=timezone.now() + timezone.timedelta(days=1))
    made.refresh_from_db()
    assert (made.status, trail()) == ("active", before)
    moved = world.move(made, "retire", "process_manager", note="Merged into another.")
    with pytest.raises(ValidationError, match="previous step"):
        world.move(moved, "resume", "process_manager", note="x", at=moved.moved_at - timezone.timedelta(hours=1))
    assert timeline(moved)[0].changes == {"status": ["active", "retired"]}


def test_bulk_gives_the_same_evidence_as_one_by_one(world: World) -> None:
    actor = world.actor("process_manager", "import")
    kind = kind_named("customer")
    row = {"name": "Bulk", "type": "ad_hoc", "parent": world.customer.ref, "reconfirmed_at": "2026-01-31"}
    alone = write.create(kind, row, actor=actor)
    wrong = [{"name": ""}, {"name": "x", "parent": "CUS-99999"}, {"name": "x", "no": 1}]
    done = create_many(kind, [row, *wrong], actor=actor)
    [(index, together)] = done.created
    together.refresh_from_db()
    assert index == 0 and [number for number, _why in done.errors] == [1, 2, 3]
    assert [set(why) for _index, why in done.errors] == [{"name"}, {"parent"}, {"no"}]
    for name in (*kind.fields, "status", "unit_id", "entered_by_id", "version"):
        if name not in ("services",):
            assert getattr(alone, name) == getattr(together, name), name
    one, other = timeline(alone)[0], timeline(together)[0]
    assert (one.changes, one.act, one.actor, one.via) == (other.changes, other.act, other.actor, other.via)
    assert int(together.ref[4:]) == int(alone.ref[4:]) + 1
    assert Outbox.objects.filter(entry_id=other.pk).exists()


def test_a_file_is_kept_under_a_harmless_name_and_once(world: World) -> None:
    actor = world.actor("process_manager")
    first = write.attach(world.customer, SimpleUploadedFile("../../etc/pass\x00wd.exe", b"same"), actor=actor)
    second = write.attach(world.customer, SimpleUploadedFile("b.txt", b"same"), actor=actor)
    assert "/" not in first.name and "\x00" not in first.name
    assert files.path_of(first) == files.path_of(second) and files.path_of(first).read_bytes() == b"same"
    before = trail()
    with pytest.raises(ValidationError, match="empty"):
        write.attach(world.customer, SimpleUploadedFile("c.txt", b""), actor=actor)
    with pytest.raises(NotReadable):
        write.attach(world.customer, SimpleUploadedFile("d.txt", b"d"), actor=world.actor("supplier_contact"))
    assert trail() == before


@pytest.mark.parametrize("text", ["\u200b", "\x00\x00", " \u2060\ufeff\n", "\u3164", "\u2800\ufe0f"])
def test_words_that_nobody_sees_are_none(world: World, text: str) -> None:
    actor, before = world.actor("process_manager"), trail()
    for act in (
        lambda: write.update(world.customer, {"name": text}, actor=actor),
        lambda: write.post(world.customer, text, actor=actor),
        lambda: write.archive(world.customer, actor=actor, note=text),
    ):
        with pytest.raises(ValidationError):
            act()
    assert trail() == before
    seen = f"{text.strip(chr(0))}Åster 👍"
    assert write.update(world.customer, {"name": seen}, actor=actor).name == seen.strip()


def test_a_link_leaves_a_line_on_both_ends_and_needs_the_right_to_it_on_both(world: World) -> None:
    with pytest.raises(NotAllowed):
        write.link(world.channel, "relates_to", world.customer, actor=world.actor("administrator"))
    assert not Link.objects.exists()
    write.link(world.channel, "relates_to", world.customer, actor=world.actor("process_manager"))


def test_a_link_stands_once_on_both_ends(world: World) -> None:
    actor = world.actor("process_manager")
    tie = write.link(world.customer, "relates", world.child, actor=actor)
    assert write.link(world.customer, "relates", world.child, actor=actor) == tie
    assert timeline(world.customer)[0].act == timeline(world.child)[0].act == "link"
    write.unlink(tie, world.customer, actor=actor)
    assert not Link.objects.exists() and timeline(world.customer)[0].act == "unlink"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_numbers_without_double_or_hole(world: World) -> None:
    kind, actor = kind_named("segment"), world.actor("process_manager")
    start = Counter.objects.get(prefix="SEG").value
    made: list[str] = []

    def register(number: int) -> None:
        try:
            for turn in range(10):
                if turn == 5:  # a refused one in between takes no number
                    with pytest.raises(ValidationError):
                        write.create(kind, {"name": ""}, actor=actor)
                made.append(write.create(kind, {"name": f"{number}-{turn}"}, actor=actor).ref)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=register, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [f"SEG-{n:05d}" for n in range(start + 1, start + 41)], connection.vendor


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(), timedelta(days=30)),
)
def test_the_minute_that_a_person_enters_is_never_before_the_last_step(last: datetime, since: timedelta) -> None:
    """Whatever happened after the last step may be entered to the minute, and comes out after it, within its minute."""
    true = last + since
    entered = true.replace(second=0, microsecond=0)
    found = happened(entered.isoformat(), last)
    assert last <= found <= true and found >= entered
    with pytest.raises(ValidationError):
        happened(last.replace(second=0, microsecond=0) - timedelta(minutes=1), last)


def test_two_steps_of_one_minute_are_taken_in_order(world: World) -> None:
    channel = world.create("channel", "relationship_manager", name="Fax", type="phone")
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    channel = world.move(channel, "retire", "process_manager", noon + timedelta(seconds=40), "Closed.")
    for early in (noon - timedelta(minutes=1), noon + timedelta(seconds=39)):
        with pytest.raises(ValidationError) as refused:
            world.move(channel, "resume", "process_manager", early)
        assert "happened_at" in refused.value.message_dict
    channel.refresh_from_db()
    assert channel.status == "retired"
    channel = world.move(channel, "resume", "process_manager", noon)
    assert (channel.status, channel.moved_at) == ("active", noon + timedelta(seconds=40))
    assert timeline(channel)[0].happened_at == channel.moved_at
