"""Taking one message in: everything that comes of it in one transaction, or nothing and the reason why.

Nothing that arrives is lost: what is not taken in stands in the ledger with its reason and, up to the size of an
upload, byte for byte. The same message has its effect once, by however many ways it comes.
"""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from comity.cases.operations.outside import contact_of
from comity.communications import originals
from comity.communications.crossing import crossed_out
from comity.communications.mail import Mail
from comity.communications.operations import channel_at
from comity.intake import limits
from comity.intake.mail import automatic, filing, parsing, placing
from comity.intake.mail.parsing import Letter, Unreadable
from comity.intake.mail.reasons import AGAIN, ERROR, FLOOD, INVALID, LARGE, MANY, OWN, REPORT, ROBOT, STRANGER, coded
from comity.records.files import NotKept
from comity.records.trail import Refused, take_numbers

CASES_AN_HOUR, POSTS_AN_HOUR, AUTOMATIC_AN_HOUR = 20, 30, 3
HOUR = timedelta(hours=1)
log = logging.getLogger(__name__)
State = Mail.State


@dataclass(frozen=True)
class Taken:
    """What became of a message; `again` where it had come before and nothing was done."""

    state: str
    reason: str = ""
    ref: str = ""
    again: bool = False


def take(raw: bytes, *, mailbox: str, received_at: datetime | None = None, by_hand: Mail | None = None) -> Taken:
    """Take a raw message in. Raises only where trying again may help: DatabaseError, OSError.

    `received_at` is when our server had it. `by_hand` is the row of a message that somebody wants taken in although it
    was set aside or refused before.
    """
    at = min(received_at or timezone.now(), timezone.now())
    where = mailbox[:200]
    if len(raw) > settings.COMITY_UPLOAD_BYTES:
        return refuse_large(raw, mailbox=mailbox, received_at=received_at)
    raw = crossed_out(raw)
    original = originals.keep(raw)
    try:
        letter = parsing.read(raw)
    except Unreadable as error:
        return _refuse(parsing.head(raw), where, at, original, str(error), by_hand)
    try:
        with transaction.atomic():
            take_numbers("MAIL")  # one message at a time: two deliveries of one message must not pass each other
            return _Taking(letter, where, at, original, by_hand).take()
    except NotKept as error:  # there may be room again later
        raise OSError(errno.ENOSPC, "; ".join(_words(error))) from error
    except (ValidationError, Refused) as error:
        log.warning("A message was refused: %s", error)
        return _refuse(letter, where, at, original, coded(INVALID, "; ".join(_words(error))), by_hand)
    except Exception as error:
        if isinstance(error, DatabaseError | OSError) and not isinstance(error, DataError):
            raise  # what the database cannot take as a value, it takes no better later, and would keep others waiting
        log.exception("A message could not be taken in: %s", original)
        return _refuse(letter, where, at, original, coded(ERROR, repr(error)), by_hand)


def refuse_large(beginning: bytes, *, mailbox: str, received_at: datetime | None = None) -> Taken:
    """Note a message that is larger than what we keep; its headers are all that is looked at."""
    at, limit = min(received_at or timezone.now(), timezone.now()), settings.COMITY_UPLOAD_BYTES >> 20
    return _refuse(parsing.head(beginning), mailbox[:200], at, "", coded(LARGE, f"> {limit} MB"), None)


def _words(error: Exception) -> list[str]:
    return [
        str(one) for one in (error.messages if isinstance(error, ValidationError) else getattr(error, "missing", ()))
    ]


def _refuse(letter: Letter, mailbox: str, at: datetime, original: str, reason: str, by_hand: Mail | None) -> Taken:
    """Only the ledger knows of it. The same message is refused once."""
    with transaction.atomic():
        take_numbers("MAIL")
        row = by_hand or _row(letter, mailbox, at, original)
        if by_hand is None:
            rows = Mail.objects.filter(
                direction=row.direction, mailbox=mailbox, message_id__in=_names(letter, original)
            )
            earlier = next((one for one in rows if one.raw == original or one.message_id == row.message_id), None)
            if earlier is not None:
                return Taken(earlier.state, earlier.reason, earlier.ref, again=True)
        row.state, row.reason = State.REFUSED, reason[:300]
        row.save()
    return Taken(State.REFUSED, reason)


def _names(letter: Letter, original: str) -> list[str]:
    """Under what identities the ledger may know this message: its own, or that of its bytes."""
    return [letter.message_id, parsing.named_after(original)]


def _row(letter: Letter, mailbox: str, at: datetime, original: str) -> Mail:
    answered = next(iter((*letter.in_reply_to, *reversed(letter.references))), "")
    return Mail(
        direction=Mail.Direction.IN, mailbox=mailbox, message_id=letter.message_id, in_reply_to=answered, at=at,
        sender=letter.sender.email[:320] or letter.sender.name[:320], raw=original, subject=letter.subject[:998],
        sent_at=letter.date, recipients=[one.email for one in letter.recipients][:50],
    )  # fmt: skip


class _Taking:
    """One message on its way, inside the transaction."""

    def __init__(self, letter: Letter, mailbox: str, at: datetime, original: str, by_hand: Mail | None) -> None:
        self.letter, self.mailbox, self.at = letter, mailbox, at
        self.by_hand = by_hand is not None
        self.row = by_hand or _row(letter, mailbox, at, original)
        self.original, self.rule = original, filing.actor()

    def take(self) -> Taken:
        known = ""
        if not self.by_hand:
            again, known = self._before()
            if again is not None:
                return again
            if why := self._own():
                return self._aside(why)
        if (told := automatic.report(self.letter)) is not None and (found := filing.came_back(told)):
            self.row.ref = found
            return self._done(State.TAKEN, coded(REPORT, told.recipient))
        robot = "" if self.by_hand else automatic.automatic(self.letter)
        search = placing.place_of(self.letter, known)
        if search.record is None:
            return self._new(robot, search.claimed)
        record = placing.survivor(search.record)
        if why := self._too_many(record.ref, robot):
            return self._aside(why, record.ref)
        related = placing.related(self.letter, record)
        filed = filing.answer(self.letter, record, self.at, self.rule, related=related and not robot, robot=robot)
        return self._file(filed, coded(ROBOT, robot) if robot else "" if related else STRANGER)

    def _new(self, robot: str, claimed: tuple[str, ...]) -> Taken:
        if robot:
            return self._aside(coded(ROBOT, robot))
        if why := self._too_many_new():
            return self._aside(why)
        filed = filing.open_case(self.letter, self.at, claimed, self.rule)
        taken = self._file(filed)
        filing.receive(filed.record, self.letter, self.at, self.rule)
        return taken

    def _file(self, filed: filing.Filed, reason: str = "") -> Taken:
        self.row.ref, self.row.communication = filed.record.ref, filed.communication
        self.row.new_from, self.row.new_to = filed.new
        self.row.enclosed = [str(file.pk) for file in filed.files]
        return self._done(State.TAKEN, reason)

    def _done(self, state: str, reason: str) -> Taken:
        self.row.state, self.row.reason = state, reason[:300]
        self.row.save()
        return Taken(state, reason, self.row.ref)

    def _aside(self, reason: str, ref: str = "") -> Taken:
        self.row.ref = ref
        return self._done(State.IGNORED, reason)

    def _before(self) -> tuple[Taken | None, str]:
        """What became of this message when it came before; else the record of another one of the same name.

        A name alone proves nothing: forms and scanners use the same one again and again, and somebody could use the
        name of a message that we are to overlook. Such a message is taken in under the hash of its bytes.
        """
        rows = Mail.objects.filter(direction=Mail.Direction.IN, message_id__in=_names(self.letter, self.original))
        known, found = "", list(rows.order_by("pk"))
        here = any(row.mailbox == self.mailbox for row in found)
        for row in found:
            if self._same(row):
                if row.mailbox == self.mailbox:
                    return Taken(row.state, row.reason, row.ref, again=True), ""
                if not here:
                    self.row.ref = row.ref
                    self._done(State.IGNORED, coded(AGAIN, row.mailbox))
                return Taken(row.state, coded(AGAIN, row.mailbox), row.ref, again=True), ""
            if row.sender == self.row.sender:
                known = row.ref or known
        if here:
            self.row.message_id = parsing.named_after(self.original)
        return None, known

    def _same(self, row: Mail) -> bool:
        if row.raw == self.original:
            return True
        try:
            return parsing.read(originals.read(row.raw)).likeness == self.letter.likeness if row.raw else True
        except (OSError, Unreadable):
            return False

    def _own(self) -> str:
        """Our own mail that came back would be answered, and the answer answered."""
        address = self.letter.sender.email
        between = settings.COMITY_MAIL_SEPARATOR
        plain = "@".join((address.partition("@")[0].partition(between or "\0")[0], address.partition("@")[2]))
        ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
        if address and (plain == ours or channel_at([address, plain]) is not None):
            return coded(OWN, address)
        sent = Mail.objects.filter(direction=Mail.Direction.OUT, message_id=self.letter.message_id)
        return OWN if sent.exists() else ""

    def _too_many(self, ref: str, robot: str) -> str:
        """Why no more of this sender is taken in about this record for now: two robots must not make a storm."""
        if self.by_hand or not self.row.sender:
            return ""
        most, rows = (
            AUTOMATIC_AN_HOUR if robot else POSTS_AN_HOUR,
            self._lately().filter(sender=self.row.sender, ref=ref),
        )
        if robot:
            rows = rows.filter(reason__startswith=ROBOT)
        return coded(MANY, f"{ref}, > {most}") if rows.count() >= most else ""

    def _too_many_new(self) -> str:
        """Why this opens no case for now: this sender has opened enough, or senders whom we do not know have. However
        many of those somebody forges, they do not bury the desk; and since whom we know is held to their own limit
        only, nobody shuts customers out."""
        if self.by_hand:
            return ""
        mine, strangers = Q(sender=self.row.sender), Q(communication__contact__isnull=True)
        opened = self._lately().filter(communication__purpose="intake")
        found = opened.aggregate(mine=Count("pk", filter=mine), strangers=Count("pk", filter=strangers))
        if self.row.sender and found["mine"] >= CASES_AN_HOUR:
            return coded(MANY, f"> {CASES_AN_HOUR}")
        if found["strangers"] < (most := limits.most(limits.MAIL)) or contact_of(self.letter.sender.email) is not None:
            return ""
        limits.tell("mail", filing.VIA)
        return coded(FLOOD, f"> {most}")

    def _lately(self) -> QuerySet[Mail]:
        """What was taken in within the hour before this message, by the times at which our server had them."""
        hour = {"at__gt": self.at - HOUR, "at__lte": self.at}
        return Mail.objects.filter(direction=Mail.Direction.IN, state=State.TAKEN, **hour)
