"""What a letter becomes: a communication with its text and enclosures, a new case, or an answer to a record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from comity.cases.models.privacy import topic_of
from comity.cases.operations import joining, outside, telling, wording
from comity.cases.rules.deadlines import reopenable_until
from comity.clocks.parameters import limit
from comity.communications import undelivered
from comity.communications.mail import Mail
from comity.communications.models import Channel, Communication
from comity.communications.operations import channel_at
from comity.intake.mail import automatic
from comity.intake.mail.feeling import dissatisfied, language
from comity.intake.mail.parsing import Letter
from comity.intake.mail.quoting import new_part
from comity.records import write
from comity.records.kind import kind_named
from comity.records.models import File
from comity.records.trail import Actor

RULE, VIA = "mail_intake", "mail"
ENCLOSURES_AT_MOST = 50
RECEIPTS_A_DAY = 5
Purpose = Communication.Purpose
_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|fw|fwd|wg|sv|antw|回复|回覆|答复|转发|轉寄)\s*(?:\[\d+\])?\s*[:：])+\s*", re.IGNORECASE
)

AS_ENQUIRY = gettext_noop(
    "Taken in as an enquiry, because the mail names no dissatisfaction in words that the rule knows."
    " If it expresses any, make it a complaint."
)
AS_COMPLAINT = gettext_noop("Taken in as a complaint, because of the words “%(words)s”.")
BY_CHANNEL = gettext_noop("Taken in as a complaint, because it came through the channel for complaints %(channel)s.")
CAME = gettext_noop("An e-mail came in: %(ref)s.")
FROM_PROGRAM = gettext_noop("An automatic message came in: %(ref)s. It counts as no answer.")
FROM_STRANGER = gettext_noop(
    "An e-mail came in from somebody who has no part in this matter so far: %(ref)s. Nothing was done because of it."
)
TO_READ = gettext_noop(
    "The customer has written since the result was told: %(ref)s. Somebody must read it and confirm or reject the"
    " result; until then the case does not close by itself."
)
AFTER_CLOSING = gettext_noop("The customer has written after closing: %(ref)s. Decide whether to reopen the case.")
FOLLOWS = gettext_noop("The customer has written, but the time to reopen is over: the matter goes on as %(ref)s.")
CLAIMED = gettext_noop("The mail names %(refs)s, but nothing shows that its sender has a part in that.")
TOO_LONG = gettext_noop("The text is longer than is shown; all of it is in the original message.")
TOO_MANY = gettext_noop("%(n)s of the enclosed files were not filed; they are in the original message.")
REPLIED = gettext_noop("Answered by e-mail.")


@dataclass(frozen=True)
class Filed:
    """The record that a letter now belongs to, and what stands there of it."""

    record: Any
    communication: Communication
    new: tuple[int, int]
    files: list[File]


def actor() -> Actor:
    return Actor.system(RULE, VIA)


def open_case(letter: Letter, at: datetime, claimed: tuple[str, ...], rule: Actor) -> Filed:
    """A new case of whoever writes, known to us or not; the classification is a person's to confirm."""
    said = _said(letter)
    channel = _channel(letter)
    values, words, facts = _classified(letter, said, channel)
    values |= _description(letter, said)
    sender = outside.Sender(letter.sender.name, _reachable(letter), language=language(said))
    case = outside.take_in(sender, values, actor=rule, received_at=at)
    write.note_auto(case, words, rule, **facts)
    if claimed:
        write.note_auto(case, CLAIMED, rule, refs=", ".join(claimed))
    return _filed(letter, case, at, Purpose.INTAKE, rule, channel)


def _channel(letter: Letter) -> Channel | None:
    """That of ours to which the letter was sent."""
    return channel_at([one.email for one in letter.recipients])


def _reachable(letter: Letter) -> str:
    """The sender's address, where it is one that a form would take."""
    address = letter.sender.email
    return address if re.fullmatch(r"[^@\s]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}", address) else ""


def _said(letter: Letter) -> str:
    start, end = new_part(letter.text)
    return letter.text[start:end].strip() or letter.text.strip()


def _description(letter: Letter, said: str) -> dict[str, Any]:
    title = _PREFIX.sub("", letter.subject).strip() or next(iter(said.split("\n")), "").strip()
    with override(settings.LANGUAGE_CODE):
        return {
            "channel": "email", "title": (title or _("(no subject)"))[:200],
            "description": said or letter.subject.strip() or _("The mail has no text."),
        }  # fmt: skip


def _classified(letter: Letter, said: str, channel: Channel | None) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """What a rule can say: a complaint by the channel or by its words, else an enquiry; and the reason."""
    purposes = set(channel.purposes.values_list("code", flat=True)) if channel else set()
    if channel is not None and "complaint" in purposes and not purposes & {"request", "information", "feedback"}:
        return {"classification": "complaint"}, BY_CHANNEL, {"channel": channel.name}
    if words := dissatisfied(f"{letter.subject}\n{said}"):
        return {"classification": "complaint"}, AS_COMPLAINT, {"words": words}
    return {"classification": "enquiry"}, AS_ENQUIRY, {}


def answer(letter: Letter, record: Any, at: datetime, rule: Actor, *, related: bool, robot: str) -> Filed:
    """The letter on the record that it is about. Only somebody with a part in it moves anything by writing."""
    if record.kind.name != "case":
        filed = _filed(letter, record, at, Purpose.OTHER, rule, _channel(letter))
        write.note_auto(record, FROM_PROGRAM if robot else CAME, rule, ref=filed.communication.ref)
        return filed
    case = write.assign(record, {}, actor=rule)  # holds the case from here on
    if related and _too_late_to_reopen(case, at):
        return _follow_up(letter, case, at, rule)
    filed = _filed(letter, case, at, Purpose.OTHER, rule, _channel(letter))
    ref = filed.communication.ref
    if robot or not related:
        write.note_auto(case, FROM_PROGRAM if robot else FROM_STRANGER, rule, ref=ref)
    elif case.status == "awaiting_customer":
        write.note_auto(case, CAME, rule, ref=ref)
        write.transition(case, "reply", actor=rule, note=REPLIED, happened_at=max(at, case.moved_at or at))
    else:
        words = {"resolved": TO_READ, "closed": AFTER_CLOSING}.get(case.status, CAME)
        write.note_auto(case, words, rule, ref=ref)
    return filed


def _too_late_to_reopen(case: Any, at: datetime) -> bool:
    days = round(limit("complaint_reopen_days").value)
    return case.closed_at is not None and at > reopenable_until(case.closed_at, days)


def _follow_up(letter: Letter, case: Any, at: datetime, rule: Actor) -> Filed:
    """Too late to reopen: the matter goes on as a case of its own, linked to the old one (ISO 10002)."""
    said, channel = _said(letter), _channel(letter)
    values, _words, _facts = _classified(letter, said, channel)
    if case.is_complaint:
        values["classification"] = "complaint"
    values |= _description(letter, said) | {"received_at": at}
    contact = outside.contact_of(letter.sender.email)
    if contact is not None and contact.customer_id == case.customer_id:
        values["contact"] = contact
    made = joining.follow_up(case, values, actor=rule)
    write.note_auto(case, FOLLOWS, rule, ref=made.ref)
    return _filed(letter, made, at, Purpose.INTAKE, rule, channel)


def _filed(letter: Letter, record: Any, at: datetime, purpose: str, rule: Actor, channel: Channel | None) -> Filed:
    """The communication and the enclosed files; the text is kept whole. What answers what follows from the times at
    which our server had it, since the sender's clock may be wrong."""
    customer, contact = getattr(record, "customer", None), getattr(record, "contact", None)
    if contact is None or contact.email.lower() != letter.sender.email:
        contact = outside.contact_of(letter.sender.email) if customer is not None else None
    if contact is not None and (customer is None or contact.customer_id != customer.pk):
        contact = None
    with override(settings.LANGUAGE_CODE):
        summary = letter.subject.strip() or _("(no subject)")
    values = {
        "direction": Communication.Direction.INBOUND,
        "purpose": purpose,
        "topic": topic_of(record) if record.kind.name == "case" else Communication.Topic.FEEDBACK,
        "channel": channel,
        "customer": customer,
        "contact": contact,
        "subject_ref": record.ref,
        "occurred_at": at,
        "summary": summary[:300],
        "body": letter.text,
        "restricted": bool(getattr(record, "restricted", False)),
    }
    made: Communication = write.create(
        kind_named("communication"), values, actor=rule, unit=record.unit, happened_at=at
    )
    if letter.cut:
        write.note_auto(record, TOO_LONG, rule)
    kept = letter.enclosures[:ENCLOSURES_AT_MOST]
    uploads = [ContentFile(one.content, name=one.name) for one in kept]
    files = write.attach_all(record, uploads, actor=rule) if uploads else []
    if len(letter.enclosures) > len(kept):
        write.note_auto(record, TOO_MANY, rule, n=str(len(letter.enclosures) - len(kept)))
    return Filed(record, made, new_part(letter.text), files)


def receive(case: Any, letter: Letter, at: datetime, rule: Actor) -> None:
    """Tell the sender that it arrived, once for a case and never a robot.

    With number and named contact that acknowledges the case; without a contact to name it is only a receipt, and the
    clock runs on until a person acknowledges (ISO 10002).
    """
    if case.status != "received" or automatic.unanswered(letter) or not _reachable(letter):
        return
    rows = Mail.objects.filter(direction=Mail.Direction.IN, sender=letter.sender.email, at__gt=at - timedelta(days=1))
    if rows.filter(communication__purpose=Purpose.INTAKE).count() > RECEIPTS_A_DAY:
        return
    if outside.receipt(case, rule).acknowledged_at is not None:
        return
    with override(wording.language_of(case)):
        summary = _("%(ref)s: your message has arrived") % {"ref": case.ref}
        body = _("We have received your message of %(date)s. Its number is %(ref)s. Somebody will write to you.")
        body %= {"date": wording.day(case, case.received_at), "ref": case.ref}
    telling.log(case, Purpose.OTHER, summary, body, rule.by(outside.RECEIPT))


def came_back(report: automatic.Report) -> str:
    """Mark the mail that came back and tell its record, once; the reference, empty if it is none of ours."""
    rows = Mail.objects.filter(direction=Mail.Direction.OUT, message_id__in=report.message_ids)
    sent = rows.exclude(ref="").order_by("pk").first()
    if sent is None:
        return ""
    if not report.failed:
        undelivered.delayed(sent, report.why, report.recipient)
        return sent.ref
    why = f"{report.recipient}: {report.why}"[:300]
    alive = Mail.objects.filter(pk=sent.pk).exclude(state=Mail.State.FAILED)
    if alive.update(state=Mail.State.FAILED, reason=why, next_at=None):  # what failed before has been told
        undelivered.failed(sent, report.why, report.recipient)
    return sent.ref
