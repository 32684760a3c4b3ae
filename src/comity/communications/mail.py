"""The ledger of mail: each message that came in or goes out, once, beside the communication that it carries.

Intake and notices do not know each other; both know this ledger, so a reply finds the record that the letter was about.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MARK = 16  # letters of a token's signature: 80 bits, case does not matter, because mail programs change it
FLOODED = "flooded"
"""The act of the trail that says: so much came in at once that something waits for a person."""


class Mail(models.Model):
    """One message. Its raw form lies in the store under `raw`; `message_id` is without angle brackets,
    or the SHA-256 of one that is longer than its column.

    Inbound rows are written in the transaction that takes the message in, outbound rows in the transaction that
    decides to send: hence no message is taken in twice, and none that was decided upon is lost. Times are UTC.
    """

    class Direction(models.TextChoices):
        IN = "in", _("Inbound")
        OUT = "out", _("Outbound")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        TAKEN = "taken", _("Taken in")
        IGNORED = "ignored", _("Set aside")
        REFUSED = "refused", _("Refused")

    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    state = models.CharField(_("state"), max_length=10, choices=State)
    mailbox = models.CharField(_("mailbox"), max_length=200, blank=True)
    message_id = models.CharField("Message-ID", max_length=250)
    in_reply_to = models.CharField("In-Reply-To", max_length=250, blank=True)
    sender = models.CharField(_("from"), max_length=320, blank=True)
    recipients = models.JSONField(_("to"), default=list)
    subject = models.CharField(_("subject"), max_length=998, blank=True)
    at = models.DateTimeField(_("time"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    raw = models.CharField(max_length=200, blank=True)
    ref = models.CharField(_("concerns"), max_length=20, blank=True, db_index=True)
    communication = models.ForeignKey(
        "communications.Communication", models.PROTECT, null=True, blank=True, related_name="mails"
    )
    # Inbound only: from where to where the text is new and not quoted, and the record's files that came with it.
    new_from = models.PositiveIntegerField(null=True, blank=True)
    new_to = models.PositiveIntegerField(null=True, blank=True)
    enclosed = models.JSONField(_("enclosed files"), default=list)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)  # of an inbound one: as its sender says
    # Outbound only.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("mail"), _("mails")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["direction", "mailbox", "message_id"], name="mail_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["message_id"], name="mail_by_message_id"),
            models.Index(fields=["next_at"], condition=Q(state__in=["waiting", "sending"]), name="mail_waiting"),
            models.Index(fields=["-at"], name="mail_by_time"),
            models.Index(fields=["sender", "-at"], name="mail_of_sender"),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id

    def parts(self, text: str) -> tuple[str, str, str]:
        """The text that it carried, cut into what is quoted above, what is new, and what is quoted below."""
        if self.new_from is None or self.new_to is None:
            return "", text, ""
        return text[: self.new_from], text[self.new_from : self.new_to], text[self.new_to :]


def _signature(ref: str) -> str:
    digest = Signer(salt="comity.mail").signature(ref.upper())
    return "".join(sign for sign in digest.lower() if sign.isalnum())[:MARK]


def token(ref: str) -> str:
    """The signed name of a record for subjects and addresses: `cmp-00042-3k9d…`. Only we can make one."""
    return f"{ref.lower()}-{_signature(ref)}"


def ref_of(text: str) -> str:
    """The reference that a token names; raises BadSignature where the token was not made here."""
    ref, _sep, mark = text.strip().lower().rpartition("-")
    if not ref or mark != _signature(ref):
        raise BadSignature("Not a token of this installation.")
    return ref.upper()


def reply_address(address: str, ref: str) -> str:
    """The address under which replies about a record come back: help+cmp-00042-3k9d…@example.org."""
    name, _sep, domain = address.partition("@")
    between = settings.COMITY_MAIL_SEPARATOR
    return f"{name}{between}{token(ref)}@{domain}" if domain and between else address
