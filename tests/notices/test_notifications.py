"""Who hears of what: those whom it concerns and who may read it, once, as they chose, and never of their own acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from comity.accounts.models import Person, Tries
from comity.cases.models.timing import commitment_of
from comity.clocks.models import CalendarDay
from comity.clocks.parameters import change
from comity.communications.models import Mail
from comity.jobs.models import Job
from comity.notices.jobs import ended
from comity.notices.models import Deadline, Digest, Event, Notification, Preference, Way
from comity.notices.operations import deadlines, digests, notifying
from comity.notices.operations.notifying import notify, record_of, words
from comity.records import write
from comity.records.bulk import create_many
from comity.records.kind import kind_named
from tests.notices.conftest import Desk, drained, text_of
from tests.worlds import World

pytestmark = pytest.mark.django_db


def heard(record: Any = None) -> list[tuple[str, str]]:
    """Event and name of whoever was told, of one record or of all; then forgotten."""
    drained()
    rows = Notification.objects.select_related("person").order_by("pk")
    rows = rows.filter(kind=record.kind.name, record_id=record.pk) if record is not None else rows
    found = sorted((one.event, one.person.email.partition("@")[0]) for one in rows)
    Notification.objects.all().delete()
    return found


def follow(world: World, record: Any, *names: str) -> None:
    for name in names:
        write.follow(record, world.actor(name))


def test_whoever_gets_a_case_hears_of_it_and_whoever_gives_it_does_not(desk: Desk) -> None:
    case = desk.step(desk.register())
    heard()
    case = desk.step(case, handler=desk.world.email("assistant"), severity="minor")
    assert heard(case) == [("assigned", "assistant")]
    case = desk.step(desk.register())
    heard()
    assert heard(desk.step(case)) == [], "the handler assessed it himself"


def test_an_escalation_reaches_whoever_must_answer(desk: Desk) -> None:
    case = desk.at("assessed")
    heard()
    desk.move(case, "escalate_inside", note="It does not move.")
    (escalation,) = case.escalations.all()
    assert heard(escalation) == [("escalated", "process_manager")]


def test_notes_and_steps_reach_owner_and_followers_but_not_the_author(desk: Desk) -> None:
    world, case = desk.world, desk.at("assessed")
    follow(world, case, "process_manager", "service_desk", "operations_director")
    heard()
    write.post(case, "Look at the log.", actor=world.actor("service_desk"))
    everybody = ["complaint_handler", "operations_director", "process_manager"]
    assert heard(case) == [("note", name) for name in everybody]
    desk.step(case)
    assert heard(case) == [("step", name) for name in ("operations_director", "process_manager", "service_desk")]


def test_who_is_mentioned_hears_that_and_not_of_the_note_besides(desk: Desk) -> None:
    world, case = desk.world, desk.at("assessed")
    follow(world, case, "process_manager")
    heard()
    note = f"@{world.email('process_manager')} and @{world.email('assistant')}: please. @nobody@x.example"
    write.post(case, note, actor=world.actor("complaint_handler"))
    assert heard(case) == [("mentioned", "assistant"), ("mentioned", "process_manager")]


def test_nobody_hears_of_what_he_may_not_read(desk: Desk) -> None:
    world = desk.world
    case = desk.register(by="complaint_handler", origin="internal", contact="", customer="", anonymous=True)
    assert case.restricted
    heard()
    names = ("supplier_manager", "administrator", "customer_contact", "northerner", "process_manager")
    write.post(case, " ".join(f"@{world.email(name)}" for name in names), actor=world.actor("complaint_handler"))
    told = [name for _event, name in heard(case)]
    from comity.records.access import readable

    able = [name for name in names if readable(case.kind, world.person(name)).filter(pk=case.pk).exists()]
    assert told == able and len(able) < len(names)


def test_contacts_hear_nothing_in_the_app(desk: Desk) -> None:
    world, case = desk.world, desk.at("assessed")
    follow(world, case, "customer_contact")
    heard()
    write.post(case, f"@{world.email('customer_contact')} hello", actor=world.actor("complaint_handler"), public=True)
    assert heard(case) == []


def test_a_customers_message_reaches_those_whose_matter_it_is(desk: Desk) -> None:
    case = desk.at("assessed")
    heard()
    desk.heard(case, by="service_desk", purpose="other")
    assert heard(case) == [("reply", "complaint_handler")]
    desk.world.create(
        "communication", "service_desk", direction="inbound", customer=desk.world.customer.ref, summary="A wish"
    )
    assert heard() == [("reply", "relationship_manager")], "about nothing in particular: who looks after the customer"


def test_a_confidential_complainant_is_not_named(desk: Desk) -> None:
    case = desk.at("resolved", confidential=True)
    heard()
    desk.move(case, "confirm", "customer_contact")
    drained()
    one = Notification.objects.get(person=case.handler, event="step")
    text = words(one)
    assert text.startswith("The customer") and "Customer Contact" not in text
    with translation.override("zh-hans"):
        assert words(one)


def test_what_an_import_brings_is_no_news_to_anybody(desk: Desk) -> None:
    row = {"title": "Old promise", "owner": desk.world.email("complaint_handler"), "due_on": "2026-03-02"}
    for via, told in (("import", []), ("web", [("assigned", "complaint_handler")])):
        done = create_many(kind_named("action"), [row], actor=desk.world.actor("relationship_manager", via))
        assert not done.errors
        assert heard() == told


def test_the_stand_in_hears_too_and_the_absent_not_twice(desk: Desk) -> None:
    world, case = desk.world, desk.at("assessed")
    absent, stand_in = case.handler, world.person("assistant")
    today = timezone.localdate()
    Person.objects.filter(pk=absent.pk).update(stand_in=stand_in, away_from=today, away_to=today)
    heard()
    write.post(case, "Urgent.", actor=world.actor("service_desk"))
    drained()
    rows = Notification.objects.filter(event="note").order_by("pk")
    told = {one.person_id: one.instead_of_id for one in rows}
    assert told == {absent.pk: None, stand_in.pk: absent.pk}


@pytest.mark.parametrize(
    ("way", "notified", "mailed", "gathered"),
    [(Way.APP, 1, 0, 0), (Way.MAIL, 1, 1, 0), (Way.DIGEST, 1, 0, 1), (Way.OFF, 0, 0, 0)],
)
def test_each_way_is_kept_to(desk: Desk, way: str, notified: int, mailed: int, gathered: int) -> None:
    world, case = desk.world, desk.at("assessed")
    drained()
    Notification.objects.all().delete()
    Mail.objects.all().delete()
    Preference.objects.create(person=case.handler, event=Event.NOTE, way=way)
    write.post(case, "Look.", actor=world.actor("service_desk"))
    drained()
    rows = Notification.objects.filter(person=case.handler)
    assert (rows.count(), rows.filter(for_digest=True).count()) == (notified, gathered)
    mails = list(Mail.objects.all())
    assert len(mails) == mailed
    if mails:
        assert mails[0].recipients == [case.handler.email] and mails[0].subject.startswith(f"{case.ref}: ")
        assert f"https://care.example.org/cases/{case.ref}/" in text_of(mails[0])
        assert "Look." not in text_of(mails[0]), "a note may tell what its reader must not know later"


def test_a_flood_goes_into_the_digest(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "MAILS", 3)
    case = desk.at("assessed")
    Tries.objects.all().delete()
    Mail.objects.all().delete()
    for _n in range(5):
        notify(Event.ASSIGNED, {case.handler.pk}, record=case)
    assert Mail.objects.count() == 3 and Notification.objects.filter(event="assigned", for_digest=True).count() == 2


def test_a_digest_comes_once_on_the_morning_of_working_days(desk: Desk) -> None:
    case = desk.at("assessed")
    handler: Person = case.handler
    Notification.objects.all().delete()
    Mail.objects.all().delete()
    Person.objects.filter(pk=handler.pk).update(time_zone="Asia/Shanghai", language="zh-hans")
    for event in (Event.NEAR, Event.MISSED):
        notify(event, {handler.pk}, record=case, values={"due": timezone.now().isoformat()})
    monday = datetime(2026, 3, 2, tzinfo=UTC)  # 08:00 in Shanghai
    assert [digests.send_all(monday - timedelta(days=1)), digests.send_all(monday - timedelta(hours=2))] == [0, 0]
    assert digests.send_all(monday) == 1 and digests.send_all(monday) == 0
    mail = Mail.objects.get()
    text = text_of(mail)
    assert text.count(case.ref) >= 2 and mail.message_id.startswith("digest.")
    from tests.notices.conftest import read

    message = read(mail)
    assert message["List-Unsubscribe"] == "<https://care.example.org/notifications/settings/>"
    assert message["Auto-Submitted"] == "auto-generated"
    notify(Event.NEAR, {handler.pk}, record=case, values={"due": timezone.now().isoformat()})
    assert digests.send_all(monday + timedelta(hours=3)) == 0, "one a day"
    assert digests.send_all(monday + timedelta(days=1)) == 1
    assert Digest.objects.get().sent_on.isoformat() == "2026-03-03"


def test_what_was_read_meanwhile_is_not_mailed_in_the_morning(desk: Desk) -> None:
    case = desk.at("assessed")
    drained()
    Notification.objects.all().delete()
    Mail.objects.all().delete()
    notify(Event.NEAR, {case.handler.pk}, record=case, values={"due": timezone.now().isoformat()})
    Notification.objects.update(read_at=timezone.now())
    assert digests.send_all(datetime(2026, 3, 2, 9, tzinfo=UTC)) == 0 and not Mail.objects.exists()


def test_a_deadline_is_told_when_it_is_near_and_when_it_has_passed_once_each(desk: Desk) -> None:
    case = desk.at("assessed")
    drained()
    Notification.objects.all().delete()
    watched = Deadline.objects.get(kind="case", record_id=case.pk)
    assert watched.due_at == case.next_due_at
    assert deadlines.look(watched.near_at - timedelta(seconds=1)) == 0
    assert deadlines.look(watched.near_at) == 1 and deadlines.look(watched.near_at) == 0
    assert heard(case) == [("near", "complaint_handler")]
    deadlines.look(watched.due_at)
    deadlines.look(watched.due_at + timedelta(days=1))
    assert heard(case) == [("missed", "complaint_handler")]


def test_near_is_counted_in_the_working_time_of_the_customers_agreement(desk: Desk) -> None:
    """Received on Friday afternoon: near on Monday morning, not on Sunday."""
    friday = desk.later(days=4, hours=7)
    case = desk.register()
    drained()
    watched = Deadline.objects.get(kind="case", record_id=case.pk)
    worked = commitment_of(case).calendar.between
    assert watched.due_at == case.ack_due_at and watched.near_at.date() == friday.date() + timedelta(days=3)
    assert worked(friday, watched.near_at) == pytest.approx(0.8 * worked(friday, watched.due_at))
    Notification.objects.all().delete()
    assert deadlines.look(watched.near_at - timedelta(hours=1)) == 0 == Notification.objects.count()


def test_a_holiday_is_no_time_and_the_share_is_a_parameter(desk: Desk) -> None:
    """A record without a customer's clock counts in the organisation's calendar."""
    office, today = desk.world.office, timezone.localdate()
    for days in (1, 2, 3):
        CalendarDay.objects.create(calendar=office, date=today + timedelta(days=days), kind="holiday", label="Fair")
    until = (today + timedelta(days=4)).isoformat()
    owner = desk.world.email("process_manager")
    action = desk.world.create("action", "relationship_manager", title="Look", owner=owner, due_on=until)
    drained()
    found = Deadline.objects.get(kind="action", record_id=action.pk)
    assert found.near_at == timezone.now() + timedelta(days=4, hours=4)  # 7 + 5 of 7 + 8 hours
    change("deadline_near_share", 0.1)
    Deadline.objects.all().delete()
    deadlines.remember([action])
    assert Deadline.objects.get(kind="action").near_at.date() == today


def test_a_deadline_that_moved_is_not_told_until_it_comes_again(desk: Desk) -> None:
    case = desk.at("assessed")
    drained()
    before = Deadline.objects.get(kind="case", record_id=case.pk)
    case = desk.move(desk.step(case), "answer", text="We are at it, and this is why.")
    assert case.next_due_at != before.due_at
    Notification.objects.all().delete()
    deadlines.look(before.due_at)  # before the outbox was emptied: the record tells that the date moved
    assert not Notification.objects.filter(event="missed", kind="case").exists()
    drained()
    assert Deadline.objects.get(kind="case", record_id=case.pk).due_at == case.next_due_at
    done = desk.move(desk.at("resolved"), "confirm", "customer_contact")
    drained()
    assert done.next_due_at is None and not Deadline.objects.filter(kind="case", record_id=done.pk).exists()


def test_long_past_deadlines_of_taken_over_records_are_no_news(desk: Desk) -> None:
    row = desk.intake(received_at=(timezone.now() - timedelta(days=90)).isoformat())
    done = create_many(kind_named("case"), [row], actor=desk.world.actor("process_manager", "import"))
    assert not done.errors
    drained()
    Notification.objects.all().delete()
    assert deadlines.look(timezone.now()) == 0


def test_whoever_started_something_hears_of_its_failure_and_of_its_late_end(world: World) -> None:
    person, now = world.person("process_manager"), timezone.now()
    base = {"name": "comity.intake.jobs.apply_import", "person": person.pk, "started_at": now, "state": "done"}
    ended(Job(**base, finished_at=now + timedelta(seconds=2)))
    assert heard() == []
    ended(Job(**base, finished_at=now + timedelta(seconds=20)))
    ended(Job(**(base | {"state": "failed"}), finished_at=now))
    rows = list(Notification.objects.order_by("pk"))
    assert [words(one) for one in rows] == ["“Apply import” has ended", "“Apply import” has failed"]


def test_a_notification_shows_only_what_may_be_read_now(desk: Desk) -> None:
    case = desk.at("assessed")
    (one,) = notify(Event.NEAR, {case.handler.pk}, record=case, values={"due": "2026-03-02T09:00:00+00:00"})
    assert record_of(one) == case and "2026-03-02 09:00" in words(one)
    one.person.grants.all().delete()
    one = Notification.objects.select_related("person").get(pk=one.pk)
    Person.objects.filter(pk=one.person_id).update(ends_on=timezone.localdate())
    one.person.refresh_from_db()
    assert record_of(one) is None
