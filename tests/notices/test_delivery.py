"""Which notices of a case Comity carries, and to which address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.cases.operations.outside import Sender, take_in
from comity.communications.models import Communication, Mail
from comity.communications.outgoing import _fillers, fills
from comity.records import write
from comity.records.trail import Actor
from tests.notices.conftest import Desk, drained, text_of

pytestmark = pytest.mark.django_db


def to_customers() -> list[Mail]:
    drained()
    return list(Mail.objects.filter(communication__isnull=False).order_by("pk"))


def acknowledged(desk: Desk, **case: Any) -> tuple[str, list[Mail]]:
    (notice,) = desk.told(desk.step(desk.register(**case)))
    return notice.delivery, to_customers()


def test_a_notice_goes_by_mail_where_there_is_an_address(desk: Desk) -> None:
    delivery, (mail,) = acknowledged(desk)
    assert delivery == "mail" and mail.recipients == ["ada@aster.example"]
    assert "we have your message" in mail.subject and "service_desk@provider.example" in text_of(mail)


@pytest.mark.parametrize(
    ("channel", "delivery"), [("letter", "letter"), ("phone", ""), ("in_person", ""), ("email", "mail")]
)
def test_the_customers_wish_decides(desk: Desk, channel: str, delivery: str) -> None:
    found, mails = acknowledged(desk, notification_wish={"channel": channel, "events": ["acknowledged"]})
    assert (found, len(mails)) == (delivery, int(delivery == "mail"))


def test_a_contact_without_address_or_who_has_left_gets_no_mail(desk: Desk) -> None:
    write.update(desk.world.contact, {"email": ""}, actor=desk.world.actor("relationship_manager"))
    assert acknowledged(desk) == ("", [])


def test_what_was_told_days_ago_is_not_told_again_by_mail(desk: Desk) -> None:
    case = desk.register(received_at=timezone.now() - timedelta(days=3))
    actor, then = desk.world.actor("service_desk"), timezone.now() - timedelta(days=2)
    said = desk.heard(case, direction="outbound", purpose="acknowledgement", occurred_at=then.isoformat())
    write.transition(case, "acknowledge", {"communication": said}, actor=actor, happened_at=then)
    assert [(one.ref, one.delivery) for one in desk.told(case)] == [(said, "")] and to_customers() == []


def test_a_sender_who_is_no_contact_is_written_to(desk: Desk) -> None:
    by = Actor.system("mail_intake", "mail")
    case = take_in(
        Sender("Bo Unknown", "bo@unknown.example", language="zh-hans"),
        {"channel": "email", "description": "It broke.", "wanted_remedy": "Mend it."}, actor=by,
    )  # fmt: skip
    write.transition(case, "acknowledge", {}, actor=desk.world.actor("service_desk"))
    (mail,) = to_customers()
    assert mail.recipients == ["bo@unknown.example"] and "我们已收到" in text_of(mail)


def test_a_secret_stands_in_the_mail_and_not_in_the_log(desk: Desk, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_fillers, "⟦secret⟧", str)
    fills("⟦secret⟧")(lambda said: f"key of {said.ref}")
    said = say(body="Here: ⟦secret⟧")
    (mail,) = to_customers()
    assert f"Here: key of {said.ref}" in text_of(mail)
    assert Communication.objects.get(pk=said.pk).body == "Here: ⟦secret⟧"


def test_what_comes_in_is_not_carried_and_a_mail_needs_an_address(desk: Desk, say: Any) -> None:
    before = Communication.objects.count()
    with pytest.raises(ValidationError, match="goes out"):
        say(direction="inbound")
    write.update(desk.world.contact, {"email": ""}, actor=desk.world.actor("relationship_manager"))
    with pytest.raises(ValidationError, match="e-mail address"):
        say()
    assert Communication.objects.count() == before
