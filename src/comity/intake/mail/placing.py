"""To which record a letter belongs. A reply never becomes a matter of its own, and nobody gets into a foreign one.

In this order: the mail it answers, the signed token in an address or the subject, and a bare number of a case, a claim
or a letter about one, which only counts from somebody who has a part in that matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature

from comity.cases.operations.outside import contact_of
from comity.communications.mail import Mail, ref_of
from comity.intake.mail.parsing import Letter
from comity.parties.operations import has_left
from comity.parties.pointers import kind_name, pointed
from comity.records.models import Link

_TOKEN = re.compile(r"\[\s*([A-Za-z]{2,5}-\d{1,12}-[A-Za-z0-9]{4,40})\s*\]")
_NAME = re.compile(r"(?<![A-Za-z0-9-])([A-Za-z]{2,5}-\d{3,12})(?![A-Za-z0-9-])")
MOST_SURVIVORS = 20
MATTERS = frozenset({"case", "claim"})  # what a bare number may bring a letter to: of anything else nobody would answer


@dataclass(frozen=True)
class Search:
    """What came of looking for the record; `claimed` are those that the letter named without a right to them."""

    record: Any
    claimed: tuple[str, ...] = ()


def place_of(letter: Letter, known: str = "") -> Search:
    """The record that this letter is about. `known` is the record of an earlier mail with the same Message-ID."""
    for ref in (known, _answered(letter)):
        if ref and (found := pointed(ref)) is not None:
            return Search(found)
    forged: list[str] = []
    for text in _tokens(letter):
        try:
            found = pointed(ref_of(text))
        except BadSignature:
            forged.append(text.rpartition("-")[0].upper())
            continue
        if found is not None:
            return Search(found)
    claimed = list(dict.fromkeys([*forged, *(name.upper() for name in _NAME.findall(letter.subject))]))
    claimed = [ref for ref in claimed if kind_name(ref) in MATTERS | {"communication"}]
    for ref in claimed:
        found = _matter(ref) if ref not in forged else None
        if found is not None and related(letter, found):
            return Search(found)
    return Search(None, tuple(claimed))


def _matter(ref: str) -> Any:
    """The matter of that number; that of a communication, which letters on paper bear, is what it is about."""
    found = pointed(ref)
    if found is not None and found.kind.name == "communication":
        found = pointed(found.subject_ref)
    return found if found is not None and found.kind.name in MATTERS else None


def _answered(letter: Letter) -> str:
    """The record of the mail that this one answers, the nearest first."""
    ids = list(dict.fromkeys([*letter.in_reply_to, *reversed(letter.references)]))[:60]
    if not ids:
        return ""
    rows = Mail.objects.filter(message_id__in=ids).exclude(ref="").order_by("pk")
    refs = {row.message_id: row.ref for row in rows.only("message_id", "ref")}
    return next((refs[one] for one in ids if one in refs), "")


def _tokens(letter: Letter) -> Iterator[str]:
    """Everything that looks like one of our tokens: behind the separator of an address, in brackets in the subject."""
    between = settings.COMITY_MAIL_SEPARATOR
    for one in letter.recipients if between else ():
        _name, _sep, rest = one.email.partition("@")[0].partition(between)
        if rest and "-" in rest:
            yield rest
    yield from _TOKEN.findall(letter.subject)


def related(letter: Letter, record: Any) -> bool:
    """Has the sender a part in the record: as a contact of its customer, as its sender, by an earlier mail about it?"""
    address = letter.sender.email
    if not address:
        return False
    if str(getattr(record, "address", "")).lower() == address:
        return True
    customer = getattr(record, "customer_id", None)
    contact = contact_of(address)
    if contact is not None and contact.speaks_for(customer):
        return not getattr(record, "restricted", False)
    if customer and has_left(address, customer):
        return False  # who has left speaks for the customer no more, not even in what they brought up themselves
    taken = Mail.objects.filter(direction=Mail.Direction.IN, state=Mail.State.TAKEN, ref=record.ref, sender=address)
    return taken.filter(communication__purpose="intake").exists()


def survivor(record: Any) -> Any:
    """Where the matter goes on: the case that this one was merged into, or that followed it, and so on to the last."""
    for _n in range(MOST_SURVIVORS):
        if record.kind.name != "case" or record.is_open:
            break
        following = record.successor if record.close_ground == "merged" else _follower(record)
        if following is None:
            break
        record = following
    return record


def _follower(case: Any) -> Any:
    """The latest case that was registered to follow this one, if it is of the same customer, or of the same sender."""
    ties = Link.objects.filter(verb="follow_up_of", from_kind="case", to_kind="case", to_id=case.pk)
    tie = ties.order_by("-from_id").first()
    following = pointed(tie.from_ref) if tie is not None else None
    return following if following is not None and _same_party(case, following) else None


def _same_party(case: Any, other: Any) -> bool:
    if case.customer_id and other.customer_id:
        return bool(case.customer_id == other.customer_id)
    return bool(case.address) and case.address.lower() == other.address.lower()
