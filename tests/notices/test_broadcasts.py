"""One notice to many: shown before whom it reaches, sent once each, refused by those who want none."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from comity.communications.models import Communication, Mail
from comity.notices.models import Broadcast, Reach
from comity.notices.operations import broadcasting
from comity.parties import consents
from comity.parties.models import Consent
from comity.records.models import Entry
from comity.records.trail import Actor
from tests.notices.conftest import drained, read, text_of
from tests.worlds import World

pytestmark = pytest.mark.django_db
NOTICE = {"subject": "New charter", "body": "From May, we answer within a day.", "purpose": "agreement_change"}


@pytest.fixture
def sender(world: World) -> Client:
    client = Client()
    client.force_login(world.person("process_manager"))
    return client


def contact(world: World, name: str, email: str, **values: Any) -> Any:
    given = {"name": name, "customer": world.customer.ref, "email": email, "roles": ["requester"]}
    return world.create("contact", "process_manager", **(given | values))


@pytest.fixture
def others(world: World) -> dict[str, Any]:
    made = {
        "same": contact(world, "Bea Second", "ADA@aster.example"),
        "silent": contact(world, "Cy Silent", ""),
        "out": contact(world, "Di Out", "di@aster.example"),
        "left": contact(world, "Ed Left", "ed@aster.example"),
        "chinese": contact(world, "王小明", "wang@aster.example", language="zh-hans"),
    }
    world.move(made["left"], "end", "process_manager", note="Gone.")
    consents.choose(made["out"], "notices", False, Actor.system("opt_out"))
    return made


def run(broadcast: Broadcast) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    broadcasting.send(broadcast, lambda done, total: told.append((done, total)))
    return told


def test_it_is_shown_first_whom_it_reaches_and_whom_not(world: World, others: dict[str, Any], sender: Client) -> None:
    answer = sender.post("/notices/new/", NOTICE | {"act": "check"})
    found = answer.context["found"]
    assert {one.name for one in found.reached} == {"Ada Aster", "Lin Labs", "王小明"}
    why = {one.name: str(reason) for one, reason in found.left_out}
    assert why == {"Bea Second": "same", "Cy Silent": "no_address", "Di Out": "opted_out", "Ed Left": "left"}
    page = answer.content.decode()
    assert "3 contacts get it" in page and "Wants no such notices (1)" in page
    assert not Broadcast.objects.exists()
    required = sender.post("/notices/new/", NOTICE | {"act": "check", "required": "on"}).context["found"]
    assert "Di Out" in {one.name for one in required.reached}


def test_it_can_be_narrowed(world: World, others: dict[str, Any]) -> None:
    person = world.person("process_manager")

    def names(**chosen: list[int]) -> set[str]:
        return {one.name for one in broadcasting.choose(person, chosen, False).reached}

    assert names(segments=[world.category.pk]) == {"Ada Aster", "王小明"}
    assert names(services=[world.service.pk]) == {"Ada Aster", "Lin Labs", "王小明"}
    assert names(services=[world.other_service.pk]) == set()
    from comity.records.models import Term

    role = Term.objects.get(list="contact_role", code="approver")
    assert names(roles=[role.pk]) == {"Ada Aster"}
    manager = world.person("deputy")
    assert broadcasting.choose(manager, {}, False).reached == [], "looks after no customer: reaches nobody"


def test_everybody_gets_it_once_in_the_own_language_and_on_record(
    world: World, others: dict[str, Any], sender: Client
) -> None:
    given = NOTICE | {"subject_zh": "新章程", "body_zh": "自五月起，我们一天内答复。", "act": "send"}
    answer = sender.post("/notices/new/", given)
    made = Broadcast.objects.get()
    assert answer.headers["Location"] == f"/notices/{made.pk}/"
    run(made)
    run(made)
    drained()
    said = Communication.objects.filter(bulk=True)
    assert said.count() == 3 and set(said.values_list("purpose", flat=True)) == {"agreement_change"}
    mails = {mail.recipients[0]: mail for mail in Mail.objects.filter(communication__in=said)}
    assert set(mails) == {"ada@aster.example", "lin@aster.example", "wang@aster.example"}
    assert (
        text_of(mails["wang@aster.example"]).startswith("自五月起") and mails["wang@aster.example"].subject == "新章程"
    )
    page = sender.get(f"/notices/{made.pk}/").content.decode()
    assert "3 of 3 written" in page and "4 left out" in page


def test_a_job_that_was_broken_off_goes_on_where_it_was(world: World, others: dict[str, Any]) -> None:
    made = broadcasting.begin(world.person("process_manager"), NOTICE, {})

    class Killed(BaseException):
        pass

    def die(done: int, total: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        broadcasting.send(made, die)
    assert Communication.objects.filter(bulk=True).count() == 1
    assert run(made) == [(2, 3), (3, 3)]
    assert Communication.objects.filter(bulk=True).count() == 3


def test_each_mail_names_the_way_out_but_for_required_ones(world: World, others: dict[str, Any]) -> None:
    person = world.person("process_manager")
    run(broadcasting.begin(person, NOTICE, {}))
    run(broadcasting.begin(person, NOTICE | {"required": True}, {}))
    drained()
    free, required = Mail.objects.filter(recipients=["ada@aster.example"], communication__bulk=True).order_by("pk")
    link = str(read(free)["List-Unsubscribe"]).strip(" <>")
    assert link.startswith("https://care.example.org/opt-out/") and link in text_of(free)
    assert read(free)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read(required)["List-Unsubscribe"] is None and "opt-out" not in text_of(required)
    path = link.removeprefix("https://care.example.org")
    outside = Client(enforce_csrf_checks=True)
    assert outside.get(path).status_code == 200
    assert not consents.opted_out(world.contact, "notices"), "looking is no wish"
    (offered,) = Consent.objects.filter(contact=world.contact)
    assert (offered.type, offered.purpose) == ("offered", "notices") and offered.offered_at == offered.first_use_at
    assert outside.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert consents.opted_out(world.contact, "notices")
    (line,) = Entry.objects.filter(kind="contact", record_id=world.contact.pk, act="auto", rule="opt_out")
    assert "no notices to many" in line.words
    outside.post(path)
    assert Entry.objects.filter(kind="contact", rule="opt_out", record_id=world.contact.pk).count() == 1
    assert world.contact not in broadcasting.choose(person, {}, False).reached
    outside.post(path, {"wanted": "1"})
    assert world.contact in broadcasting.choose(person, {}, False).reached


def test_a_forged_address_opts_nobody_out(world: World) -> None:
    for token in (f"{world.contact.ref}~forged", world.contact.ref, "x"):
        assert Client().post(f"/opt-out/{token}/").status_code == 404
    assert not Consent.objects.exists()


@pytest.mark.parametrize("name", ["complaint_handler", "auditor", "administrator", "operations_director"])
def test_who_may_not_send_to_many(world: World, name: str) -> None:
    client = Client()
    client.force_login(world.person(name))
    assert client.get("/notices/").status_code == client.get("/notices/new/").status_code == 403
    assert client.post("/notices/new/", NOTICE | {"act": "send"}).status_code == 403
    assert not Broadcast.objects.exists() and not Reach.objects.exists()


def test_nobody_sees_what_others_sent(world: World, others: dict[str, Any]) -> None:
    made = broadcasting.begin(world.person("process_manager"), NOTICE, {})
    client = Client()
    client.force_login(world.person("assistant"))
    assert client.get(f"/notices/{made.pk}/").status_code == 404
