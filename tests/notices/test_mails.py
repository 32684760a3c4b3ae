"""How a mail is built: headers that thread it, no header that a text can make, the bytes that are kept."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.header import decode_header
from email.utils import parseaddr
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from comity.communications.mail import ref_of, token
from comity.communications.models import Mail
from comity.notices.models import DEFAULTS, Event, Notification, Way
from comity.notices.operations import mailing
from comity.notices.rules import one_line
from comity.records import write
from tests.notices.conftest import Desk, drained, read, text_of
from tests.worlds import World

pytestmark = pytest.mark.django_db
Mailed = Callable[..., Mail]


def test_an_outbound_communication_becomes_one_waiting_mail(say: Callable[..., Any], world: World) -> None:
    said = say()
    drained()
    drained()
    mail = Mail.objects.get()
    assert (mail.communication, mail.direction, mail.state) == (said, "out", "waiting")
    assert mail.recipients == ["ada@aster.example"] and mail.sender == "help@provider.example"
    message = read(mail)
    assert message["Message-ID"] == f"<{mail.message_id}>" and mail.message_id.startswith(f"{said.ref.lower()}.")
    assert message["From"] == "Root Services <help@provider.example>"
    assert message["To"] == "Ada Aster <ada@aster.example>"
    assert message["Auto-Submitted"] == "no", "a person wrote it"
    assert message["Reply-To"] is None and "[" not in message["Subject"], "it concerns no record"
    assert text_of(mail).startswith("Yes.\n\n-- \nRoot Services")


@pytest.mark.parametrize(
    "values",
    [{"delivery": ""}, {"delivery": "letter"}, {"direction": "inbound", "delivery": ""}],
)
def test_what_is_not_carried_by_mail_is_not_mailed(say: Callable[..., Any], values: dict[str, str]) -> None:
    say(**values)
    drained()
    assert not Mail.objects.exists()


def test_what_an_import_brings_is_not_mailed(world: World) -> None:
    from comity.records.bulk import create_many
    from comity.records.kind import kind_named

    row = {"direction": "outbound", "summary": "Long ago", "delivery": "mail", "contact": world.contact.ref}
    done = create_many(kind_named("communication"), [row], actor=world.actor("relationship_manager", "import"))
    assert not done.errors and len(done.created) == 1
    drained()
    assert not Mail.objects.exists()


def test_replies_come_back_to_the_record_by_address_and_by_subject(desk: Desk, mailed: Mailed) -> None:
    case = desk.register()
    message = read(mailed(by="complaint_handler", subject_ref=case.ref))
    local, _at, domain = message["Reply-To"].partition("@")
    assert domain == "provider.example" and ref_of(local.partition("+")[2]) == case.ref
    assert message["Subject"] == f"Our answer [{token(case.ref)}]"
    assert f"Your reference: {case.ref}" in str(message.get_body().get_content())  # type: ignore[union-attr]


def test_a_mail_names_those_before_it(desk: Desk, mailed: Mailed) -> None:
    case = desk.register()
    first = mailed(by="complaint_handler", subject_ref=case.ref)
    other = {"direction": "in", "state": "taken", "ref": case.ref, "at": timezone.now()}
    Mail.objects.create(**other, message_id="theirs@aster.example", sender="Ada <Ada@aster.example>")
    Mail.objects.create(**other, message_id="strange@x.example", sender="somebody@x.example")
    Mail.objects.create(**other, message_id="sha256:00", sender="ada@aster.example")
    second = mailed(by="complaint_handler", subject_ref=case.ref)
    message = read(second)
    assert message["In-Reply-To"] == "<theirs@aster.example>" and second.in_reply_to == "theirs@aster.example"
    assert str(message["References"]).split() == [f"<{first.message_id}>", "<theirs@aster.example>"]
    assert read(first)["References"] is None


def test_what_a_rule_writes_says_so(desk: Desk, mailed: Mailed) -> None:
    said = write.create(
        write.kind_of(type(mailed().communication)),
        {"direction": "outbound", "delivery": "mail", "contact": desk.world.contact.ref, "summary": "How it stands"},
        actor=write.Actor.system("CSMS-10.2-e"),
    )
    drained()
    assert read(Mail.objects.get(communication=said))["Auto-Submitted"] == "auto-generated"


EVIL = "Hello\r\nBcc: victim@x.example\n\nSecond body\u2028X-Evil: 1"


def test_no_text_becomes_a_header(world: World, mailed: Mailed) -> None:
    actor = world.actor("relationship_manager")
    write.update(world.contact, {"name": 'Ada" <x@x.example>,\n"B'}, actor=actor)
    mail = mailed(summary=EVIL)
    message = read(mail)
    assert message["Bcc"] is None and message["X-Evil"] is None
    assert "Bcc: victim@x.example" in message["Subject"]
    assert [one.addr_spec for one in message["To"].addresses] == ["ada@aster.example"]
    assert len(message.get_all("Subject")) == 1 and text_of(mail).startswith("Yes.")


def test_long_chinese_subjects_and_texts_come_through(world: World, mailed: Mailed) -> None:
    write.update(world.contact, {"name": "王小明", "language": "zh-hans"}, actor=world.actor("relationship_manager"))
    subject, body = "关于贵公司投诉处理结果的说明（第三次）与 Hosting 服务，" * 8, "您好：\n\n" + "很长的一段话。" * 400
    mail = mailed(summary=subject[:290], body=body)
    message = read(mail)
    assert message["Subject"] == subject[:290] and message["To"].addresses[0].display_name == "王小明"
    assert text_of(mail).startswith(body)
    from comity.communications import originals

    raw = originals.read(mail.raw)
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998 and b"\n" not in raw.replace(b"\r\n", b"")


def test_files_of_the_communication_go_with_it(world: World, say: Callable[..., Any]) -> None:
    said = say()
    upload = SimpleUploadedFile("Übersicht 结果.pdf", b"%PDF-1.7")
    write.attach(said, upload, actor=world.actor("relationship_manager"))
    drained()
    (part,) = read(Mail.objects.get()).iter_attachments()
    assert part.get_content() == b"%PDF-1.7" and "结果" in str(part.get_filename())


def test_a_mail_that_cannot_be_built_stands_as_failed_and_stops_nobody(
    say: Callable[..., Any], monkeypatch: Any
) -> None:
    def broken(*_args: Any) -> bytes:
        raise ValueError("Invalid address\nX")

    monkeypatch.setitem(DEFAULTS, Event.MAIL_FAILED, Way.APP)
    with monkeypatch.context() as patch:
        patch.setattr(mailing, "build", broken)
        said = say()
        drained()
    mail = Mail.objects.get()
    told = Notification.objects.filter(event="mail_failed").values_list("person", flat=True)
    assert said.entered_by_id in told
    assert (mail.state, mail.reason, mail.next_at) == ("failed", "Invalid address X", None)
    say()
    drained()
    assert Mail.objects.filter(state="waiting").count() == 1


@given(st.text(max_size=300), st.text(max_size=150))
def test_any_subject_and_name_come_through(subject: str, name: str) -> None:
    subject, name = (one_line(text).encode("utf-8", "ignore").decode() for text in (subject, name))
    letter = mailing.Letter("ada@aster.example", name, subject, "Yes.", "en")
    mail = Mail(subject=subject, message_id="a@b")
    raw = mailing.build(letter, mail, (), timezone.now())
    message = message_from_bytes(raw, policy=policy.default)
    assert message.get_all("Subject") == [subject] and not message.defects
    assert [one.addr_spec for one in message["To"].addresses] == ["ada@aster.example"]
    to = message_from_bytes(raw)["To"]  # the newer parser puts a blank between the encoded words of a name
    word = decode_header(to)[0][0]
    shown = parseaddr(to)[0] if isinstance(word, str) else word.decode()
    assert shown == " ".join(name.split())
