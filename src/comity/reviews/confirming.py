"""Minutes go to those of the customer who took part, and each confirms them or objects (BRM-3.2.1-2, BRM-3.2.4-4).

A confirmation holds for one version of the minutes: a correction is sent and confirmed once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.communications.models import Communication
from comity.communications.saying import say
from comity.parties.models import Acceptance, Contact
from comity.parties.operations import language_of
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.records.workflow import Lack, move
from comity.reviews.models import Review, Type

S = Review.Status
PUBLISHED = (S.REPORTED, S.FOLLOWED_UP)
Purpose = Communication.Purpose
Words = Iterator[str | Promise | Lack]


def where_it_stands(review: Any) -> str:
    return str(review.status)


def publish(review: Review, actor: Actor, data: Mapping[str, Any]) -> None:
    """Minutes and findings go to each contact who took part, and into the log."""
    said = "\n\n".join(part for part in (review.summary, review.minutes, review.conclusions) if part)
    for contact in review.attended.select_related("customer"):
        for purpose in (Purpose.MINUTES, Purpose.REVIEW_FINDINGS):
            asked = _asked(review, contact) if purpose == Purpose.MINUTES else ""
            body, whom = f"{said}\n\n{asked}".strip(), {"contact": contact, "customer": contact.customer}
            say(review, purpose, str(review), body, actor.by("BRM-3.2.1-2"), **whom)


def _asked(review: Review, contact: Contact) -> str:
    """Where whoever can sign in reads and confirms them."""
    if review.type != Type.SERVICE or contact.person_id is None or not settings.URL:
        return ""
    with override(language_of(contact, contact.customer)):
        url = f"{settings.URL.rstrip('/')}{settings.OUTSIDE_URL}reviews/{review.ref}/"
        return gettext("Please confirm these minutes, or tell us what is wrong with them: %(url)s") % {"url": url}


@dataclass(frozen=True)
class Answer:
    """What one who took part said to the minutes as they are now; nothing yet where `at` is None."""

    contact: Contact
    at: datetime | None = None
    objection: str = ""


def answers_to(review: Review) -> list[Answer]:
    """The answers of those of the customer who took part, to the newest version of the minutes."""
    given = Acceptance.objects.filter(
        version_ref=review.ref, version_no=review.minutes_no, type=Acceptance.Type.CONFIRMED,
        status=Acceptance.Status.GIVEN,
    )  # fmt: skip
    objected = Communication.objects.filter(
        subject_ref=review.ref, purpose=Purpose.REJECTION, status=Communication.Status.RECORDED,
        occurred_at__gte=review.minutes_approved_at,
    )  # fmt: skip
    at = dict(given.values_list("contact", "accepted_at"))
    words = {one.contact_id: one for one in objected.order_by("pk")}
    found = []
    for contact in review.attended.order_by("name", "pk"):
        if contact.pk in at:
            found.append(Answer(contact, at[contact.pk]))
        elif said := words.get(contact.pk):
            found.append(Answer(contact, said.occurred_at, said.body))
        else:
            found.append(Answer(contact))
    return found


def answer_of(review: Review, person: Any) -> Answer | None:
    """What the contact who signs in as this person said, or has still to say; None for who did not take part."""
    return next((one for one in answers_to(review) if one.contact.person_id == person.pk), None)


def _may_answer(review: Review, actor: Actor) -> Words:
    """Whoever took part and has not confirmed this version yet; after an objection one may still confirm."""
    own = answer_of(review, actor.person) if review.minutes_approved_at else None
    if own is None:
        yield _("Only those who took part confirm the minutes.")
    elif own.at is not None and not own.objection:
        yield _("You have confirmed these minutes.")


def _confirm(review: Review, actor: Actor, data: Mapping[str, Any]) -> None:
    if (own := answer_of(review, actor.person)) is not None:
        consent = {"type": Acceptance.Type.CONFIRMED, "contact": own.contact.ref, "version_ref": review.ref,
                   "topic": str(review)[:200]}  # fmt: skip
        write.create(kind_of(Acceptance), consent, actor=actor, unit=review.unit)


def _object(review: Review, actor: Actor, data: Mapping[str, Any]) -> None:
    if (own := answer_of(review, actor.person)) is not None:
        values = {
            "direction": Communication.Direction.INBOUND, "purpose": Purpose.REJECTION, "contact": own.contact.ref,
            "customer": own.contact.customer, "subject_ref": review.ref, "summary": str(review)[:300],
            "body": data["note"],
        }  # fmt: skip
        write.create(kind_of(Communication), values, actor=actor.by("BRM-3.2.4-4"), unit=review.unit)


ANSWERED = (*PUBLISHED, S.CLOSED)
answers = (
    move(
        "confirm", ANSWERED, where_it_stands, by=(Role.CUSTOMER_CONTACT,), guard=_may_answer, effect=_confirm,
        public=True, label=_("Confirm the minutes"), primary=True,
    ),
    move(
        "object", PUBLISHED, where_it_stands, by=(Role.CUSTOMER_CONTACT,), guard=_may_answer, effect=_object, note=True,
        public=True, label=_("Object to the minutes"),
    ),
)  # fmt: skip
