"""Secret addresses under which whoever complained from outside follows the case. Only their hashes are kept."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from comity.cases.models import Case
from comity.cases.operations.outside import told_of
from comity.communications import crossing
from comity.communications.models import Communication
from comity.communications.outgoing import fills

MARK = "⟦tracking link⟧"
LENGTH = 43  # of a secret: 256 bits in letters that an address may hold
DOOR = "/complain/"
PATH = f"{DOOR}track/"
crossing.secret(PATH, LENGTH)


class Tracking(models.Model):
    """One address of one case. `proven` is one that went to the address on file; another was shown to whoever filled
    in the form, which proves nothing about who that was."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"))
    hash = models.CharField(max_length=64, unique=True, editable=False)
    proven = models.BooleanField(_("sent to the address on file"), default=False)
    communication = models.OneToOneField(Communication, models.PROTECT, null=True, related_name="+", editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("tracking link"), _("tracking links")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return str(self.case_id)


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def secret_of(once: str) -> str:
    """The secret that belongs to one sending of the form, whose own random number only that browser knows: sending it
    twice shows the same address twice."""
    raw = salted_hmac("comity.tracking", once, algorithm="sha256").digest()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def address(secret: str) -> str:
    """The whole address, as it is shown or mailed."""
    return f"{settings.URL.rstrip('/') if settings.URL else ''}{PATH}{secret}/"


def found(secret: str) -> Tracking | None:
    """The address that this secret opens, unless it was revoked."""
    if len(secret) != LENGTH:
        return None
    rows = Tracking.objects.select_related("case").filter(hash=digest(secret), revoked_at__isnull=True)
    return rows.first()


@fills(MARK)
def _in_letter(communication: Communication) -> str:
    """A fresh secret for this letter. Sent once more, the letter carries another, and the former one ends."""
    secret = secrets.token_urlsafe(32)
    case = told_of(communication)
    if case is None:
        return ""
    values = {"case": case, "hash": digest(secret), "proven": True, "made_at": timezone.now()}
    Tracking.objects.update_or_create(communication=communication, defaults=values)
    return address(secret)
