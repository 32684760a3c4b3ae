"""The page behind a secret address: what it tells, what it does, and what it never shows."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.cases.models import Case, Escalation
from comity.communications import outgoing
from comity.communications.models import Communication
from comity.config.discretion import WithoutSecrets
from comity.intake.public import pages
from comity.intake.public.tracking import Tracking, digest
from comity.records import write
from comity.records.models import Entry, File
from tests.cases.conftest import ENDING, FOUND, RATED, RESULT
from tests.intake.public.conftest import Sender, picture

CLOSING = {**FOUND, **RESULT, "no_action_reason": "It was a single night."}


class Followed:
    """A case from the open form, with its secret address and somebody who holds it."""

    def __init__(self, sender: Sender, **said: Any) -> None:
        self.sender, self.desk = sender, sender.desk
        self.case, self.link = sender.sent(**said)
        self.client = Client()

    def page(self) -> str:
        answer = self.client.get(self.link)
        assert answer.status_code == 200
        return str(answer.content.decode())

    def act(self, name: str, note: str = "", **more: Any) -> int:
        answer = self.client.post(f"{self.link}{name}/", {"note": note, **more})
        self.case = Case.objects.get(pk=self.case.pk)
        self.text = answer.content.decode()
        return int(answer.status_code)

    def prove(self) -> None:
        """Go on with the address that went out by mail."""
        letter = outgoing.body(self.desk.told(self.case)[0])
        self.link = "/complain/track/" + letter.split("/complain/track/")[1].split("/")[0] + "/"

    def to(self, status: str) -> None:
        """Work on it, as the desk does."""
        world, move = self.desk.world, self.desk.move
        if self.case.customer is None and not self.case.anonymous:
            found = {"customer": world.customer.ref, "contact": world.contact.ref, "service": world.service.ref}
            self.case = write.update(self.case, found, actor=world.actor("complaint_handler"))
        if self.case.status == "received":
            self.case = move(self.case, "acknowledge", "service_desk")
        self.case = move(self.case, "assess", **{**RATED, "handler": world.email("complaint_handler")})
        self.case = move(self.case, "investigate", investigator=world.email("complaint_handler"))
        if status == "resolved":
            self.case = move(self.case, "resolve_without_action", **CLOSING)


@pytest.fixture
def followed(sender: Sender) -> Followed:
    return Followed(sender)


@pytest.fixture
def nameless(sender: Sender) -> Followed:
    return Followed(sender, who="anonymous")


def test_it_tells_where_the_case_stands(followed: Followed) -> None:
    assert "how grave it is" in followed.page() and "Process Manager" in followed.page()
    followed.to("investigating")
    assert "finding out what happened" in followed.page()


def test_nothing_inside_is_shown(followed: Followed) -> None:
    desk, case = followed.desk, followed.case
    write.post(case, "INTERNAL between us", actor=desk.world.actor("service_desk"))
    write.attach(case, picture("INTERNAL.png"), actor=desk.world.actor("service_desk"))
    hidden = {"purpose": "other", "subject_ref": case.ref, "restricted": True, "summary": "INTERNAL call"}
    desk.world.create("communication", "service_desk", direction="outbound", **hidden)
    write.post(case, "Dear Uma", actor=desk.world.actor("service_desk"), public=True)
    other = desk.register(description="OTHER case")
    followed.to("investigating")
    followed.prove()
    page = followed.page()
    assert "Dear Uma" in page
    for word in ("INTERNAL", "OTHER", other.ref, "Service Desk", "risk", "tracking link"):
        assert word not in page, word


def test_a_message_and_files_reach_the_desk(followed: Followed) -> None:
    assert followed.act("message", "It happened again.", files=[picture("again.png")]) == 303
    line = Entry.objects.get(kind="case", record_id=followed.case.pk, act="post")
    assert (line.note, line.public, line.rule, line.via) == ("It happened again.", True, "public_form", "portal")
    kept = File.objects.get(record_id=followed.case.pk)
    page = followed.page()
    assert "It happened again." in page and "again.png" in page
    answer = followed.client.get(f"{followed.link}files/{kept.pk}/")
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_what_cannot_be_sent_is_said_and_kept(followed: Followed) -> None:
    assert followed.act("message", "") == 422
    assert followed.act("message", "My long story", files=[SimpleUploadedFile("x.svg", b"<svg/>")]) == 422
    assert "My long story" in followed.text and "x.svg" in followed.text
    assert not Entry.objects.filter(kind="case", record_id=followed.case.pk, act__in=("post", "file")).exists()


def test_files_inside_are_not_handed_out(followed: Followed) -> None:
    inside = write.attach(followed.case, picture("inside.png"), actor=followed.desk.world.actor("service_desk"))
    other = followed.desk.register()
    theirs = write.attach(other, picture("theirs.png"), actor=followed.desk.world.actor("service_desk"), public=True)
    for file in (inside, theirs):
        assert followed.client.get(f"{followed.link}files/{file.pk}/").status_code == 404


def test_an_answer_goes_on_with_the_case(followed: Followed) -> None:
    followed.to("investigating")
    followed.case = followed.desk.move(followed.case, "ask_customer", text="Which night?")
    followed.prove()
    assert "Answer our question" in followed.page()
    assert followed.act("message", "The fourth.") == 303
    assert (followed.case.status, followed.case.paused_from) == ("investigating", None)
    assert "The fourth." in followed.page()


def test_the_result_is_confirmed_with_what_was_said_on_record(nameless: Followed) -> None:
    nameless.to("resolved")
    assert "We credit one month." in nameless.page()
    assert nameless.act("confirm") == 303
    assert (nameless.case.status, nameless.case.close_ground) == ("closed", "confirmed")
    proof = nameless.case.confirmation
    assert (proof.direction, proof.purpose, proof.entered_by.email) == (
        "inbound", "confirmation", "comity@service.invalid",
    )  # fmt: skip


def test_a_rejection_needs_a_reason_and_goes_higher(nameless: Followed) -> None:
    nameless.to("resolved")
    assert nameless.act("reject") == 422 and nameless.case.status == "resolved"
    assert not Communication.objects.filter(purpose="rejection").exists()
    assert nameless.act("reject", "Not true.") == 303
    assert nameless.case.status == "investigating"
    assert nameless.desk.escalations(nameless.case) == [("rejected", 2)]
    page = nameless.page()
    assert "You did not accept the result." in page and "Not true." in page and "Process manager" in page


def test_it_is_escalated_to_a_named_person(followed: Followed) -> None:
    assert "Next level" in followed.page()
    assert followed.act("escalate", "Nobody calls.") == 303
    raised = Escalation.objects.get(case=followed.case)
    assert (raised.trigger, raised.level, raised.person) == (
        "customer",
        1,
        followed.desk.world.person("process_manager"),
    )
    assert "It is with our" in followed.page()


def test_it_can_be_withdrawn(followed: Followed) -> None:
    assert followed.act("ask_to_withdraw", "It settled itself.") == 303
    assert followed.case.withdrawal_asked_at and "asked to withdraw" in followed.page()
    assert followed.act("ask_to_withdraw", "Once more") == 422
    closed = followed.desk.move(followed.case, "withdraw", note="As asked.", **ENDING)
    assert closed.close_ground == "withdrawn"


def test_it_can_be_reopened_for_a_while(nameless: Followed) -> None:
    nameless.to("resolved")
    nameless.act("confirm")
    assert nameless.act("reopen", "Again!") == 303
    assert (nameless.case.status, nameless.case.reopen_count) == ("investigating", 1)
    nameless.case = nameless.desk.move(nameless.case, "resolve_without_action", **CLOSING)
    nameless.act("confirm")
    nameless.desk.later(days=400)
    assert "The time to reopen it has passed" in nameless.page()
    assert nameless.act("reopen", "Again!") == 422 and nameless.case.status == "closed"


def test_it_tells_where_a_matter_goes_on(nameless: Followed) -> None:
    desk = nameless.desk
    nameless.case = desk.move(nameless.case, "acknowledge", "service_desk")
    desk.move(nameless.case, "propose_reclassification", note="A request.", proposed_classification="service_request")
    desk.move(Case.objects.get(pk=nameless.case.pk), "reclassify", "process_manager", **ENDING)
    onward = Case.objects.get(predecessors=nameless.case)
    page = nameless.page()
    assert f"It goes on as {onward.ref}. We have it" in page and "time to reopen" not in page
    assert onward.answers.rows == nameless.case.answers.rows != []
    desk.move(onward, "finish", "service_desk", outcome="Done.")
    assert f"It goes on as {onward.ref}. It is closed: Answered." in nameless.page()


def test_of_what_it_was_merged_into_it_tells_the_number_only(followed: Followed) -> None:
    followed.prove()
    other = followed.desk.register(description="Another person's words.", title="Another title")
    followed.to("investigating")
    followed.desk.move(followed.case, "merge", "process_manager", "The same.", case=other.ref, **ENDING)
    page = followed.page()
    assert f"the same matter as {other.ref}, and goes on there" in page and "time to reopen" not in page
    assert "Another" not in page and followed.act("message", "Still there?") == 303
    assert followed.desk.lines(followed.case, "post")[-1].note == "Still there?"


def test_the_wish_is_recorded(followed: Followed) -> None:
    assert followed.act("record_wish", tell="result", channel="email") == 303
    assert followed.case.notification_wish == {"result_only": True, "channel": "email"}
    assert followed.act("record_wish", tell="each", every_days="999", channel="email") == 422
    assert followed.case.notification_wish == {"result_only": True, "channel": "email"}


@pytest.mark.parametrize(
    "name", ["assess", "merge", "withdraw", "expire", "close_without_agreement", "confirm", "edit"]
)
def test_no_other_step_is_taken(followed: Followed, name: str) -> None:
    before = (followed.case.status, followed.case.version)
    assert followed.act(name, "please") == 422
    assert (followed.case.status, followed.case.version) == before


def test_a_known_contacts_letters_go_to_the_contact_alone(sender: Sender) -> None:
    """Whoever fills in the form with somebody else's address must not read what is written to them."""
    followed = Followed(sender, address="ada@aster.example", files=[picture()])
    followed.case = sender.desk.move(followed.case, "answer", "service_desk", text="SECRET of Aster")
    page = followed.page()
    assert "SECRET" not in page and "address on file" in page and "/files/" not in page
    kept = File.objects.get(record_id=followed.case.pk)
    assert followed.client.get(f"{followed.link}files/{kept.pk}/").status_code == 404
    followed.prove()
    assert "SECRET" in followed.page()


def test_without_proof_only_what_was_sent_here_is_shown_and_nothing_is_decided(sender: Sender) -> None:
    followed = Followed(sender, address="ada@aster.example", files=[picture("mine.png")])
    desk, world, shown = sender.desk, sender.desk.world, followed.link
    write.post(followed.case, "STAFF note", actor=world.actor("service_desk"), public=True)
    write.attach(followed.case, picture("STAFF.png"), actor=world.actor("service_desk"), public=True)
    followed.to("investigating")
    followed.prove()
    assert followed.act("message", "OWNER speaks") == 303
    mailed, followed.link = followed.link, shown
    assert followed.act("message", "It was me.") == 303
    followed.case = desk.move(followed.case, "resolve_without_action", **CLOSING)
    for name in ("confirm", "reject", "escalate", "ask_to_withdraw", "record_wish"):
        assert followed.act(name, "please") == 422, name
        assert "link in the mail" in followed.text and f'action="{shown}{name}/"' not in followed.text
    assert followed.case.status == "resolved" and not Escalation.objects.exists()
    followed.link = mailed
    page = followed.page()
    for word in ("STAFF note", "STAFF.png", "OWNER speaks", "It was me.", "We credit one month."):
        assert word in page, word
    assert followed.act("confirm") == 303 and followed.case.status == "closed"
    followed.link = shown
    page = followed.page()
    assert "It was me." in page and "mine.png" in page and "It is closed." in page and followed.case.ref in page
    for word in ("STAFF", "OWNER", "We credit one month.", "The target was missed.", "confirmed"):
        assert word not in page, word


def test_the_letter_carries_its_own_secret(followed: Followed) -> None:
    receipt = followed.desk.told(followed.case)[0]
    first, second = (outgoing.body(receipt) for _n in range(2))
    paths = ["/complain/track/" + one.split("/complain/track/")[1].split("/")[0] + "/" for one in (first, second)]
    assert paths[0] != paths[1] != followed.link
    assert [followed.client.get(path).status_code for path in paths] == [404, 200]  # sent again, the former ends
    assert Tracking.objects.filter(proven=True).count() == 1
    assert "tracking" not in outgoing.shown(receipt.body)


def test_an_address_can_be_revoked(followed: Followed) -> None:
    desk, row = Client(), Tracking.objects.get(hash=digest(followed.link.split("/")[-2]))
    path = f"/cases/{followed.case.ref}/tracking/{row.pk}/revoke/"
    for name, status in (("senior_manager", 403), ("supplier_manager", 404), ("customer_contact", 404)):
        desk.force_login(followed.desk.world.person(name))
        assert desk.post(path).status_code == status
        assert followed.client.get(followed.link).status_code == 200
    desk.force_login(followed.desk.world.person("complaint_handler"))
    assert "Tracking links" in desk.get(followed.case.url).content.decode()
    assert desk.post(path).status_code == 303
    assert followed.client.get(followed.link).status_code == 404
    assert followed.act("escalate", "x") == 404 and not Escalation.objects.exists()
    assert desk.post(path).status_code == 404
    assert any("revoked" in line.note for line in followed.desk.lines(followed.case))


def test_guessing_is_slowed_down(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MISSES", 3)
    wrong = "/complain/track/" + "x" * 43 + "/"
    guesser = Client(REMOTE_ADDR="203.0.113.66")
    assert [guesser.get(wrong).status_code for _n in range(4)] == [404, 404, 404, 429]
    assert guesser.get(followed.link).status_code == 200  # wrong ones count against wrong ones only
    assert guesser.get(wrong).status_code == 429
    assert followed.client.get(wrong).status_code == 404


def test_sending_is_limited(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SENDINGS", 2)
    assert [followed.act("message", f"{n}") for n in range(3)] == [303, 303, 422]
    assert Entry.objects.filter(record_id=followed.case.pk, act="post", kind="case").count() == 2


@pytest.mark.parametrize("secret", ["x", "x" * 44, "%00", "..", "CMP-00001", "' OR 1=1 --"])
def test_strange_addresses_open_nothing(followed: Followed, secret: str) -> None:
    assert followed.client.get(f"/complain/track/{secret}/").status_code == 404


def test_the_log_holds_no_secret(followed: Followed, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(WithoutSecrets())
    secret = "s" * 43
    with caplog.at_level(logging.DEBUG):
        followed.client.get(f"/complain/track/{secret}/")
        followed.client.get(f"{followed.link}files/00000000-0000-0000-0000-000000000000/")
        logging.getLogger("django.request").warning("Not Found: %s", followed.link, extra={"status_code": 404})
    assert "/complain/track/…" in caplog.text
    assert secret not in caplog.text and followed.link.split("/")[-2] not in caplog.text


def test_the_same_file_is_kept_once(sender: Sender) -> None:
    one = Followed(sender, files=[picture("a.png"), picture("b.png")])
    assert File.objects.count() == 1
    for _n in range(2):
        assert one.act("message", files=[picture("c.png", b"\x89PNG\r\n\x1a\n1"), picture("a.png")]) == 303
    assert File.objects.count() == 2
    assert one.act("message", "With words.", files=[picture("a.png")]) == 303
    assert File.objects.count() == 2 and "With words." in one.page()
