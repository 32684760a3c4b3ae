"""Writing a mail from a record: to its contact, put on record as a communication that Comity carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from comity.accounts.models import Person
from comity.communications import templates
from comity.communications.models import Communication, Template
from comity.knowledge.models import KnowledgeArticle
from comity.parties import operations as parties
from comity.parties.models import Contact, Customer
from comity.records import write
from comity.records.access import may, may_note, readable
from comity.records.kind import kind_of
from comity.records.trail import Actor

PURPOSES = (
    Communication.Purpose.ANSWER, Communication.Purpose.PROGRESS, Communication.Purpose.QUESTION,
    Communication.Purpose.EXPLANATION, Communication.Purpose.DECISION, Communication.Purpose.REMINDER,
    Communication.Purpose.MINUTES, Communication.Purpose.CONTACT_DETAILS, Communication.Purpose.IMPROVEMENT_RESULT,
    Communication.Purpose.SERVICE_REPORT, Communication.Purpose.OTHER,
)  # fmt: skip
"""What a person writes a mail for; receipts and results have steps of their own."""


def customer_of(record: Any) -> Customer | None:
    """The customer that a record is about, or is."""
    if isinstance(record, Customer):
        return record
    return getattr(record, "customer", None) if isinstance(getattr(record, "customer", None), Customer) else None


def contact_of(record: Any) -> Contact | None:
    """The contact to whom a mail about the record goes first."""
    if isinstance(record, Contact):
        return record
    found = getattr(record, "contact", None)
    return found if isinstance(found, Contact) else getattr(customer_of(record), "representative_contact", None)


def may_write(person: Person, record: Any) -> bool:
    """May this person write to the other side of this record? Not where he must not know who that is."""
    if isinstance(record, Communication | Template) or record.hidden or not may_note(person):
        return False
    concerned = isinstance(record, Contact) or customer_of(record) is not None or bool(getattr(record, "address", ""))
    return concerned and may(person, kind_of(Communication), "create")


def contacts_for(record: Any, person: Person) -> list[Contact]:
    """The contacts with an address to whom it may go, the record's own first."""
    first, customer = contact_of(record), customer_of(record)
    rows = readable(kind_of(Contact), person).filter(status=Contact.Status.ACTIVE).exclude(email="")
    found = list(rows.filter(customer=customer).order_by("name")[:200]) if customer is not None else []
    own = [first] if first is not None and first.email and first.status == Contact.Status.ACTIVE else []
    return own + [one for one in found if one not in own]


def language_for(record: Any) -> str:
    return parties.language_of(contact_of(record), customer_of(record), getattr(record, "language", "") or "")


def answer_texts(record: Any) -> list[Template]:
    return templates.answers([language_for(record)])


def begun_with(text: Template, record: Any) -> tuple[str, str]:
    """Subject and body of an answer text, filled for the record."""
    return templates.fill(text, templates.values_of(record))


def article_named(ref: str, person: Person) -> KnowledgeArticle | None:
    """The published article, where this person may read it."""
    if not ref:
        return None
    return readable(kind_of(KnowledgeArticle), person).filter(ref=ref[:20], published_at__isnull=False).first()


def told_by(article: KnowledgeArticle) -> str:
    """What a mail says of an article: where everybody can read it, or its text if it is for ourselves alone."""
    if article.shown_audience == KnowledgeArticle.Audience.PUBLIC and settings.URL:
        return f"{article.shown_title}\n{settings.URL.rstrip('/')}/help/{article.ref}/"
    return article.shown_body


@transaction.atomic
def send(record: Any, values: Mapping[str, Any], files: Sequence[Any], *, actor: Actor) -> Communication:
    """Put the mail on record, with its files; it goes out within seconds. Raises ValidationError."""
    customer = customer_of(record)
    given = {
        "direction": Communication.Direction.OUTBOUND, "delivery": Communication.Delivery.MAIL,
        "subject_ref": "" if isinstance(record, Contact | Customer) else record.ref,
        "restricted": bool(getattr(record, "restricted", False)), **values,
    }  # fmt: skip
    if customer is not None:
        given["customer"] = customer.ref
    said: Communication = write.create(kind_of(Communication), given, actor=actor, unit=record.unit)
    attach(said, files, actor)
    return said


def attach(said: Communication, files: Iterable[Any], actor: Actor) -> None:
    chosen = list(files)
    if chosen:
        write.attach_all(said, chosen, actor=actor)
