"""A mail of ours that came back is told once to those who must now find another way to the customer."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from comity.cases.models import Case
from comity.communications.mail import Mail
from comity.notices.models import Notification
from comity.notices.operations.notifying import words
from tests.cases.conftest import Desk
from tests.intake.mail.conftest import Post
from tests.notices.conftest import drained, read, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.reference]
POSTFIX = ("zammad", "mail033-undelivered-mail-returned-to-sender.eml", "20150830145601.30.608881@edenhofer.tts.com")
EXIM = ("php_imap", "example_bounce.eml", "UyVznI5nOyYGnv7Ij0hi6ro4gvxwGT999eQAtc4o@127.0.0.1")
RECEIVERS = ("not_existing@znuny.com", "ding@ding.de")


@pytest.fixture(autouse=True)
def own_address(settings: Any) -> None:
    settings.URL = "https://care.example.org"


def report(folder: Path, collection: str, name: str) -> bytes:
    """A delivery report as a real server wrote it."""
    with zipfile.ZipFile(folder / "mail" / f"{collection}.zip") as packed:
        (path,) = (path for path in packed.namelist() if path.endswith(name))
        return packed.read(path)


def told(case: Case) -> list[Notification]:
    drained()
    return list(Notification.objects.filter(event="mail_failed", record_id=case.pk).order_by("person__email"))


@pytest.mark.parametrize("sort", [POSTFIX, EXIM], ids=["postfix", "exim"])
def test_a_report_reaches_the_handler_and_the_author_once(
    reference_data: Path, post: Post, desk: Desk, sort: tuple[str, str, str]
) -> None:
    collection, name, message_id = sort
    case = desk.at("assessed")
    mail = post.wrote(case, by="relationship_manager", message_id=message_id)
    raw = report(reference_data, collection, name)
    assert told(case) == []
    assert post.take(raw).ref == case.ref
    found = told(case)
    here = post.world
    assert [one.person.email for one in found] == [here.email("complaint_handler"), here.email("relationship_manager")]
    for one in found:
        assert "another channel" in words(one) and not any(address in words(one) for address in RECEIVERS)
    letter = Mail.objects.get(
        direction="out", recipients=[here.email("complaint_handler")], subject__contains="channel"
    )
    assert case.ref in read(letter)["Subject"] and f"https://care.example.org{case.url}" in text_of(letter)
    mail.refresh_from_db()
    assert mail.state == "failed"
    again = raw.replace(b"From:", b"X-Once: more\nFrom:", 1).replace(b"Message-I", b"X-Message-I", 1)
    assert post.take(again).state == "taken" and len(told(case)) == 2, "a second report of the same mail"


def test_a_case_of_nobody_concerns_whoever_looks_after_the_customer(
    reference_data: Path, post: Post, desk: Desk
) -> None:
    case = desk.register()
    assert case.handler is None
    post.wrote(case, by="service_desk", message_id=POSTFIX[2])
    post.take(report(reference_data, *POSTFIX[:2]))
    here = post.world
    assert {one.person.email for one in told(case)} == {case.customer.owner.email, here.email("service_desk")}


def test_a_notification_that_comes_back_raises_no_other(reference_data: Path, post: Post, desk: Desk) -> None:
    case = desk.at("assessed")
    mail = post.sent(case, POSTFIX[2], post.world.email("complaint_handler"))
    notes = post.notes(case)
    assert post.take(report(reference_data, *POSTFIX[:2])).state == "taken"
    mail.refresh_from_db()
    assert mail.state == "failed" and told(case) == [] and post.notes(case) == notes
