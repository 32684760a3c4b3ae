"""What becomes of a message: a case of whoever writes, one transaction, a receipt for people, nothing for robots."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comity.cases.models import Case
from comity.clocks.models import CalendarDay
from comity.communications import originals
from comity.communications.mail import Mail
from comity.communications.models import Communication
from comity.intake.mail import taking
from comity.parties.models import Responsibility
from comity.records.files import files_of
from comity.records.models import Entry, File, writing
from tests.intake.mail.conftest import Post

BOUNCE = """\
From: Mail Delivery System <MAILER-DAEMON@mx.aster.example>
To: help@provider.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <bounce.{n}@mx.aster.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

It could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.aster.example

Final-Recipient: rfc822; ada@aster.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ada@aster.example>: unknown user

--B
Content-Type: {returned}

From: help@provider.example
Message-ID: <{message_id}>
Subject: about

Text.
--B--
"""


def nobody_answers_for_complaints() -> None:
    with writing():
        Responsibility.objects.filter(role="complaint_owner").delete()


def test_a_known_contact_gets_a_case_and_an_acknowledgement(post: Post, world: Any) -> None:
    taken = post.send("Hello, when do you open on Sundays?\n\nAda", subject="Re: Fwd: Opening hours")
    case = post.case(taken)
    assert (case.customer_id, case.contact_id) == (world.customer.pk, world.contact.pk)
    assert (case.title, case.channel, case.classification) == ("Opening hours", "email", "enquiry")
    assert case.description == "Hello, when do you open on Sundays?\n\nAda"
    (said,) = post.said(case)
    assert (said.purpose, said.direction, said.contact_id) == ("intake", "inbound", world.contact.pk)
    assert case.status == "acknowledged" and case.acknowledged_at is not None
    assert case.classified_at is None, "a rule confirmed the classification"
    (told,) = post.told(case)
    assert told.purpose == "acknowledgement" and case.ref in told.body and "@provider.example" in told.body
    row = Mail.objects.get(direction="in")
    assert (row.state, row.ref, row.communication_id, row.reason) == ("taken", case.ref, said.pk, "")
    assert b"Opening hours" in originals.read(row.raw)


def test_without_a_contact_to_name_the_receipt_stops_no_clock(post: Post) -> None:
    nobody_answers_for_complaints()
    case = post.case(post.send())
    assert case.status == "received" and case.acknowledged_at is None and case.ack_due_at is not None
    (told,) = post.told(case)
    assert told.purpose == "other" and case.ref in told.body


def test_somebody_unknown_is_kept_with_name_and_address(post: Post) -> None:
    taken = post.send("你们的服务太差了，我要投诉！", **{"from": "王小明 <Wang@Example.cn>"}, subject="问题")
    case = post.case(taken)
    assert (case.customer, case.contact, case.complainant, case.address) == (None, None, "王小明", "wang@example.cn")
    assert (case.classification, case.language) == ("complaint", "zh-hans")
    assert any("no known contact" in note for note in post.notes(case))
    assert post.said(case)[0].body.strip() == "你们的服务太差了，我要投诉！"


def test_an_address_of_two_customers_contacts_is_nobodys(post: Post, world: Any) -> None:
    world.create(
        "contact", "relationship_manager", name="Ada again", customer=world.child.ref, email="ADA@aster.example"
    )
    assert post.case(post.send()).customer is None


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Question", "When do you open?", "enquiry"),
        ("Question", "This is the third time I write.", "complaint"),
        ("COMPLAINT", "See above.", "complaint"),
        ("询问", "请问周日开门吗？", "enquiry"),
        ("询问", "至今未收到回复，非常不满。", "complaint"),
        ("Thanks", "All is well.\n\nOn 1 March 2026, Desk <d@x.example> wrote:\n> We got your complaint.", "enquiry"),
    ],
)
def test_the_rule_hears_dissatisfaction_in_what_is_new(post: Post, subject: str, text: str, expected: str) -> None:
    case = post.case(post.send(text, subject=subject))
    assert case.classification == expected and case.ack_due_at is not None
    assert any("Taken in as" in note for note in post.notes(case))


def test_what_comes_through_the_channel_for_complaints_is_one(post: Post, world: Any) -> None:
    world.create(
        "channel", "process_manager", name="Complaints", type="email", address="Complaints@provider.example",
        purposes=["complaint"],
    )  # fmt: skip
    case = post.case(post.send("When do you open?", to="Desk <complaints@provider.example>"))
    assert case.classification == "complaint" and post.said(case)[0].channel.name == "Complaints"


def test_the_clock_starts_when_our_server_had_it(post: Post) -> None:
    arrived = timezone.now() - timedelta(hours=30)
    case = post.case(post.take(post.letter(date="Mon, 01 Jan 2001 00:00:00 +0000"), received_at=arrived))
    assert case.received_at == arrived
    assert post.said(case)[0].occurred_at == arrived, "a date that nobody believes"


def test_the_senders_date_is_kept_as_it_was_said(post: Post) -> None:
    arrived = timezone.now() - timedelta(hours=1)
    written = (arrived - timedelta(hours=5)).replace(microsecond=0)
    letter = post.letter(date=written.strftime("%a, %d %b %Y %H:%M:%S +0000"))
    said = post.said(post.case(post.take(letter, received_at=arrived)))[0]
    assert (said.occurred_at, said.mails.get().sent_at) == (arrived, written)


@pytest.mark.parametrize("date", ["tomorrow", "Tue, 31 Feb 2026 25:00:00 +0000", "", "Fri, 01 Jan 2999 00:00:00 +0000"])
def test_a_wrong_date_is_the_time_of_arrival(post: Post, date: str) -> None:
    arrived = datetime(2026, 3, 2, 9, tzinfo=UTC)
    raw = bytes(post.letter()).replace(b"Subject:", f"Date: {date}\nSubject:".encode(), 1)
    assert post.said(post.case(post.take(raw, received_at=arrived)))[0].occurred_at == arrived


def with_files(post: Post) -> EmailMessage:
    letter = post.letter("See the files.")
    letter.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="../../发票 2026.pdf")
    letter.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename="page.html")
    letter.add_attachment(b"\x78\x9f\x3e\x22tnef", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    letter.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline", cid="<logo@x>")
    return letter


def test_enclosures_are_files_of_the_case(post: Post) -> None:
    case = post.case(post.take(with_files(post)))
    names = {file.name for file in files_of(case)}
    assert {"page.html", "winmail.dat", "part-4.png"} <= names
    assert not any("/" in name or ".." in name for name in names) and len(names) == 4
    row = Mail.objects.get(direction="in")
    assert set(row.enclosed) == {str(file.pk) for file in files_of(case)}


def test_a_text_that_is_cut_says_so(post: Post) -> None:
    whole, long = (post.case(post.send("still broken, " * n)) for n in (100, 20_000))
    assert len(post.said(long)[0].body) == 200_000
    assert [any("in the original message" in note for note in post.notes(case)) for case in (whole, long)] == [
        False,
        True,
    ]
    assert originals.read(Mail.objects.get(ref=long.ref, direction="in").raw).count(b"still") == 20_000


def test_no_more_files_than_anybody_looks_at(post: Post) -> None:
    letter = post.letter("Many.")
    for n in range(60):
        letter.add_attachment(f"{n}".encode(), maintype="text", subtype="x-n", filename=f"{n}.txt")
    case = post.case(post.take(letter))
    assert len(files_of(case)) == 50
    assert any("10 of the enclosed files" in note for note in post.notes(case))


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated; x=y"},
        {"precedence": "bulk"},
        {"x_autoreply": "yes"},
        {"return_path": "<>"},
        {"from": "MAILER-DAEMON@mx.example"},
        {"subject": "Out of office: away"},
        {"subject": "自动回复：我在休假"},
        {"subject": "自动答复: 关于服务"},
        {"subject": "自動回復: 關於服務"},
        {"subject": "[Auto-Reply] away"},
        {"subject": "Automatic reply: away", "x_auto_response_suppress": "All"},
    ],
)
def test_what_a_program_wrote_is_set_aside_and_never_answered(post: Post, headers: dict[str, str]) -> None:
    taken = post.send("I am away.", **headers)
    assert taken.state == "ignored" and taken.reason.startswith("robot")
    assert post.counts()[:2] == (0, 0)
    assert originals.read(Mail.objects.get().raw)


def test_a_person_on_a_list_is_taken_in_but_gets_no_automatic_answer(post: Post) -> None:
    case = post.case(post.send(list_id="<customers.aster.example>"))
    assert case.status == "received" and post.told(case) == []


@pytest.mark.parametrize("sender", ["noreply@shop.example", "no-reply@shop.example"])
def test_addresses_that_nobody_reads_get_no_answer(post: Post, sender: str) -> None:
    assert post.told(post.case(post.send(**{"from": sender}))) == []


def test_our_own_mail_does_not_come_in(post: Post, world: Any, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Provider <help@provider.example>"
    world.create("channel", "process_manager", name="Sales", type="email", address="sales@provider.example")
    case = post.case(post.send())
    post.sent(case)
    before = post.counts()[:2]
    for headers in (
        {"from": "help@provider.example"}, {"from": "help+cmp-1-x@provider.example"},
        {"from": "SALES@provider.example"}, {"message_id": "<out.1@provider.example>"},
    ):  # fmt: skip
        taken = post.send(**headers)
        assert (taken.state, taken.reason.partition(":")[0]) == ("ignored", "own")
    assert post.counts()[:2] == before


def test_two_robots_make_no_storm(post: Post) -> None:
    """One that says of itself that it is none, and answers each receipt with a new message outside any thread."""
    states = [post.send(f"Answer {n}", **{"from": "robot@elsewhere.example"}).state for n in range(40)]
    assert states == ["taken"] * taking.CASES_AN_HOUR + ["ignored"] * (40 - taking.CASES_AN_HOUR)
    answers = Communication.objects.filter(direction="outbound").count()
    assert 0 < answers <= 6
    assert post.send(**{"from": "person@elsewhere.example"}).state == "taken"


def test_a_robot_in_a_thread_makes_no_storm_either(post: Post) -> None:
    case = post.case(post.send())
    post.sent(case)
    told = len(post.told(case))
    headers = {"in_reply_to": "<out.1@provider.example>"}
    robots = [post.send("Away.", auto_submitted="auto-replied", **headers).state for _n in range(6)]
    assert robots == ["taken"] * 3 + ["ignored"] * 3
    people = [post.send("More.", **headers).state for _n in range(40)]
    assert people.count("taken") < 31 and people[-1] == "ignored"
    assert len(post.told(case)) == told


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_marks_the_mail_and_tells_the_case(post: Post, returned: str) -> None:
    case = post.case(post.send())
    sent = post.wrote(case)
    said = len(post.said(case))
    raw = BOUNCE.format(n=1, action="failed", returned=returned, message_id=sent.message_id).encode()
    taken = post.take(raw)
    assert (taken.state, taken.ref) == ("taken", case.ref)
    sent.refresh_from_db()
    assert sent.state == "failed" and "550" in sent.reason and "ada@aster.example" in sent.reason
    assert any("was not delivered" in note and "ada@" not in note for note in post.notes(case))
    assert len(post.said(case)) == said and Case.objects.count() == 1


def test_a_delay_is_told_and_marks_nothing(post: Post) -> None:
    case = post.case(post.send())
    sent = post.wrote(case)
    post.take(BOUNCE.format(n=1, action="delayed", returned="message/rfc822", message_id=sent.message_id).encode())
    sent.refresh_from_db()
    assert sent.state == "sent" and any("is delayed" in note for note in post.notes(case))


@pytest.mark.parametrize("sender", ["Ada Aster <ada@aster.example>", "Stranger <x@elsewhere.example>"])
def test_a_new_case_asks_nothing_twice(post: Post, sender: str) -> None:
    """The rule's person, the sender, our channel and the customer are looked up once and handed on."""
    post.send()  # what is remembered between messages is in hand
    with CaptureQueriesContext(connection) as asked:
        post.send("I complain. The line is broken.", **{"from": sender})
    assert len(asked) <= 63, "\n".join(query["sql"][:200] for query in asked)


def test_a_bounce_of_somebody_elses_mail_is_set_aside(post: Post) -> None:
    raw = BOUNCE.format(n=1, action="failed", returned="message/rfc822", message_id="foreign@x.example").encode()
    assert post.take(raw).state == "ignored" and Case.objects.count() == 0


PARTS = b"Content-Type: multipart/mixed; boundary=%b\n\n--%b\n"
DEEP = b"".join(PARTS % (b"b%d" % n, b"b%d" % n) for n in range(60)) + b"\nx\n"
TOP = b"Content-Type: multipart/mixed; boundary=b\n\n"
BRANCHES = TOP + b"--b\nContent-Type: multipart/mixed; boundary=c\n\n" * 200
LEAVES = TOP + b"--b\n\nx\n" * 3000


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"", "empty"), (b"\r\n \r\n", "empty"), (DEEP, "depth"), (BRANCHES, "parts"), (LEAVES, "parts")],
    ids=["nothing", "blank", "deep", "branches", "leaves"],
)
def test_bombs_are_refused_and_kept(post: Post, raw: bytes, reason: str) -> None:
    raw = raw.replace(b"Content-Type", b"From: a@b.example\nSubject: bomb\nContent-Type", 1)
    taken = post.take(raw)
    assert (taken.state, taken.reason) == ("refused", reason)
    assert post.counts() == (0, 0, 1)
    row = Mail.objects.get()
    assert originals.read(row.raw) == raw
    again = post.take(raw)
    assert again.again and Mail.objects.count() == 1


def test_what_is_too_large_is_refused_and_not_kept(post: Post, settings: Any) -> None:
    settings.COMITY_UPLOAD_BYTES = 10_000
    taken = post.take(post.letter("x" * 70 + "\n" + ("y" * 70 + "\n") * 500))
    assert (taken.state, taken.reason.partition(":")[0]) == ("refused", "large")
    row = Mail.objects.get()
    assert row.raw == "" and row.sender == "ada@aster.example" and Case.objects.count() == 0


@pytest.mark.parametrize("error", [RuntimeError, DataError])
def test_all_of_a_message_or_nothing(post: Post, monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """An error after the case was written takes the case back; the message stands in the ledger, to be tried again."""

    def fail(*_args: Any) -> None:
        raise error("in the middle")

    letter = with_files(post)
    with monkeypatch.context() as patch:
        patch.setattr("comity.intake.mail.filing.receive", fail)
        taken = post.take(letter)
    assert taken.state == "refused" and "in the middle" in taken.reason
    assert post.counts() == (0, 0, 1) and not File.objects.exists()
    assert not Entry.objects.filter(kind="case").exists()
    row = Mail.objects.get()
    again = post.take(originals.read(row.raw), by_hand=row)
    assert again.state == "taken" and post.counts()[0] == 1
    assert Mail.objects.filter(direction="in").count() == 1 and post.case(again).ref == "CMP-00001"


def test_a_full_disk_refuses_nothing(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message was kept, its files have no room any more: it stays where it is and is tried again."""

    def full(*_args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    letter = with_files(post)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="could not be kept"):
        patch.setattr("comity.records.files._write", full)
        post.take(letter)
    assert post.counts() == (0, 0, 0) and not File.objects.exists()
    again = post.take(letter)
    assert (again.state, again.again) == ("taken", False) and File.objects.exists()


def test_what_was_set_aside_can_be_taken_in_by_hand(post: Post) -> None:
    post.send("Our monitoring says that your line is down.", auto_submitted="auto-generated")
    row = Mail.objects.get()
    taken = post.take(originals.read(row.raw), by_hand=row)
    assert taken.state == "taken" and post.case(taken).description.startswith("Our monitoring")
    row.refresh_from_db()
    assert (row.state, row.ref, row.reason) == ("taken", taken.ref, "")


def test_hostile_words_stay_words(post: Post) -> None:
    raw = (
        b"From: =?utf-8?q?A=00B=0d=0aBcc=3a_x=40y?= <a@elsewhere.example>\nTo: help@provider.example\n"
        b"Subject: =?utf-8?b?" + b"PGI+e3sgNyo3IH19JShyZWYpcw==" + b"?=\nMessage-ID: <%(x)s.1@elsewhere.example>\n"
        b"Content-Type: text/html\n\n<p>Hi %(name)s<script>alert(1)</script><img src=http://x/y.png onerror=a()>"
        b"<a href='javascript:alert(1)'>go</a><a href='http://evil.example/'>https://bank.example</a></p>"
    )
    case = post.case(post.take(raw))
    assert case.title == "<b>{{ 7*7 }}%(ref)s" and "\n" not in case.complainant and "\x00" not in case.complainant
    body = post.said(case)[0].body
    assert "alert" not in body and "y.png" not in body and "%(name)s" in body
    assert "https://bank.example <http://evil.example/>" in body
    assert post.notes(case)


def test_a_calendar_without_work_keeps_nothing_out(post: Post) -> None:
    CalendarDay.objects.create(calendar=post.world.office, date="2000-01-01", until="2099-12-31", kind="holiday")
    case = post.case(post.send("I am angry: this is a complaint."))
    assert case.resolve_due_at is not None
    assert any("counted in plain time" in note for note in post.notes(case))
