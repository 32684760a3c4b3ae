"""The pages of webhooks: who may, what is shown once, and that nobody reads through somebody else's eyes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from comity.jobs.models import Job
from comity.notices.models import Notification
from comity.notices.webhooks import sending
from comity.notices.webhooks.models import Delivery, Webhook
from comity.records.models import Entry
from tests.cases.conftest import Desk
from tests.notices.webhooks.conftest import LOOPBACK, Receiver, waiting
from tests.worlds import World

pytestmark = pytest.mark.django_db
HOME = "/settings/webhooks/"
Subscribe = Callable[..., Webhook]


def client(world: World, name: str) -> Client:
    made = Client()
    made.force_login(world.person(name), backend="comity.accounts.sign_in.CurrentPeople")
    return made


def fill(world: World, receiver: Receiver, person: str = "administrator", **values: Any) -> dict[str, Any]:
    return {
        "name": "Mirror",
        "url": receiver.url,
        "person": world.email(person),
        "kinds": ["case"],
        "acts": [],
    } | values


@pytest.fixture(autouse=True)
def near(settings: Any) -> None:
    settings.COMITY_WEBHOOK_PRIVATE = LOOPBACK


def test_an_administrator_adds_one_and_sees_the_secret_once(world: World, receiver: Receiver) -> None:
    admin = client(world, "administrator")
    assert admin.get(HOME + "new/").status_code == 200
    page = admin.post(HOME + "new/", fill(world, receiver)).content.decode()
    hook = Webhook.objects.get()
    assert hook.secret in page and hook.agreed_at is not None
    assert hook.secret not in admin.get(f"{HOME}{hook.pk}/").content.decode()
    assert Entry.objects.filter(kind="webhook", act="create", record_id=hook.pk).exists()
    assert (
        "Mirror" in admin.get(HOME).content.decode()
        and "Mirror" in admin.get(f"{HOME}{hook.pk}/edit/").content.decode()
    )
    assert "old secret" not in page
    before = hook.secret
    page = admin.post(f"{HOME}{hook.pk}/act/", {"act": "secret"}).content.decode()
    hook.refresh_from_db()
    assert hook.secret != before and hook.secret in page and before not in page
    assert "signature of the old secret, too" in page


def test_the_secret_stands_in_no_table(world: World, receiver: Receiver, subscribed: Subscribe) -> None:
    hook = subscribed()
    assert all(hook.secret not in str(value) for value in Webhook.objects.values_list().get())


@pytest.mark.parametrize("who", ["process_manager", "relationship_manager", "auditor", "customer_contact"])
def test_others_find_no_way_in(world: World, receiver: Receiver, subscribed: Subscribe, who: str) -> None:
    hook, other = subscribed("senior_manager"), client(world, who)
    for path in (HOME, HOME + "new/", f"{HOME}{hook.pk}/", f"{HOME}{hook.pk}/edit/"):
        assert other.get(path).status_code in (403, 404), path
    for path, data in (
        ("new/", fill(world, receiver, who)), (f"{hook.pk}/edit/", fill(world, receiver, who)),
        (f"{hook.pk}/act/", {"act": "pause"}), (f"{hook.pk}/answer/", {"answer": "no"}),
    ):  # fmt: skip
        assert other.post(HOME + path, data).status_code in (403, 404), path
    (now,) = Webhook.objects.all()
    assert (now.active, now.agreed_at, now.person_id) == (True, hook.agreed_at, hook.person_id)


def test_somebody_else_is_asked_first_and_may_withdraw(desk: Desk, receiver: Receiver) -> None:
    """An administrator has no say in evidence and must not read it through somebody else's eyes (CSMS:2003 12.1)."""
    world, admin = desk.world, client(desk.world, "administrator")
    admin.post(HOME + "new/", fill(world, receiver, "senior_manager"))
    hook = Webhook.objects.get()
    assert hook.agreed_at is None
    (asked,) = Notification.objects.filter(person=world.person("senior_manager"))
    assert asked.url == f"{HOME}{hook.pk}/"
    desk.register()
    assert waiting() == []
    assert admin.post(f"{HOME}{hook.pk}/answer/", {"answer": "yes"}).status_code == 403
    hook.refresh_from_db()
    assert hook.agreed_at is None
    senior = client(world, "senior_manager")
    assert "Nothing is sent before you agree" in senior.get(asked.url).content.decode()
    senior.post(f"{HOME}{hook.pk}/answer/", {"answer": "yes"})
    desk.register()
    assert waiting()
    senior.post(f"{HOME}{hook.pk}/answer/", {"answer": "no"})
    sending.send_due()
    assert receiver.got == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"withheld"}


def test_another_address_needs_another_yes(world: World, receiver: Receiver, subscribed: Subscribe) -> None:
    hook, admin = subscribed("senior_manager"), client(world, "administrator")
    admin.post(f"{HOME}{hook.pk}/edit/", fill(world, receiver, "senior_manager", name="Renamed"))
    hook.refresh_from_db()
    assert hook.name == "Renamed" and hook.agreed_at is not None
    admin.post(f"{HOME}{hook.pk}/edit/", fill(world, receiver, "senior_manager", url=receiver.url + "&x"))
    hook.refresh_from_db()
    assert hook.agreed_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://10.0.0.1/"}, {"url": "https://[::1]/"}, {"url": "gopher://x/"}, {"url": ""},
        {"kinds": ["cheese"]}, {"acts": ["read"]}, {"person": "nobody@provider.example"}, {"name": ""},
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(world: World, receiver: Receiver, wrong: dict[str, Any]) -> None:
    answer = client(world, "administrator").post(HOME + "new/", fill(world, receiver) | wrong)
    assert answer.status_code == 422 and not Webhook.objects.exists()


@pytest.mark.parametrize("outsider", ["customer_contact", "supplier_contact"])
def test_contacts_lend_no_eyes(world: World, receiver: Receiver, outsider: str) -> None:
    answer = client(world, "administrator").post(HOME + "new/", fill(world, receiver, outsider))
    assert answer.status_code == 422 and not Webhook.objects.exists()


def test_a_test_message_and_the_log(world: World, receiver: Receiver, subscribed: Subscribe) -> None:
    hook, admin = subscribed(), client(world, "administrator")
    receiver.code = 400
    admin.post(f"{HOME}{hook.pk}/act/", {"act": "ping"})
    assert Job.objects.filter(name="comity.notices.webhooks.jobs.send").exists()
    sending.send_due()
    (told,) = receiver.messages()
    assert told["act"] == "ping" and "record" not in told
    page = admin.get(f"{HOME}{hook.pk}/").content.decode()
    assert "400" in page and "Retry" in page
    receiver.code = 200
    admin.post(f"{HOME}{hook.pk}/retry/{Delivery.objects.get().pk}/")
    sending.send_due()
    assert Delivery.objects.get().state == "delivered" and len(receiver.got) == 2
    page = admin.get(f"{HOME}{hook.pk}/?state=delivered").content.decode()
    assert "Delivered" in page and "Retry" not in page
    assert "Nothing was sent yet" in admin.get(f"{HOME}{hook.pk}/?state=failed").content.decode()
    for broken in ("?state=x",):
        assert admin.get(f"{HOME}{hook.pk}/{broken}").status_code == 404
    assert admin.get(f"{HOME}{hook.pk}/?before=x").status_code == 200


def test_pausing_and_resuming(desk: Desk, receiver: Receiver, subscribed: Subscribe) -> None:
    hook, admin = subscribed(kinds=["case"]), client(desk.world, "administrator")
    admin.post(f"{HOME}{hook.pk}/act/", {"act": "pause"})
    desk.register()
    assert waiting() == []
    admin.post(f"{HOME}{hook.pk}/act/", {"act": "resume"})
    desk.register()
    assert waiting()
    acts = Entry.objects.filter(kind="webhook").order_by("pk").values_list("act", flat=True)
    assert list(acts)[-2:] == ["pause", "resume"]


def test_the_log_is_read_in_pages_with_a_fixed_number_of_queries(
    world: World, subscribed: Subscribe, django_assert_max_num_queries: Any
) -> None:
    hook, admin = subscribed(), client(world, "administrator")
    for _ in range(120):
        Delivery.objects.create(webhook=hook, act="ping")
    admin.get(f"{HOME}{hook.pk}/")
    seen, url = 0, f"{HOME}{hook.pk}/"
    while url:
        with django_assert_max_num_queries(25):
            answer = admin.get(url)
        seen += len(answer.context["lines"])
        older = answer.context["older"]
        url = f"{HOME}{hook.pk}/?before={older.replace('+', '%2B')}" if older else ""
    assert seen == 120


def test_the_tile_leads_here(world: World) -> None:
    assert HOME in client(world, "administrator").get("/settings/").content.decode()
    assert HOME not in client(world, "process_manager").get("/settings/").content.decode()
