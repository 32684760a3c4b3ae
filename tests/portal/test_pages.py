"""What contacts see in the portal and what never shows there; raising a case; their data; letting them in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.accounts.models import Grant, Person
from comity.accounts.roles import Role
from comity.agreements.operations import revise
from comity.cases.models import Case
from comity.cases.operations import outside
from comity.cases.operations.outside import Sender
from comity.communications.models import Communication
from comity.jobs.models import Job
from comity.records import write
from comity.records.kind import kind_of
from comity.records.models import Entry, File
from comity.records.search import index
from comity.records.trail import Actor
from tests.portal.conftest import Portal
from tests.reports.paper import text_of
from tests.worlds import days_ago

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
PAGES = ("/portal/", "/portal/cases/?show=all", "/portal/agreements/", "/portal/contacts/", "/portal/me/")


def text(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def refs(page: str) -> list[str]:
    return re.findall(r'href="/portal/cases/(CMP-\d+)/"', page)


def test_tiles_count_what_is_there(portal: Portal) -> None:
    portal.at("received")
    portal.at("closed")
    waiting = [portal.at("resolved"), portal.at("awaiting_customer")]
    page = text(portal.visit(), "/portal/")
    assert re.findall(r'class="many">(\d+)', page) == ["2", "3", "2", "0"]
    assert set(refs(page)) == {one.ref for one in waiting}


def test_only_what_concerns_them(portal: Portal) -> None:
    world, desk = portal.desk.world, portal.desk
    own = portal.at("received", description="OWN thing")
    colleague = portal.person("cole", world.customer)
    contact = colleague.contacts.get()
    hidden = {
        "internal": desk.register(origin="internal", contact="", complainant="x", description="HIDDEN inside"),
        "confidential": desk.register(confidential=True, contact=contact.ref, description="HIDDEN of a colleague"),
        "child": desk.register(customer=world.child.ref, contact=world.child_contact.ref, description="HIDDEN below"),
    }
    mine = desk.register("customer_contact", channel="portal", confidential=True, description="MINE alone")
    client = portal.visit()
    pages = "".join(text(client, path) for path in PAGES)
    assert own.ref in pages and mine.ref in pages and "HIDDEN" not in pages
    for case in hidden.values():
        assert case.ref not in pages
        for path in (f"/portal/cases/{case.ref}/", f"/portal/cases/{case.ref}/message/"):
            assert client.get(path).status_code == 404
        assert portal.act(case, "message", "Hello?", by=client) == 404
        assert not Entry.objects.filter(kind="case", record_id=case.pk, act="post").exists()
    theirs = portal.visit(colleague)
    assert refs(text(theirs, "/portal/cases/?show=all")) == [hidden["confidential"].ref, own.ref]


def test_whoever_sees_children_sees_them(portal: Portal) -> None:
    world = portal.desk.world
    below = portal.desk.register(customer=world.child.ref, contact=world.child_contact.ref)
    power = portal.person("power", world.customer, sees_children=True)
    page = text(portal.visit(power), "/portal/cases/")
    assert refs(page) == [below.ref] and "Aster Labs" in page
    world.move(power.contacts.get(), "end", "relationship_manager", note="Left.")
    assert portal.visit(power).get("/portal/cases/").status_code == 403


def test_nothing_inside_is_shown(portal: Portal) -> None:
    desk = portal.desk
    case = portal.at("investigating", about=[], conduct="")
    staff = desk.world.actor("complaint_handler")
    write.post(case, "INTERNAL note", actor=staff)
    inside = write.attach(case, SimpleUploadedFile("INTERNAL.png", PNG), actor=staff)
    shared = write.attach(case, SimpleUploadedFile("report.pdf", b"%PDF-1.4"), actor=staff, public=True)
    write.post(case, "For you", actor=staff, public=True)
    desk.move(case, "write_up", facts="INTERNAL facts", views_of_parties="INTERNAL views")
    desk.world.create(
        "communication", "complaint_handler", direction="outbound", subject_ref=case.ref, summary="INTERNAL",
        restricted=True, customer=case.customer.ref,
    )  # fmt: skip
    client = portal.visit()
    page = text(client, f"/portal/cases/{case.ref}/")
    assert "INTERNAL" not in page and "For you" in page and "report.pdf" in page and "Risk" not in page
    assert client.get(f"/portal/cases/{case.ref}/files/{inside.pk}/").status_code == 404
    answer = client.get(f"/portal/cases/{case.ref}/files/{shared.pk}/")
    assert answer["Content-Disposition"].startswith("attachment") and b"".join(answer.streaming_content) == b"%PDF-1.4"
    other = portal.at("received")
    assert client.get(f"/portal/cases/{other.ref}/files/{shared.pk}/").status_code == 404


def test_our_letters_on_paper(portal: Portal) -> None:
    desk = portal.desk
    case = portal.at("investigating")
    desk.move(case, "answer", text="A technician comes.")
    said = desk.told(case)[-1]
    page = text(portal.visit(), f"/portal/cases/{case.ref}/")
    path = f"/portal/cases/{case.ref}/letters/{said.ref}/pdf/"
    assert path in page
    answer = portal.visit().get(path)
    assert answer["Content-Disposition"] == f'attachment; filename="{case.ref}-{said.ref}.pdf"'
    assert "Atechniciancomes." in text_of(answer.content)


def test_a_letter_of_another_matter_is_none_of_theirs(portal: Portal) -> None:
    desk, own = portal.desk, portal.at("investigating")
    world = desk.world
    below = desk.at("acknowledged", customer=world.child.ref, contact=world.child_contact.ref)
    kept = world.create(
        "communication", "complaint_handler", direction="outbound", subject_ref=own.ref, summary="INSIDE",
        restricted=True, customer=own.customer.ref,
    )  # fmt: skip
    heard, told = desk.heard(own), desk.told(below)[0].ref
    tried = [(below, told), (own, told), (own, kept.ref), (own, heard)]
    before = Entry.objects.count()
    client = portal.visit()
    for case, ref in tried:
        assert client.get(f"/portal/cases/{case.ref}/letters/{ref}/pdf/").status_code == 404
    assert Entry.objects.count() == before and "INSIDE" not in text(client, f"/portal/cases/{own.ref}/")


def test_the_desk_has_no_page_for_them(portal: Portal) -> None:
    case, client = portal.at("received"), portal.visit()
    for path in ("/cases/", f"/cases/{case.ref}/", "/customers/", "/search/?q=a", "/lookup/customer/", "/settings/"):
        assert client.get(path).status_code in (403, 404), path
    assert client.get("/")["Location"] == "/portal/"


def test_lists_page_and_search(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.portal import pages

    monkeypatch.setattr(pages, "SIZE", 2)
    cases = [portal.at("received", description=f"Matter {word}") for word in ("apple", "pear", "plum")]
    index(kind_of(cases[0]), cases)
    client = portal.visit()
    first = text(client, "/portal/cases/")
    assert len(refs(first)) == 2
    older = re.search(r'href="(\?[^"]*after=[^"]+)"', first)[1].replace("&amp;", "&")  # type: ignore[index]
    assert len(refs(text(client, f"/portal/cases/{older}"))) == 1
    assert refs(text(client, "/portal/cases/?show=all&q=pear")) == [cases[1].ref]
    assert refs(text(client, "/portal/cases/?show=closed")) == []
    assert client.get("/portal/cases/?after=broken").status_code == 400


def test_a_case_is_told_by_somebody_known(portal: Portal) -> None:
    files = [SimpleUploadedFile("a.png", PNG)]
    answer = portal.raised(files=files, safety="on", when="today", tell="each")
    case = Case.objects.get()
    world = portal.desk.world
    assert (answer.status_code, answer["Location"]) == (303, f"/portal/cases/{case.ref}/")
    assert (case.customer, case.contact, case.service, case.channel) == (
        world.customer, world.contact, world.service, "portal",
    )  # fmt: skip
    assert case.entered_by == world.person("customer_contact") and case.safety and len(case.wish.events) == 6
    line = Entry.objects.get(kind="case", record_id=case.pk, act="create")
    assert (line.via, line.rule) == ("portal", "")
    assert File.objects.get().public and case.status == "acknowledged"
    page = text(portal.visit(), answer["Location"])
    assert "Your number is" in page or case.ref in page


def test_whoever_sees_children_speaks_for_them(portal: Portal) -> None:
    world = portal.desk.world
    power = portal.person("power", world.customer, sees_children=True)
    page = text(portal.visit(power), "/portal/cases/new/")
    assert re.findall(r'<option value="(CUS-\d+)"', page) == [world.customer.ref, world.child.ref]
    answer = portal.raised(by=portal.visit(power), customer=world.child.ref)
    case = Case.objects.get()
    assert (answer["Location"], case.customer, case.contact) == (
        f"/portal/cases/{case.ref}/", world.child, power.contacts.get(),
    )  # fmt: skip
    low = portal.visit(portal.person("low", world.child))
    assert case.ref in text(low, "/portal/cases/") and case.ref not in text(portal.visit(), "/portal/cases/")


def test_nobody_speaks_for_others(portal: Portal) -> None:
    world = portal.desk.world
    power = portal.person("power", world.customer, sees_children=True)
    sister = world.create("customer", "relationship_manager", name="Other Ltd")
    gone = world.create("customer", "relationship_manager", name="Gone Ltd", parent=world.customer.ref)
    world.move(world.move(gone, "activate", "relationship_manager"), "end", "relationship_manager", note="Closed.")
    low = portal.person("low", world.child)
    for person, customer in ((power, sister), (power, gone), (low, world.customer)):
        assert portal.raised(by=portal.visit(person), customer=customer.ref).status_code == 422
    values = portal.desk.intake(customer=world.child.ref, contact=world.contact.ref)  # who does not see what is below
    with pytest.raises(ValidationError, match="another customer"):
        world.create("case", "service_desk", **values)
    assert not Case.objects.exists()


def test_told_twice_is_one_case(portal: Portal) -> None:
    client = portal.visit()
    page = text(client, "/portal/cases/new/")
    stamp = re.search('name="stamp" value="([^"]+)"', page)[1]  # type: ignore[index]
    answers = [portal.raised(by=client, stamp=stamp) for _n in range(2)]
    assert len({one["Location"] for one in answers}) == 1 and Case.objects.count() == 1


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"description": ""}, "what happened"),
        ({"service": "", "conduct": ""}, "what it is about"),
        ({"service": "SVC-99999"}, "valid choice"),
        ({"customer": "CUS-00002"}, "valid choice"),
        ({"files": SimpleUploadedFile("x.html", b"<html>")}, "x.html"),
        ({"wait": 1}, "very fast"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(portal: Portal, spoilt: Any, words: str) -> None:
    answer = portal.raised(**spoilt)
    assert answer.status_code == 422 and words in answer.content.decode() and not Case.objects.exists()


@pytest.mark.parametrize("what", ["message", "escalate", "ask_news"])
def test_no_script_passes(portal: Portal, what: str) -> None:
    case = portal.at("investigating", description="<script>alert(0)</script>", wanted_remedy="<img src=x onerror=a>")
    assert portal.act(case, what, '"><script>alert(1)</script>') == 303
    inside = portal.visit("complaint_handler")
    for page in (text(portal.visit(), f"/portal/cases/{case.ref}/"), text(inside, case.url)):
        assert "<script>alert" not in page and "<img src=x" not in page and "&lt;script&gt;alert(1)" in page


def test_their_data_and_how_to_change_them(portal: Portal) -> None:
    client = portal.visit()
    assert "ada@aster.example" in text(client, "/portal/me/")
    contact = portal.desk.world.contact
    assert client.post("/portal/me/", {"contact": contact.ref, "body": "New phone: 555"}).status_code == 303
    said = Communication.objects.get(purpose="contact_details")
    assert (said.direction, said.contact, said.body) == ("inbound", contact, "New phone: 555")
    assert said.entered_by == portal.desk.world.person("customer_contact")
    foreign = portal.desk.world.child_contact
    assert client.post("/portal/me/", {"contact": foreign.ref, "body": "x"}).status_code == 422
    assert Communication.objects.filter(purpose="contact_details").count() == 1


RARELY = {"tell": "result", "every_days": "5", "channel": "letter"}
KEPT = {"result_only": True, "every_days": 5, "channel": "letter"}


def test_one_wish_for_every_new_case(portal: Portal) -> None:
    desk, client = portal.desk, portal.visit()
    assert client.post("/portal/me/", RARELY)["Location"] == "/portal/me/"
    contact = desk.world.contact
    contact.refresh_from_db()
    line = Entry.objects.filter(kind="contact", record_id=contact.pk).latest("pk")
    assert contact.notification_wish == KEPT and (line.act, line.via) == ("update", "portal")
    page = text(client, "/portal/cases/new/")
    assert re.search('value="result"[^>]* checked', page) and '<option value="letter" selected' in page
    portal.raised(by=client, tell="result", channel="letter")
    sender = Sender("Ada", contact.email)
    outside.take_in(sender, {"channel": "email", "description": "x"}, actor=Actor.system("mail_intake", "mail"))
    desk.register()
    assert [one.notification_wish for one in Case.objects.all()] == [KEPT] * 3
    inside = text(portal.visit("complaint_handler"), contact.url)
    assert "Result only · News every 5 business days · Letter" in inside and "result_only" not in inside


def test_a_wish_for_one_case_goes_before(portal: Portal) -> None:
    client, own = portal.visit(), {"events": ["closed"]}
    client.post("/portal/me/", RARELY)
    portal.raised(by=client, tell="each", channel="email")
    assert Case.objects.latest("pk").wish.channel == "email" and not Case.objects.latest("pk").wish.result_only
    assert portal.desk.register(notification_wish=own).notification_wish == own
    other = portal.desk.world.child
    case = portal.desk.register(customer=other.ref, contact=portal.desk.world.child_contact.ref)
    assert case.notification_wish == {}
    portal.act(case := portal.desk.register(), "record_wish", tell="main", channel="phone")
    assert case.wish.channel == "phone" and case.contact.notification_wish == KEPT


@pytest.mark.parametrize("spoilt", [{"channel": "pigeon"}, {"every_days": "-1"}, {"tell": "x"}])
def test_a_wish_that_cannot_be(portal: Portal, spoilt: dict[str, str]) -> None:
    assert portal.visit().post("/portal/me/", RARELY | spoilt).status_code == 422
    portal.desk.world.contact.refresh_from_db()
    assert portal.desk.world.contact.notification_wish == {}


def test_language_and_looks(portal: Portal) -> None:
    client = portal.visit()
    client.post("/portal/me/", {"language": "zh-hans"})
    person = Person.objects.get(email="customer_contact@provider.example")
    assert (person.language, person.theme) == ("zh-hans", "auto")
    client.post("/portal/me/", {"language": "en", "time_zone": "Asia/Shanghai", "theme": "dark"})
    person.refresh_from_db()
    assert (person.language, person.time_zone, person.theme) == ("en", "Asia/Shanghai", "dark")
    assert client.post("/portal/me/", {"language": "xx"}).status_code == 422


def test_agreements_in_force_and_our_channels(portal: Portal) -> None:
    world, client = portal.desk.world, portal.visit()
    world.create("channel", "relationship_manager", name="STAFF line", type="phone", audience="staff",
                 published_at="2020-01-01")  # fmt: skip
    other = world.create("channel", "relationship_manager", name="OTHER line", type="phone",
                         published_at="2020-01-01", customers=[world.child.ref])  # fmt: skip
    draft = revise(world.charter.versions.get(), actor=world.actor("relationship_manager"), reason="More of it.")
    said = {"guarantee": "A month free", "claim_route": "The portal"}
    world.create("clause", "relationship_manager", agreement_version=draft.ref, topic="guarantees_claims",
                 text="We answer in time.", attributes=said)  # fmt: skip
    draft = world.move(draft, "negotiate", "relationship_manager")
    world.move(draft, "agree", "operations_director", effective_on=days_ago(0))
    page = text(client, "/portal/agreements/")
    assert "Hosting for Aster" in page and "4 business hours" in page and "8 business hours" not in page
    assert "We answer in time." in page and "A month free" in page
    for target in draft.targets.all():  # beside each promise of the charter
        assert f"/portal/agreements/{target.ref}/claim/" in page
    assert "A month free" in text(client, f"/portal/agreements/{target.ref}/claim/")
    page = text(client, "/portal/contacts/")
    assert "Service line" in page and "STAFF" not in page and other.name not in page
    for name in ("relationship_manager", "process_manager", "operations_director"):
        assert world.email(name) in page


@pytest.mark.parametrize("name", ["relationship_manager", "process_manager", "service_desk", "complaint_handler"])
def test_only_administrators_invite(portal: Portal, name: str) -> None:
    contact = portal.desk.world.child_contact
    client = portal.visit(name)
    assert client.post(f"/contacts/{contact.ref}/invite/").status_code == 403
    contact.refresh_from_db()
    assert (
        contact.person is None and not Person.objects.filter(email=contact.email).exists() and not Job.objects.exists()
    )


def test_an_invitation_lets_in_and_a_withdrawal_out(portal: Portal) -> None:
    world = portal.desk.world
    contact, client = world.child_contact, portal.visit("administrator")
    assert "Invite to the portal" in text(client, contact.url)
    for _n in range(2):  # sent again, it makes nothing twice
        assert client.post(f"/contacts/{contact.ref}/invite/").status_code == 303
    contact.refresh_from_db()
    person = contact.person
    assert (person.email, person.has_usable_password()) == ("lin@aster.example", False)
    assert [one.role for one in person.grants.all()] == [Role.CUSTOMER_CONTACT]
    assert Job.objects.filter(name__endswith="send_link").count() == 2
    acts = list(Entry.objects.filter(kind="person", record_id=person.pk).order_by("pk").values_list("act", flat=True))
    assert acts == ["added", "granted"]
    line = Entry.objects.get(kind="contact", record_id=contact.pk, act="invite")
    assert line.actor_id == world.person("administrator").pk
    visitor = portal.visit(person)
    assert visitor.get("/portal/").status_code == 200
    assert portal.visit("service_desk").post(f"/contacts/{contact.ref}/withdraw-access/").status_code == 403
    assert visitor.get("/portal/").status_code == 200
    assert portal.visit("process_manager").post(f"/contacts/{contact.ref}/withdraw-access/").status_code == 303
    assert visitor.get("/portal/").status_code == 403
    assert not Grant.objects.filter(person=person, ends_on__isnull=True).exists()


def test_who_cannot_be_invited(portal: Portal) -> None:
    world, client = portal.desk.world, portal.visit("administrator")
    without = world.create("contact", "relationship_manager", name="No mail", customer=world.child.ref)
    ended = world.move(world.child_contact, "end", "relationship_manager", note="Left.")
    for contact in (without, ended):
        client.post(f"/contacts/{contact.ref}/invite/")
        contact.refresh_from_db()
        assert contact.person is None and not Job.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_dates_are_written_in_one_way(portal: Portal, language: str) -> None:
    case = portal.at("investigating")
    portal.desk.later(days=30)
    Person.objects.filter(pk=portal.desk.world.person("customer_contact").pk).update(language=language)
    client, seen = portal.visit(), 0
    for path in ("", "cases/", f"cases/{case.ref}/", "agreements/", "contacts/", "me/"):
        page = client.get(f"/portal/{path}").content.decode()
        text = re.sub("<[^>]+>", " ", page)
        assert not re.search(
            r"(Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)[a-z.]* \d|年|[ap]\.m\.", text
        ), path
        seen += len(re.findall(r"\b\d{4}-\d\d-\d\d\b", text))
    assert seen > 5
