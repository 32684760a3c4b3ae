"""Subscriptions of other programs, and one row for each message to them."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from comity.records.models import Entry

PERSON = settings.AUTH_USER_MODEL


def new_salt() -> str:
    return secrets.token_urlsafe(24)


def secret_of(salt: str) -> str:
    return f"whsec_{salted_hmac('comity.webhook', salt, algorithm='sha256').hexdigest()}"


class Act(models.TextChoices):
    """What can be asked for; reading and bookkeeping are told to nobody outside."""

    CREATE = "create", _("Registered")
    UPDATE = "update", _("Changed")
    STEP = "step", _("Step of the workflow")
    POST = "post", _("Note")
    FILE = "file", _("File attached")
    LINK = "link", _("Linked or unlinked")
    ARCHIVE = "archive", _("Archived")


SAME = {"create": Act.CREATE, "update": Act.UPDATE, "archive": Act.ARCHIVE, "unlink": Act.LINK} | {
    Entry.POST: Act.POST, Entry.FILE: Act.FILE, Entry.LINK: Act.LINK,
}  # fmt: skip


class Webhook(models.Model):
    """A subscription: where to, what of, and under whose rights. It begins when that person has agreed.

    The secret is no column: it follows from the salt and the key of the installation, so that the database alone
    does not tell it.
    """

    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("address"), max_length=500)
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("in the name of"))
    kinds = models.JSONField(_("kinds of records"), default=list)  # empty: all
    acts = models.JSONField(_("acts"), default=list)  # empty: all
    salt = models.CharField(max_length=40, default=new_salt, editable=False)
    old_salt = models.CharField(max_length=40, blank=True, editable=False)  # of the secret before this one,
    old_until = models.DateTimeField(null=True, editable=False)  # which signs, too, until then
    made_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(default=timezone.now)
    agreed_at = models.DateTimeField(_("agreed"), null=True)
    active = models.BooleanField(_("active"), default=True)
    why_paused = models.CharField(max_length=300, blank=True)  # English, for translation
    failures = models.PositiveIntegerField(default=0)  # in a row
    rests_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("webhook"), _("webhooks")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        return secret_of(self.salt)

    @property
    def changing(self) -> bool:
        """Does the secret before this one still sign?"""
        return self.old_until is not None and timezone.now() < self.old_until

    @property
    def secrets(self) -> list[str]:
        """All that sign at this moment, the newest first."""
        return [self.secret, secret_of(self.old_salt)] if self.changing else [self.secret]

    def wants(self, entry: Entry, steps: Collection[str]) -> bool:
        """Is this entry asked for? `steps` are the names of the workflow steps of its kind."""
        act = SAME.get(entry.act) or (Act.STEP if entry.act in steps else None)
        return act is not None and (not self.acts or act in self.acts) and (not self.kinds or entry.kind in self.kinds)


class Delivery(models.Model):
    """One message: only what it is about. Its words are made at each attempt, from what the person may read then."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")
        WITHHELD = "withheld", _("Withheld")

    id = models.UUIDField(primary_key=True, default=uuid4)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    entry_id = models.BigIntegerField(null=True)  # without one it is a test
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    record_id = models.BigIntegerField(null=True)
    ref = models.CharField(_("record"), max_length=20, blank=True)
    act = models.CharField(_("act"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    at = models.DateTimeField(_("since"), default=timezone.now)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(null=True, default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    code = models.PositiveIntegerField(_("answer"), null=True)
    reason = models.CharField(max_length=300, blank=True)  # English, for translation
    took_ms = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("delivery"), _("deliveries")
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="delivery_due"),
            models.Index(fields=["webhook", "-at"], name="delivery_of"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.ref}"
