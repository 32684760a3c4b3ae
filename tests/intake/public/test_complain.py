"""The open form: what becomes of what is sent, what is refused, and that nothing typed is lost."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override

from comity.cases.models import Case
from comity.clocks import parameters
from comity.communications.models import Communication
from comity.intake import limits
from comity.intake.jobs import remove_parts
from comity.intake.public import uploads
from comity.intake.public.tracking import MARK, Tracking, digest
from comity.notices.models import Notification
from comity.notices.operations.flooding import hear
from comity.records.models import Counter, Entry, File
from tests.intake.public.conftest import SAID, Sender, picture

MULTIPART = b'--b\r\nContent-Disposition: form-data; name="files"; filename="NAME"\r\n\r\nx\r\n--b--\r\n'


def test_it_works_for_somebody_unknown(sender: Sender) -> None:
    case, link = sender.sent(files=[picture(), picture("letter.pdf", b"%PDF-1.7 x")])
    assert (case.classification, case.channel, case.customer, case.contact) == ("complaint", "web_form", None, None)
    assert (case.complainant, case.address, case.conduct) == ("Uma Unknown", "uma@unknown.example", "Night shift")
    assert case.description == SAID["description"]
    assert case.answers.rows == [("When did it happen?", "last Tuesday")]
    assert case.entered_by.email == "comity@service.invalid"
    kept = File.objects.filter(kind="case", record_id=case.pk)
    assert {(one.name, one.public) for one in kept} == {("photo.png", True), ("letter.pdf", True)}
    assert case.ref in sender.text and "Uma" not in sender.text
    assert sender.client.get(link).status_code == 200


def test_the_answer_says_what_happens_next(sender: Sender) -> None:
    case, _link = sender.sent()
    assert case.status == "acknowledged"  # a named person answers for complaints
    receipt = sender.desk.told(case)[0]
    assert (receipt.purpose, receipt.delivery) == ("acknowledgement", "mail")
    assert case.ref in receipt.body and "process_manager@provider.example" in receipt.body
    for words in ("You have a first answer by", "You have the result by", "complaint owner", "have it escalated"):
        assert words in sender.text


def test_without_a_person_to_name_nothing_is_acknowledged_yet(sender: Sender) -> None:
    from comity.parties.models import Responsibility

    for row in Responsibility.objects.filter(role="complaint_owner"):
        sender.desk.world.move(row, "end", "operations_director", note="Gone.")
    sender.desk.later(days=1)
    case, _link = sender.sent()
    assert case.status == "received" and not sender.desk.told(case)
    assert "We confirm that we have it by" in sender.text


def test_a_known_address_finds_its_contact_and_says_that_it_is_unproven(sender: Sender) -> None:
    case, _link = sender.sent(address="ADA@aster.example")
    assert (case.contact, case.customer) == (sender.desk.world.contact, sender.desk.world.customer)
    assert "Aster" not in sender.text and "have it escalated" not in sender.text
    assert any("proven" in line.note for line in sender.desk.lines(case))


@pytest.mark.parametrize("spoil", ["ended", "twice"])
def test_an_address_that_names_nobody_for_sure_names_nobody(sender: Sender, spoil: str) -> None:
    world = sender.desk.world
    if spoil == "ended":
        world.move(world.contact, "end", "relationship_manager", note="Left.")
    else:
        world.create("contact", "relationship_manager", name="B", customer=world.child.ref, email="ada@aster.example")
    case, _link = sender.sent(address="ada@aster.example")
    assert (case.contact, case.customer, case.address) == (None, None, "ada@aster.example")


def test_anonymous_is_a_promise(sender: Sender) -> None:
    case, link = sender.sent(who="anonymous", confidential="on")
    assert case.anonymous and (case.complainant, case.address, case.reach, case.contact) == ("", "", "", None)
    trail = "".join(str(one.changes) + one.note for one in Entry.objects.filter(record_id=case.pk, kind="case"))
    assert "Uma" not in trail and "unknown.example" not in trail
    assert not sender.desk.told(case)
    assert sender.client.get(link).status_code == 200


def test_for_somebody_else_with_a_mandate(sender: Sender) -> None:
    mandate = SimpleUploadedFile("mandate.pdf", b"%PDF-1.4 I may")
    case, _link = sender.sent(who="other", complainant="My mother", mandate=mandate)
    assert (case.agent, case.complainant, case.mandate_proven) == ("Uma Unknown", "My mother", False)
    assert File.objects.get(record_id=case.pk).name == "mandate.pdf"


def test_danger_is_told_to_the_desk(sender: Sender) -> None:
    case, _link = sender.sent(safety="on")
    assert case.safety and any("in danger" in line.note for line in sender.desk.lines(case))


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"description": " "}, "what happened"),
        ({"conduct": ""}, "what it is about"),
        ({"name": ""}, "your name"),
        ({"address": "", "reach": ""}, "how we can reach you"),
        ({"address": "no address"}, "valid email"),
        ({"who": "other"}, "for whom you write"),
        ({"who": "nobody"}, "Select a valid choice"),
        ({"description": "x" * 20_001}, "20000"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(sender: Sender, spoilt: Any, words: str) -> None:
    assert sender.send(files=[picture("pump.png")], **spoilt) is None
    assert sender.answer.status_code == 422 and words.lower() in sender.text.lower()
    assert "pump.png" in sender.text and "An apology." in sender.text
    assert not File.objects.exists()


def test_no_number_is_lost_when_a_file_is_refused(sender: Sender) -> None:
    assert sender.send(files=[picture("evil.svg", b"<svg onload=alert(1)>")]) is None
    assert not Counter.objects.filter(prefix="CMP").exists() and "evil.svg" in sender.text
    case, _link = sender.sent()
    assert case.ref == "CMP-00001"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.svg", b"<svg xmlns='x'/>"),
        ("a.html", b"<html>"),
        ("a.exe", b"MZ\x90"),
        ("a.png", b"<svg onload=alert(1)>"),
        ("a.jpg", b"MZ\x90\x00"),
        ("a.pdf", b"<html>"),
        ("a.txt", b"<!doctype html><script>"),
        ("a.txt", b"\xef\xbb\xbf <!doctype html><script>"),
        ("a.txt", b"MZ\x90\x00"),
        ("a.jpg.exe", b"\xff\xd8\xff"),
        ("noending", b"\xff\xd8\xff"),
        ("a.docx", b"not a zip"),
        ("a.png", b""),
    ],
)
def test_files_must_be_what_they_say(sender: Sender, name: str, body: bytes) -> None:
    assert sender.send(files=[SimpleUploadedFile(name, body)]) is None
    assert sender.answer.status_code == 422 and not File.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/pass wd.png", "..\\..\\boot.png", "a\x00b.png", "/abs/olute.png"])
def test_paths_in_names_lead_nowhere(sender: Sender, name: str) -> None:
    upload = picture()
    upload._name = name  # as a client that does not clean it would send it
    case, _link = sender.sent(files=[upload])
    kept = File.objects.get(record_id=case.pk)
    assert not set("/\\\x00") & set(kept.name) and ".." not in kept.name


def test_a_name_without_end_is_said_to_be_one(sender: Sender) -> None:
    body = MULTIPART.replace(b"NAME", b"x" * 5000)
    answer = sender.client.generic("POST", "/complain/", body, "multipart/form-data; boundary=b")
    words = answer.content.decode()
    assert answer.status_code == 400 and "name of a file is too long" in words and "“Files”" in words
    assert not Case.objects.exists() and not File.objects.exists()


def test_nothing_turns_the_direction_of_writing(sender: Sender) -> None:
    turned = "a\u202egnp.exe\u2066"
    case, _link = sender.sent(description=f"{turned}\nb", name=turned, conduct=turned)
    assert {case.title, case.complainant, case.conduct} == {"agnp.exe"} and case.description.startswith(turned)


def test_too_many_and_too_large_files_are_refused(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sender.send(files=[picture(f"{n}.png") for n in range(uploads.MOST_FILES + 1)]) is None
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)
    assert sender.send(files=[picture("a.png"), picture("b.png")]) is None
    assert "together" in sender.text and not Case.objects.exists()


def test_a_huge_request_is_not_even_read(sender: Sender) -> None:
    answer = sender.client.post("/complain/", {"x": "y"}, CONTENT_LENGTH=str(2**31))
    assert answer.status_code == 413 and not Case.objects.exists()


def test_sent_twice_is_one_case_and_the_same_link(sender: Sender) -> None:
    stamp = sender.open()
    case, link = sender.sent(stamp=stamp)
    assert sender.send(stamp=stamp) is None
    assert sender.answer.status_code == 200 and sender.link == link and case.ref in sender.text
    assert "sent before" in sender.text and Tracking.objects.count() == 1 and len(sender.desk.told(case)) == 1


def test_machines_are_kept_out_without_losing_what_a_person_typed(sender: Sender) -> None:
    for spoilt in ({"website": "http://spam.example"}, {"wait": 1}, {"wait": 25 * 3600}, {"stamp": "forged:x:y"}):
        assert sender.send(**spoilt) is None, spoilt
        assert sender.answer.status_code == 422 and "Night shift" in sender.text
    assert not Case.objects.exists()
    fresh = re.search('name="stamp" value="([^"]+)"', sender.text)[1]  # type: ignore[index]
    assert sender.send(stamp=fresh) is not None


def test_a_disk_that_takes_no_file_loses_no_words(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_of: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("comity.records.files.os.fsync", full)
        assert sender.send(files=[picture()]) is None
    assert sender.answer.status_code == 422 and "the disk of this installation" in sender.text
    assert "Night shift" in sender.text and "photo.png" in sender.text
    assert not Case.objects.exists() and not File.objects.exists()
    stamp = re.search('name="stamp" value="([^"]+)"', sender.text)[1]  # type: ignore[index]
    assert sender.send(stamp=stamp, files=[picture()]) is not None and File.objects.count() == 1


def test_what_a_killed_process_left_is_removed_and_nothing_else(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    old, fresh, kept = (tmp_path / name for name in ("old.part", "fresh.part", "ab"))
    for one in (old, fresh, kept):
        one.write_bytes(b"x")
    for one in (old, kept):
        os.utime(one, (1, 1))
    assert remove_parts.func() == 1 and not old.exists() and fresh.exists() and kept.exists()


def test_the_limit_counts_for_one_address_and_for_all(sender: Sender) -> None:
    parameters.change(limits.FORM_ONE, 2)
    assert [sender.send() is not None for _n in range(3)] == [True, True, False]
    assert sender.answer.status_code == 429 and "Night shift" in sender.text
    assert 0 < int(sender.answer["Retry-After"]) <= 3600 and "11:00" in sender.text
    assert "just now" in sender.client.get("/complain/").content.decode()
    assert "just now" not in Client(REMOTE_ADDR="203.0.113.9").get("/complain/").content.decode()
    world = sender.desk.world
    for sort, where in (("phone", "+49 40 1234"), ("email", "help@provider.example"), ("chat", "chat room")):
        way = {"name": sort, "type": sort, "address": where, "published_at": "2026-01-01"}
        world.create("channel", "relationship_manager", **way)
    assert sender.send(files=[picture()]) is None and "photo.png" in sender.text
    assert 'href="tel:+49401234"' in sender.text and "mailto:help@provider.example" in sender.text
    assert "chat room" not in sender.text
    parameters.change(limits.FORM, 3)  # nobody closes the form for others by sending more than his share
    assert Sender(sender.desk, Client(REMOTE_ADDR="203.0.113.9")).send() is not None
    assert Sender(sender.desk, Client(REMOTE_ADDR="203.0.113.10")).send() is None
    hear(list(Entry.objects.filter(act="flooded")))
    told = Notification.objects.filter(event="alert")
    assert {one.person.name for one in told} >= {"Administrator", "Process Manager"}
    assert Entry.objects.filter(act="flooded").count() == 1
    sender.desk.later(hours=2)
    assert sender.send() is not None


def test_nobody_is_flooded_with_receipts_in_anothers_name(sender: Sender) -> None:
    for _n in range(5):
        sender.sent(address="victim@unknown.example")
    assert Communication.objects.filter(purpose="acknowledgement").count() == 3


def test_a_forged_request_is_refused(desk: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    sender = Sender(desk, strict)
    assert sender.send() is None and sender.answer.status_code == 403
    token = re.search('csrfmiddlewaretoken" value="([^"]+)"', strict.get("/complain/").content.decode())[1]  # type: ignore[index]
    assert sender.send(csrfmiddlewaretoken=token) is not None


def test_it_speaks_chinese_and_writes_so(sender: Sender) -> None:
    page = sender.client.get("/complain/", headers={"Accept-Language": "zh-CN"})
    assert 'lang="zh-hans"' in page.content.decode()
    page = sender.client.get("/complain/?language=zh-hans")
    assert page.cookies["django_language"].value == "zh-hans"
    case, _link = sender.sent()
    assert case.language == "zh-hans"
    with override("zh-hans"):
        assert "您" in sender.desk.told(case)[0].body
    back = sender.client.get("/complain/?language=en").content.decode()
    assert 'lang="en"' in back and "/complain/?language=xx" not in back
    for asked in ("lang=zh", "language=zh-CN", "lang=ZH-hans"):  # as people and their links write it
        assert 'lang="zh-hans"' in sender.client.get(f"/complain/?{asked}").content.decode()
        assert 'lang="zh-hans"' in sender.client.get("/complain/?lang=xx").content.decode()  # it stays
        sender.client.get("/complain/?language=en")
        assert 'lang="zh-hans"' in sender.client.get(f"/help/?{asked}").content.decode()
    assert 'lang="en"' in sender.client.get("/complain/?lang=" + "z" * 600).content.decode()


def test_nothing_keeps_or_lists_the_pages(sender: Sender) -> None:
    _case, link = sender.sent()
    assert "no-store" in sender.answer["Cache-Control"]
    for path, policy, kept in (("/complain/", "same-origin", "no-cache"), (link, "no-referrer", "no-store")):
        head = sender.client.get(path).headers
        assert kept in head["Cache-Control"] and "private" in head["Cache-Control"]
        assert "noindex" in head["X-Robots-Tag"] and head["Referrer-Policy"] == policy
    assert 'action="?sent"' in sender.client.get("/complain/").content.decode()  # so that back finds the form as it was


@pytest.mark.parametrize("field", ["description", "conduct", "when", "wanted_remedy", "name", "reach"])
def test_no_field_carries_a_script(sender: Sender, field: str) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    case, link = sender.sent(**{field: evil})
    pages = [sender.text, sender.client.get(link).content.decode()]
    inside = Client()
    inside.force_login(sender.desk.world.person("complaint_handler"))
    pages.append(inside.get(case.url).content.decode())
    for page in pages:
        assert "<script>alert" not in page and "<img src=x" not in page
    assert any("&lt;script&gt;alert" in page for page in pages)
    assert sender.send(**{field: evil, "tell": "nothing"}) is None and "<script>alert" not in sender.text


def test_the_secret_is_kept_nowhere(sender: Sender, caplog: pytest.LogCaptureFixture) -> None:
    case, link = sender.sent()
    secret = link.split("/")[-2]
    row = Tracking.objects.get()
    assert row.hash == digest(secret) and secret not in str(vars(row)) and len(secret) == 43
    receipt = sender.desk.told(case)[0]
    assert MARK in receipt.body and secret not in receipt.body
    trail = "".join(f"{one.changes}{one.note}" for one in Entry.objects.all())
    assert secret not in trail and "/complain/track/" not in trail


def test_the_desk_finds_out_who_it_is_before_assessing(sender: Sender) -> None:
    from comity.records import write
    from comity.records.trail import Refused
    from tests.cases.conftest import RATED

    desk, world = sender.desk, sender.desk.world
    case, _link = sender.sent()
    rated = {**RATED, "handler": world.email("complaint_handler")}
    with pytest.raises(Refused, match="which customer"):
        desk.move(case, "assess", **rated)
    assert Case.objects.get(pk=case.pk).status == "acknowledged"
    found = {"customer": world.customer.ref, "contact": world.contact.ref, "service": world.service.ref}
    case = write.update(case, found, actor=world.actor("complaint_handler"))
    assert desk.move(case, "assess", **rated).status == "assessed"


def test_the_form_is_what_the_data_of_the_tests_say() -> None:
    from comity.intake.public.forms import Complaint

    assert set(SAID) <= set(Complaint().fields) and Complaint(SAID).is_valid()


def test_signs_that_nobody_sees_are_no_answer(sender: Sender) -> None:
    for name in ("description", "conduct", "name"):
        assert sender.send(**{name: "\u200b\ufeff"}) is None
        assert sender.answer.status_code == 422 and name in sender.answer.context["form"].errors
