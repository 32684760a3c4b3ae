"""Out and in again: what notices send comes back as a reply, by every program that people write with."""

from __future__ import annotations

import pytest

from comity.cases.models import Case
from comity.communications import originals
from comity.communications.mail import Mail
from comity.intake.mail.parsing import Letter, read
from comity.records import seal
from tests.intake.mail.conftest import Post


def carried(case: Case) -> bytes:
    """The mail that notices put into the ledger for what was said about the case, as its receiver gets it."""
    while seal.drain():
        pass
    (mail,) = Mail.objects.filter(direction="out", ref=case.ref, communication__isnull=False)
    return originals.read(mail.raw)


@pytest.mark.parametrize("sender", ["ada@aster.example", "new@elsewhere.example"])
@pytest.mark.parametrize("keeps", ["thread", "address", "subject"])
def test_a_receipt_is_answered(post: Post, sender: str, keeps: str) -> None:
    first = post.letter("When do you open?", **{"from": sender})
    case = post.case(post.take(first))
    sent: Letter = read(carried(case))
    assert [one.email for one in sent.recipients] == [sender] and case.ref in sent.text
    assert first["message-id"].strip("<>") in sent.references, "their program shows no thread"
    assert sent.value("Auto-Submitted") != "no", "a rule wrote it"
    headers = {
        "thread": {"subject": "hello", "references": f"<{sent.message_id}>"},
        "address": {"subject": "hello", "to": sent.value("Reply-To")},
        "subject": {"subject": f"RE: {sent.subject}"},
    }[keeps]
    reply = post.letter("Thanks. And on Sundays?", **{"from": sender}, **headers)
    assert post.take(reply).ref == case.ref
    assert Case.objects.count() == 1 and len(post.said(case)) == 2
    while seal.drain():
        pass
    outside = [one for one in Mail.objects.filter(direction="out", ref=case.ref) if sender in one.recipients]
    assert len(outside) == 1, "a reply got another receipt"


def test_what_we_send_is_never_taken_in(post: Post) -> None:
    """A forwarding loop brings our own mail back."""
    case = post.case(post.send())
    raw, before = carried(case), post.counts()[:2]
    assert post.take(raw).state == "ignored" and post.counts()[:2] == before
