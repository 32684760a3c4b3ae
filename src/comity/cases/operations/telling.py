"""What the customer is told, each time a logged communication; what is not told leaves its reason in the timeline."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, override

from comity.cases.models import Case, choices
from comity.cases.models.privacy import topic_of
from comity.cases.operations import wording
from comity.cases.operations.people import is_outside
from comity.cases.rules.notices import Event, Why, notice
from comity.communications.models import Channel, Communication
from comity.communications.rules import at_once
from comity.communications.saying import say
from comity.records import write
from comity.records.access import may
from comity.records.kind import kind_of
from comity.records.models import Link
from comity.records.trail import Actor

Purpose = Communication.Purpose
PURPOSE: dict[Event, str] = {
    Event.ACKNOWLEDGED: Purpose.ACKNOWLEDGEMENT,
    Event.FIRST_ANSWER: Purpose.ANSWER,
    Event.ACTION: Purpose.PROGRESS,
    Event.ESCALATED: Purpose.PROGRESS,
    Event.RESOLVED: Purpose.RESULT,
    Event.DELAY: Purpose.EXPLANATION,
    Event.CLOSED: Purpose.PROGRESS,
    Event.MERGED: Purpose.DECISION,
    Event.RECLASSIFIED: Purpose.DECISION,
    Event.RECOURSE: Purpose.RECOURSE,
    Event.PROGRESS: Purpose.PROGRESS,
    Event.REMINDER: Purpose.REMINDER,
    Event.QUESTION: Purpose.QUESTION,
}
NOT_SENT: dict[Why, str] = {
    Why.ANONYMOUS: gettext_noop("No notice was sent: the complainant is anonymous."),
    Why.INTERNAL: gettext_noop("No notice was sent: an internal complaint without a contact."),
    Why.RESULT_ONLY: gettext_noop("No notice was sent: the customer wants to hear the result only."),
    Why.NOT_WISHED: gettext_noop("No notice was sent: the customer did not wish for it."),
    Why.DEFAULT: gettext_noop("No notice was sent: the customer has not asked for this kind of news."),
}
TYPE = {"letter": Channel.Type.POST, "in_person": Channel.Type.FACE_TO_FACE, "web_form": Channel.Type.PORTAL}
"""Our channel types for what a customer wishes, where they are not called the same."""
FOR_CUSTOMERS = (Channel.Audience.CUSTOMER, Channel.Audience.PUBLIC)  # in the order in which they are taken
RULE = "BRM-3.3-13"
PROVEN, PROOF_RULE = "proven_by", "ISO20000-7.1-24"
BY_PEOPLE = frozenset({choices.Channel.PHONE, choices.Channel.IN_PERSON, choices.Channel.MEETING})


def tell(
    case: Case, event: Event, actor: Actor, *, at: datetime | None = None, substantive: bool = False,
    asked: bool = False, **facts: Any,
) -> Communication | None:  # fmt: skip
    """Send a notice if it is due, in the language of whoever reads it; `asked` sends it whatever the wish says,
    because a person wrote it. `facts` are what the notice tells beside the case.

    What the customer was told elsewhere, as the step has proven, is not told again.
    """
    if (proof := case.__dict__.pop("_told_in", None)) is not None:
        return proof  # type: ignore[no-any-return]
    decision = notice(event, case.wish, anonymous=case.anonymous)
    why = decision.why
    if why != Why.ANONYMOUS and case.contact_id is None and not (case.address or case.reach):
        why = Why.INTERNAL
    if why in (Why.ANONYMOUS, Why.INTERNAL) or not (decision.due or asked):
        write.note_auto(case, NOT_SENT[why], actor.by(RULE))
        return None
    text = wording.compose(event, case, wording.language_of(case), **facts)
    return log(case, PURPOSE[event], text.summary, text.body, actor, at, substantive)


def wished_channel(case: Case) -> Channel | None:
    """Our published channel of the sort that the customer wished for: the customer's own before one for all customers,
    and that before one for the public."""
    wished = case.wish.channel
    if not wished:
        return None
    rows = Channel.objects.filter(
        type=TYPE.get(wished, wished), audience__in=FOR_CUSTOMERS, status=Channel.Status.ACTIVE
    )
    rows = rows.filter(Q(customers=case.customer_id) | Q(customers__isnull=True))
    return rows.order_by(F("customers").asc(nulls_last=True), "audience", "pk").first()


def delivery(case: Case) -> str:
    """Who carries a notice: Comity by mail where there is an address, a letter where the customer wishes for one;
    nobody where the customer wants to be called or visited."""
    if case.wish.channel == choices.Channel.LETTER:
        return Communication.Delivery.LETTER
    if case.wish.channel in BY_PEOPLE or not wording.address_of(case):
        return Communication.Delivery.NONE
    return Communication.Delivery.MAIL


def log(
    case: Case, purpose: str, summary: str, body: str, actor: Actor, at: datetime | None = None,
    substantive: bool = False,
    subject: str = "",
) -> Communication:  # fmt: skip
    """Put an outbound communication on record, in the name of the person who caused it, else of the rule. What goes
    out from here goes out now, however long ago the step that causes it took place."""
    staff = not actor.rule and not is_outside(actor.person) and may(actor, kind_of(Communication), "create")
    channel = wished_channel(case)
    if channel is None and case.wish.channel:
        wished = dict(choices.Channel.choices).get(case.wish.channel, case.wish.channel)
        words = gettext_noop("We publish no channel of the sort that the customer wished for: %(channel)s.")
        write.note_auto(case, words, actor.by(RULE), channel=english(wished))
    now = timezone.now()
    at = at if at and at_once(at, now) else now
    values = {
        "channel": channel, "topic": topic_of(case), "customer": case.customer, "contact": case.contact,
        "subject_ref": subject or case.ref, "occurred_at": at, "substantive": substantive,
        "delivery": delivery(case) if not subject else Communication.Delivery.NONE,  # the same words once more
        "restricted": case.restricted,
    }  # fmt: skip
    author = actor if staff else actor.by(actor.rule or RULE)
    return say(case, purpose, summary, body, author, happened_at=at, **values)


def english(label: Any) -> str:
    """A label as the trail keeps it; each reader sees it in his language."""
    with override("en"):
        return str(label)


def heard_in(case: Case, ref: str, actor: Actor) -> Communication | None:
    """The logged exchange that staff name as proof of the customer's word; nothing when none is named.

    It came from this customer, about this case, later than what it answers, and proves no other step: the tie that
    this one leaves is what the next is judged by.
    """
    ref = ref.strip().upper()
    if not ref:
        return None
    rows = Communication.objects.filter(ref=ref, subject_ref=case.ref, status=Communication.Status.RECORDED)
    rows = rows.filter(direction=Communication.Direction.INBOUND).exclude(purpose=Purpose.INTAKE)
    found: Communication | None = rows.select_related("contact").first()
    if found is None or not with_customer(case, found):
        words = _("No inbound communication of this customer about this case has this reference.")
        raise ValidationError({"communication": words})
    told = [notice.occurred_at for notice in (case.result_notice, case.customer_notice) if notice]
    if found.occurred_at < max([case.received_at, *told]).replace(second=0, microsecond=0):  # people enter minutes
        raise ValidationError({"communication": _("This was said before what it would have to answer.")})
    if Link.objects.filter(from_kind="case", from_id=case.pk, verb=PROVEN, to_ref=found.ref).exists():
        raise ValidationError({"communication": _("This communication proves an earlier step already.")})
    write.link(case, PROVEN, found, actor=actor.by(PROOF_RULE))
    return found


def told_in(case: Case, ref: str, at: datetime, substantive: bool = False) -> Communication | None:
    """The logged exchange in which the customer was told so by then; None for what Comity tells now.

    Telling stops a clock, so a step that lies further back than that is shown by what the customer was told, not just
    said: after the receipt, about this case, by nobody whom it is about. Raises ValidationError.
    """
    ref = ref.strip().upper()
    if not ref and at_once(at, timezone.now()):
        return None
    rows = Communication.objects.filter(ref=ref, subject_ref=case.ref, occurred_at__gte=case.received_at)
    rows = rows.filter(direction=Communication.Direction.OUTBOUND, status=Communication.Status.RECORDED)
    rows = rows.filter(substantive=True) if substantive else rows
    rows = rows.exclude(entered_by__in=case.named).select_related("contact")
    found: Communication | None = rows.filter(occurred_at__lt=at + timedelta(minutes=1)).first()
    if found is None or not with_customer(case, found):
        words = _("Name the logged communication in which the customer was told so by then.")
        if substantive:
            words = _(
                "Name the logged communication, marked as substantive, in which the customer was told so by then."
            )
        raise ValidationError({"communication": words})
    return found


def with_customer(case: Case, said: Communication) -> bool:
    """Was this an exchange with the customer whose case it is?"""
    speaker = said.contact
    return said.customer_id == case.customer_id or (speaker is not None and speaker.speaks_for(case.customer_id))


def unread_reply(case: Case) -> bool:
    """Has the customer written since the result was told, and nobody answered or acted on it yet?"""
    if case.result_notice_id is None:
        return False
    since = Communication.objects.filter(subject_ref=case.ref, pk__gt=case.result_notice_id)
    written = since.filter(mails__direction="in", mails__reason="").order_by("pk").last()
    answers = Communication.objects.filter(direction=Communication.Direction.OUTBOUND).exclude(purpose=Purpose.REMINDER)
    return written is not None and not answers.filter(subject_ref=case.ref, pk__gt=written.pk).exists()
