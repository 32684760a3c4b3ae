"""Mail as people see it: on the case with its quote folded, in the ledger, and as the original message."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comity.cases.models import Case
from comity.communications.mail import Mail
from comity.records import write
from comity.records.models import Entry
from tests.intake.mail.conftest import Post

REPLY = "It is the second floor.\n\nOn Tue, 3 Mar 2026, Desk <help@provider.example> wrote:\n> Which floor?\n"


@pytest.fixture
def visitor(post: Post) -> Any:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(post.world.person(name))
        return client

    return sign_in


def test_the_case_shows_what_is_new_and_folds_the_quote(post: Post, visitor: Any) -> None:
    letter = post.letter(REPLY)
    letter.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    case = post.case(post.take(letter))
    row = Mail.objects.get(direction="in")
    page = visitor("service_desk").get(f"{case.url}?tab=said").content.decode()
    new, quoted = page.index("It is the second floor."), page.index("&gt; Which floor?")
    assert "<details" in page[new:quoted] and f"/mail/{row.pk}/original/" in page
    assert page.count("plan.pdf") >= 2, "beside the mail and among the files"
    assert post.said(case)[0].body.strip() == REPLY.strip(), "the text is kept whole"


def test_the_original_is_a_download_for_those_who_read_the_case(post: Post, visitor: Any) -> None:
    letter = bytes(post.letter("<script>alert(1)</script>"))
    case = post.case(post.take(letter))
    row = Mail.objects.get(direction="in")
    address = f"/mail/{row.pk}/original/"
    for name in ("service_desk", "complaint_handler", "process_manager", "auditor"):
        answer = visitor(name).get(address)
        assert answer.status_code == 200 and answer.content == letter, name
        assert "attachment" in answer["Content-Disposition"] and answer["Content-Type"] == "application/octet-stream"
        assert "sandbox" in answer["Content-Security-Policy"] and answer["X-Content-Type-Options"] == "nosniff"
    for name in ("supplier_manager", "administrator", "customer_contact", "supplier_contact"):
        answer = visitor(name).get(address)
        assert answer.status_code == 404 and b"script" not in answer.content, name
    assert Client().get(address).status_code in (302, 403)
    assert case.ref


def test_who_must_not_know_who_complains_gets_no_original(post: Post, visitor: Any) -> None:
    case = post.case(post.send())
    rule = write.Actor.system("test")
    write.assign(case, {"confidential": True}, actor=rule)
    address = f"/mail/{Mail.objects.get(direction='in').pk}/original/"
    person = visitor("senior_manager")
    assert person.get(case.url).status_code == 200
    assert person.get(address).status_code == 404
    assert b"ada@aster" not in person.get(f"{case.url}?tab=said").content.lower()
    assert visitor("complaint_handler").get(address).status_code == 200


def test_reading_the_original_of_a_restricted_case_leaves_a_line(post: Post, visitor: Any) -> None:
    case = post.case(post.send())
    write.assign(
        case, {"restricted": True, "handler": post.world.person("complaint_handler")}, actor=write.Actor.system("t")
    )
    visitor("complaint_handler").get(f"/mail/{Mail.objects.get(direction='in').pk}/original/")
    assert Entry.objects.filter(kind="case", record_id=case.pk, act="read").count() == 1


def test_what_goes_out_is_not_given_out(post: Post, visitor: Any) -> None:
    """Letters on their way out carry secret addresses."""
    case = post.case(post.send())
    mail = post.sent(case)
    assert visitor("process_manager").get(f"/mail/{mail.pk}/original/").status_code == 404


@pytest.mark.parametrize("name", ["administrator", "process_manager"])
def test_the_ledger_is_for_those_who_keep_it(post: Post, visitor: Any, name: str) -> None:
    post.send(subject="A matter of mine")
    post.send("Away.", auto_submitted="auto-replied", subject="Out of office")
    answer = visitor(name).get("/mail/")
    page = answer.content.decode()
    assert answer.status_code == 200 and "written by a program" in page and "Out of office" in page
    assert ("A matter of mine" in page) == (name == "process_manager"), "only who reads the case reads its subject"
    assert "Out of office" not in visitor(name).get("/mail/?state=taken").content.decode()
    assert "Out of office" not in visitor(name).get("/mail/?way=out").content.decode()
    assert visitor(name).get("/mail/?state=nonsense").status_code == 404


@pytest.mark.parametrize("name", ["service_desk", "relationship_manager", "auditor", "customer_contact"])
def test_the_ledger_is_not_for_others(post: Post, visitor: Any, name: str) -> None:
    post.send("Away.", auto_submitted="auto-replied")
    row = Mail.objects.get()
    assert visitor(name).get("/mail/").status_code in (403, 404)
    assert visitor(name).post(f"/mail/{row.pk}/act/", {"act": "take"}).status_code in (403, 404)
    assert Case.objects.count() == 0


def test_the_ledger_pages_by_key(post: Post, visitor: Any) -> None:
    rows = [Mail(direction="out", state="sent", message_id=f"{n}@x", at=timezone.now()) for n in range(120)]
    Mail.objects.bulk_create(rows)
    person, seen, address = visitor("process_manager"), 0, "/mail/?way=out"
    for _n in range(3):
        page = person.get(address).content.decode()
        seen += page.count('<td class="main')
        if 'rel="next"' in page:
            address = "/mail/" + page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert seen == 120


def test_what_was_set_aside_is_taken_in_by_hand_once(post: Post, visitor: Any) -> None:
    post.send("Your line is down.", auto_submitted="auto-generated")
    row, person = Mail.objects.get(), visitor("process_manager")
    for _n in range(2):
        assert person.post(f"/mail/{row.pk}/act/", {"act": "take"}).status_code == 303
    assert Case.objects.count() == 1 and Mail.objects.get(pk=row.pk).state == "taken"
    assert Entry.objects.filter(kind="mail", act="retry").count() == 1


def test_what_failed_is_sent_again(post: Post, visitor: Any) -> None:
    mail = post.sent(post.case(post.send()))
    Mail.objects.filter(pk=mail.pk).update(state="failed", reason="550 no", attempts=3, raw="mail/x.eml")
    person = visitor("administrator")
    person.post(f"/mail/{mail.pk}/act/", {"act": "take"})
    mail.refresh_from_db()
    assert mail.state == "failed"
    person.post(f"/mail/{mail.pk}/act/", {"act": "retry"})
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.reason) == ("waiting", 0, "") and mail.next_at is not None


def test_the_communication_tells_which_mail_carried_it(post: Post, visitor: Any) -> None:
    case = post.case(post.send(to="Desk <help@provider.example>"))
    page = visitor("process_manager").get(post.said(case)[0].url).content.decode()
    assert "ada@aster.example" in page and "/original/" in page
