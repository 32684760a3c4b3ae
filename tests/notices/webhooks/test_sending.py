"""From an act to the receiver: signed, once for each id, again after trouble, and nothing that may not be read."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from comity.accounts.models import Grant, Person
from comity.api.shape import shown
from comity.notices.models import Notification
from comity.notices.webhooks import line, operations, sending
from comity.notices.webhooks.models import Act, Delivery, Webhook
from comity.notices.webhooks.signature import EVENT, SIGNATURE, TIMESTAMP, WINDOW, verify
from comity.records import write
from tests.cases.conftest import Desk
from tests.notices.conftest import drained
from tests.notices.webhooks.conftest import Receiver, waiting
from tests.worlds import World

pytestmark = pytest.mark.django_db
Subscribe = Callable[..., Webhook]
State = Delivery.State


def of(hook: Webhook) -> Delivery:
    return Delivery.objects.get(webhook=hook)


def test_an_act_reaches_the_receiver_signed_and_in_the_form_of_the_api(
    desk: Desk, subscribed: Subscribe, receiver: Receiver
) -> None:
    hook = subscribed(kinds=["case"], acts=[Act.CREATE])
    case = desk.register()
    waiting()
    assert sending.send_due() is False
    ((headers, body, path),) = receiver.got
    assert path == "/hook?of=us" and headers["Content-Type"] == "application/json"
    assert verify(hook.secret, headers, body)
    (told,) = receiver.messages()
    assert told["id"] == headers[EVENT] == str(of(hook).pk)
    assert (told["kind"], told["ref"], told["act"]) == ("case", case.ref, "create")
    seen = write.kind_of(case).model._default_manager.get(pk=case.pk)
    assert told["record"] == shown(case.kind, [seen])[0]
    assert told["entry"]["actor"] == desk.world.person("service_desk").name
    row = of(hook)
    assert (row.state, row.code, row.attempts, row.next_at) == (State.DELIVERED, 200, 1, None)
    assert row.took_ms is not None
    waiting()
    sending.send_due()
    assert len(receiver.got) == 1, "once"


def test_the_documented_verification_is_the_one_that_works() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "connect.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    known: dict[str, Any] = {}
    exec(code, known)
    from comity.notices.webhooks.signature import sign

    for at, body, good in ((1000, b"{}", True), (1000, b"{ }", False), (1000 - WINDOW - 1, b"{}", False)):
        headers = {TIMESTAMP: str(at), SIGNATURE: sign(["s"], at, b"{}"), EVENT: "x"}
        assert known["verify"]("s", headers, body, 1000) is good is verify("s", headers, body, 1000)


@pytest.mark.parametrize(
    "broken",
    [{TIMESTAMP: ""}, {TIMESTAMP: "x"}, {TIMESTAMP: "²"}, {TIMESTAMP: "9" * 400}, {SIGNATURE: ""}, {SIGNATURE: "v1=é"}],
)
def test_a_broken_message_is_refused_and_breaks_nothing(broken: dict[str, str]) -> None:
    from comity.notices.webhooks.signature import sign

    now = int(time.time())
    good = {TIMESTAMP: str(now), SIGNATURE: sign(["s"], now, b"{}")}
    assert verify("s", good, b"{}") and verify("s", {name.upper(): value for name, value in good.items()}, b"{}")
    assert not verify("s", good | broken, b"{}") and not verify("other", good, b"{}")
    assert not verify("s", good, b"{}", now + WINDOW + 1), "a repetition after the window"


def test_only_what_is_asked_for_is_told(desk: Desk, subscribed: Subscribe) -> None:
    subscribed(kinds=["case"], acts=[Act.STEP, Act.POST])
    case = desk.register()
    case = desk.step(case)
    write.post(case, "A word.", actor=desk.world.actor("service_desk"))
    write.update(desk.world.contact, {"email": "new@aster.example"}, actor=desk.world.actor("relationship_manager"))
    assert [(row.ref, row.act) for row in waiting()] == [(case.ref, "acknowledge"), (case.ref, "post")]


def test_reading_bookkeeping_and_accounts_are_told_to_nobody(desk: Desk, subscribed: Subscribe) -> None:
    subscribed()
    case = desk.register()
    write.record_read(case, desk.world.actor("service_desk"))
    operations.save(subscribed(name="Second"), desk.world.actor("administrator"))
    assert {row.act for row in waiting()} <= {"create", "update", "link", "acknowledge"}


def test_nothing_is_told_that_the_person_may_not_read(desk: Desk, subscribed: Subscribe, receiver: Receiver) -> None:
    """Judged twice: when it happens, and again when it is sent."""
    world = desk.world
    north = subscribed("northerner", kinds=["case"], acts=[Act.CREATE])
    elsewhere = desk.register(unit="South")
    assert waiting() == [], elsewhere.ref
    desk.register(unit="North")
    (row,) = waiting()
    Grant.objects.filter(person=world.person("northerner")).update(ends_on=timezone.localdate())
    sending.send_due()
    row.refresh_from_db()
    assert (row.state, receiver.got) == (State.WITHHELD, [])
    assert row.webhook == north and "may not read" in row.reason


def test_who_has_left_reads_nothing(desk: Desk, subscribed: Subscribe, receiver: Receiver) -> None:
    subscribed(kinds=["case"])
    desk.register()
    assert waiting()
    Person.objects.filter(pk=desk.world.person("process_manager").pk).update(is_active=False)
    sending.send_due()
    assert receiver.got == [] and set(Delivery.objects.values_list("state", flat=True)) == {State.WITHHELD}
    desk.register()
    assert waiting() == []


def test_hidden_columns_are_hidden_here_too(desk: Desk, subscribed: Subscribe, receiver: Receiver) -> None:
    """Of a confidential case a reader without the right to the name gets neither the name nor notes about it."""
    world = desk.world
    case = desk.register(confidential=True)
    drained()
    readers = [name for name in world.people if _veiled(case, world.person(name))]
    if not readers:
        pytest.skip("everybody who reads the case reads all of it")
    subscribed(readers[0], kinds=["case"], acts=[Act.POST, Act.UPDATE, Act.STEP])
    write.post(case, "It was Ada.", actor=world.actor("service_desk"))
    desk.step(case)
    waiting()
    sending.send_due()
    seen = _veiled(case, world.person(readers[0]))
    told = receiver.messages()
    assert [one["act"] for one in told] == ["acknowledge"]
    assert not seen & told[0]["entry"]["changes"].keys()
    assert all(not told[0]["record"].get(name) for name in seen)


def _veiled(case: Any, person: Person) -> frozenset[str]:
    from comity.records.access import readable

    row = readable(case.kind, person).filter(pk=case.pk).first()
    return frozenset(row.hidden) if row is not None else frozenset()


def test_trouble_is_tried_again_later_with_the_same_id(desk: Desk, subscribed: Subscribe, receiver: Receiver) -> None:
    hook, receiver.code = subscribed(kinds=["case"], acts=[Act.CREATE]), 503
    desk.register()
    waiting()
    sending.send_due()
    row, hook = of(hook), Webhook.objects.get()
    assert (row.state, row.code, row.attempts, hook.failures) == (State.WAITING, 503, 1, 1)
    assert row.next_at and timedelta(seconds=40) < row.next_at - timezone.now() < timedelta(seconds=80)
    sending.send_due()
    assert len(receiver.got) == 1, "not before its time"
    receiver.code = 200
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=True):
        sending.send_due()
        row, hook = of(hook), Webhook.objects.get()
        assert (row.state, row.attempts, hook.failures, hook.rests_until) == (State.DELIVERED, 2, 0, None)
        first, second = receiver.got
        assert first[0][EVENT] == second[0][EVENT] and verify(hook.secret, second[0], second[1])


def test_while_the_receiver_is_down_everything_to_it_rests(
    desk: Desk, subscribed: Subscribe, receiver: Receiver
) -> None:
    """One question for each pause, not one for each message; others are served meanwhile."""
    down = subscribed(kinds=["case"], acts=[Act.CREATE], url="http://127.0.0.1:9/")
    subscribed(kinds=["case"], acts=[Act.CREATE])
    for _ in range(4):
        desk.register()
    waiting()
    sending.send_due()
    assert len(receiver.got) == 4
    assert sorted(Delivery.objects.filter(webhook=down).values_list("attempts", flat=True)) == [0, 0, 0, 1]
    down.refresh_from_db()
    assert down.rests_until is not None and down.active


def test_a_message_that_is_refused_does_not_hold_the_others(
    desk: Desk, subscribed: Subscribe, receiver: Receiver
) -> None:
    hook, receiver.code = subscribed(kinds=["case"], acts=[Act.CREATE]), 422
    desk.register()
    desk.register()
    waiting()
    sending.send_due()
    hook.refresh_from_db()
    assert len(receiver.got) == 2 and hook.rests_until is None


@pytest.mark.parametrize(("code", "days"), [(500, 3), (410, 0)])
def test_in_the_end_it_is_given_up_paused_and_its_owner_told(
    desk: Desk, subscribed: Subscribe, receiver: Receiver, code: int, days: int
) -> None:
    world = desk.world
    hook, receiver.code = subscribed(kinds=["case"], acts=[Act.CREATE]), code
    desk.register()
    waiting()
    Delivery.objects.update(at=timezone.now() - timedelta(days=days))
    sending.send_due()
    hook.refresh_from_db()
    assert (of(hook).state, hook.active) == (State.FAILED, False) and hook.why_paused
    told = Notification.objects.filter(url=operations.url_of(hook))
    assert {row.person for row in told} == {world.person("administrator"), world.person("process_manager")}
    desk.register()
    assert waiting() == [], "while it is paused nothing is kept for it"
    receiver.code = 200
    operations.set_active(hook, True, world.actor("administrator"))
    assert operations.retry(of(hook))
    sending.send_due()
    assert of(hook).state == State.DELIVERED


def test_a_worker_that_died_leaves_the_message_to_the_next(
    desk: Desk, subscribed: Subscribe, receiver: Receiver
) -> None:
    subscribed(kinds=["case"], acts=[Act.CREATE])
    desk.register()
    waiting()
    lost = sending.claim()
    assert lost is not None and sending.claim() is None
    with time_machine.travel(timezone.now() + sending.LEASE + timedelta(seconds=1), tick=True):
        sending.send_due()
        assert Delivery.objects.get().state == State.DELIVERED and len(receiver.got) == 1
        sending._note(lost, state=State.FAILED)
        assert Delivery.objects.get().state == State.DELIVERED, "who comes back late changes nothing"


def test_old_rows_go_and_failures_stay(desk: Desk, subscribed: Subscribe) -> None:
    hook, long_ago = subscribed(), timezone.now() - timedelta(days=31)
    for state in State.values:
        Delivery.objects.create(webhook=hook, act="ping", state=state, next_at=None, ended_at=long_ago)
    sending.tidy()
    assert set(Delivery.objects.values_list("state", flat=True)) == set(State.values) - {"delivered", "withheld"}


def test_an_import_of_many_costs_few_queries(
    world: World, subscribed: Subscribe, django_assert_max_num_queries: Any
) -> None:
    from comity.records.bulk import create_many
    from comity.records.kind import kind_named
    from comity.records.models import Entry

    subscribed(kinds=["customer"])
    subscribed("relationship_manager")
    rows = [{"name": f"Customer {n}"} for n in range(300)]
    create_many(kind_named("customer"), rows, actor=world.actor("relationship_manager"))
    entries = list(Entry.objects.filter(kind="customer", act="create").order_by("-pk")[:300])
    with django_assert_max_num_queries(16):
        assert sending.hear(entries)
    assert Delivery.objects.count() == 600


def test_both_secrets_sign_while_one_is_changed(desk: Desk, subscribed: Subscribe, receiver: Receiver) -> None:
    hook, admin = subscribed(kinds=["case"], acts=[Act.CREATE]), desk.world.actor("administrator")
    first = hook.secret
    second = operations.new_secret(hook, admin)

    def sent() -> tuple[dict[str, str], bytes]:
        desk.register()
        waiting()
        sending.send_due()
        headers, body, _path = receiver.got[-1]
        return headers, body

    headers, body = sent()
    assert headers[SIGNATURE].count("v1=") == 2
    assert verify(first, headers, body) and verify(second, headers, body) and not verify("whsec_other", headers, body)
    hook.refresh_from_db()
    assert hook.old_until is not None and hook.old_until - timezone.now() <= timedelta(hours=24)
    third = operations.new_secret(hook, admin)
    headers, body = sent()
    assert [verify(one, headers, body) for one in (first, second, third)] == [False, True, True], "the first has ended"
    Webhook.objects.update(old_until=timezone.now())
    headers, body = sent()
    assert [verify(one, headers, body) for one in (second, third)] == [False, True], "the day is over"


def test_a_name_that_nobody_looks_up_in_time_is_a_trouble_of_the_receiver(
    desk: Desk, subscribed: Subscribe, monkeypatch: Any
) -> None:
    hook = subscribed(kinds=["case"], acts=[Act.CREATE], url="https://slow.example/")
    monkeypatch.setattr(line, "STEP", 0.2)
    asleep = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: asleep.wait(20))
    desk.register()
    waiting()
    began = time.monotonic()
    sending.send_due()
    asleep.set()
    assert time.monotonic() - began < 5
    hook.refresh_from_db()
    assert (of(hook).state, of(hook).reason, hook.failures) == (State.WAITING, line.TOO_SLOW, 1) and hook.rests_until
