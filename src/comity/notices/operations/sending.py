"""Sending what waits in the ledger. A worker may be killed at any moment: no mail is lost, and each goes out once.

A mail is claimed for a while, handed to the server, and noted as sent at once, one after the other, on one connection.
Whoever dies in between leaves it claimed; after the while it is sent again, with the same Message-ID. So a mail can go
out twice only if the worker dies between the server's answer and the note, which is a few milliseconds; mail programs
that know the Message-ID show it once.
"""

from __future__ import annotations

import logging
import random
import smtplib
import time
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.communications import originals, undelivered
from comity.communications.models import Mail
from comity.notices.operations import mailing
from comity.notices.operations.mailing import Original
from comity.notices.rules import MOST_ATTEMPTS, one_line, wait

log = logging.getLogger(__name__)
State = Mail.State
TROUBLES = 3  # in a row, after which the server is left alone for a while; without a connection after the first
REST = 55  # seconds
PATIENCE = 60  # seconds for each answer: who leaves while a mail is being checked sends it twice (RFC 5321, 4.5.3.2)
CLOSING = 421  # what a server says with its last word on a connection
_rest_until = [0.0]
GIVEN_UP = gettext_noop("The mail server did not take it for two days.")


@dataclass(frozen=True)
class Refusal:
    """Why the server did not take a mail, and whether it ever will."""

    reason: str
    final: bool = False
    server: bool = False  # the trouble is the server's or the line's, not this mail's
    connected: bool = True


def due() -> QuerySet[Mail]:
    """What is to be sent now: waiting, or claimed by somebody who did not come back."""
    now = timezone.now()
    rows = Mail.objects.filter(state__in=(State.WAITING, State.SENDING), next_at__lte=now, direction=Mail.Direction.OUT)
    return rows.order_by("next_at", "pk")


def claim() -> Mail | None:
    """Take the next mail, for a while in which nobody else does."""
    if not due().exists():  # who has nothing to do never takes the write lock of SQLite
        return None
    with transaction.atomic():
        rows = due()
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        mail = rows.first()
        if mail is not None:
            mail.state, mail.attempts = State.SENDING, mail.attempts + 1
            mail.next_at = timezone.now() + timedelta(seconds=settings.COMITY_MAIL_LEASE)
            mail.save(update_fields=["state", "attempts", "next_at"])
    return mail


def note(mail: Mail, **values: object) -> bool:
    """Write down how it went, unless somebody else has claimed the mail meanwhile."""
    held = Mail.objects.filter(pk=mail.pk, state=State.SENDING, attempts=mail.attempts)
    return bool(held.update(**values))


def send_due(most: int) -> int:
    """Send up to so many mails; returns how many were handled. None while a server in trouble is left alone."""
    if time.monotonic() < _rest_until[0]:
        return 0
    line = get_connection()
    handled, troubles = 0, 0
    try:
        while handled < most and troubles < TROUBLES and (mail := claim()):
            handled += 1
            refusal = _hand_over(line, mail)
            if refusal is None:
                _sent(mail)
                troubles = 0
                continue
            if refusal.server:
                troubles += 1 if refusal.connected else TROUBLES
                _hang_up(line)
            if _put_back(mail, refusal):
                _forget(mail)
    finally:
        _hang_up(line)
    if troubles >= TROUBLES:
        _rest_until[0] = time.monotonic() + REST
    return handled


def _sent(mail: Mail) -> None:
    """Note it at once; what it carried in secret is kept no longer."""
    note(mail, state=State.SENT, sent_at=timezone.now(), next_at=None, reason="")
    try:
        kept = originals.cross_out(mail.raw)
    except OSError:
        log.exception("mail %s is kept with what it carried", mail.message_id)
        return
    if kept != mail.raw and Mail.objects.filter(pk=mail.pk, state=State.SENT).update(raw=kept):
        originals.drop(mail.raw)


def _hand_over(line: object, mail: Mail) -> Refusal | None:
    """Give the mail to the server; None when it took it. One whose bytes are not kept is built anew."""
    try:
        content = originals.read(mail.raw or mailing.anew(mail))
    except (OSError, ValueError) as error:
        return Refusal(one_line(f"The mail as it was built is gone: {error}"), final=True)
    connected = False
    try:
        line.open()  # type: ignore[attr-defined]
        connected = True
        _have_patience(line)
        line.send_messages([Original(mail, content)])  # type: ignore[attr-defined]
    except Exception as error:
        refusal = refusal_of(error)
        if not connected:  # whatever it is (a password that cannot be said, for one), it is not this mail's fault
            refusal = replace(refusal, final=False, server=True, connected=False)
        log.warning("mail %s was not taken: %s", mail.message_id, refusal.reason)
        return refusal
    return None


def _have_patience(line: object) -> None:
    """Wait longer than for a connection."""
    if (sock := getattr(getattr(line, "connection", None), "sock", None)) is not None:
        sock.settimeout(max(PATIENCE, settings.EMAIL_TIMEOUT))


def refusal_of(error: Exception) -> Refusal:
    """What an error of the exchange means. Only what the server says for good about this mail is final."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return Refusal(_said(code, text), final=code >= 500, server=code == CLOSING)
    if isinstance(error, smtplib.SMTPSenderRefused):
        final = error.smtp_code == 552  # too large; other refusals of the sender are our own configuration
        return Refusal(_said(error.smtp_code, error.smtp_error), final=final, server=not final)
    if isinstance(error, smtplib.SMTPDataError):
        code = error.smtp_code
        return Refusal(_said(code, error.smtp_error), final=code >= 500, server=code == CLOSING)
    if isinstance(error, smtplib.SMTPResponseException):
        return Refusal(_said(error.smtp_code, error.smtp_error), server=True)
    if isinstance(error, OSError):  # the rest of smtplib's errors among them
        return Refusal(one_line(str(error) or type(error).__name__), server=True)
    return Refusal(one_line(f"{type(error).__name__}: {error}"), final=True)


def _said(code: int, text: bytes | str) -> str:
    return one_line(f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}")


@transaction.atomic
def _put_back(mail: Mail, refusal: Refusal) -> bool:
    """Try again later, or never: then those concerned learn of it. Has it failed for good?"""
    if not refusal.final and mail.attempts < MOST_ATTEMPTS:
        later = timezone.now() + wait(mail.attempts, random.random())  # noqa: S311 - spreads attempts, no secret
        note(mail, state=State.WAITING, next_at=later, reason=refusal.reason[:300])
        return False
    mail.reason = (refusal.reason if refusal.final else f"{GIVEN_UP} {refusal.reason}")[:300]
    given_up = note(mail, state=State.FAILED, next_at=None, reason=mail.reason)
    if given_up:
        undelivered.failed(mail, mail.reason)
    return given_up


def _forget(mail: Mail) -> None:
    """Keep no secret that reached nobody: where a failed mail carries one, its bytes go. Sent again, it has another."""
    try:
        secret = bool(mail.raw) and originals.secret(mail.raw)
    except OSError:
        return
    if secret and Mail.objects.filter(pk=mail.pk, state=State.FAILED, raw=mail.raw).update(raw=""):
        originals.drop(mail.raw)


def _hang_up(line: object) -> None:
    """Close the connection, however broken it is."""
    try:
        line.close()  # type: ignore[attr-defined]
    except (OSError, smtplib.SMTPException):
        line.connection = None  # type: ignore[attr-defined]
