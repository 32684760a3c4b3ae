"""What people inside hear of and how they want to hear it; who does not want notices to many; such notices."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.notices.webhooks.models import Delivery, Webhook

__all__ = ["Broadcast", "Deadline", "Delivery", "Digest", "Notification", "Preference", "Reach", "Webhook"]

PERSON = settings.AUTH_USER_MODEL


class Event(models.TextChoices):
    """What a person inside can be told."""

    ASSIGNED = "assigned", _("Something is assigned to me")
    ESCALATED = "escalated", _("An escalation asks for my answer")
    MENTIONED = "mentioned", _("Somebody mentions me")
    REPLY = "reply", _("A customer writes about what is mine")
    NOTE = "note", _("A note on what I own or follow")
    STEP = "step", _("A step on what I own or follow")
    NEAR = "near", _("A deadline of mine is near")
    MISSED = "missed", _("A deadline of mine has passed")
    MAIL_FAILED = "mail_failed", _("A mail could not be delivered")
    JOB = "job", _("What I started has ended")
    ALERT = "alert", _("A saved view has passed its limit")
    SILENT = "silent", _("What did not happen and is mine, once a week")


class Way(models.TextChoices):
    """How it is told. Whatever is told stands in the list of notifications, too."""

    APP = "app", _("In the app")
    MAIL = "mail", _("By mail at once")
    DIGEST = "digest", _("By mail in the morning")
    OFF = "off", _("Not at all")


DEFAULTS: dict[str, Way] = {
    Event.ASSIGNED: Way.MAIL,
    Event.ESCALATED: Way.MAIL,
    Event.MENTIONED: Way.MAIL,
    Event.REPLY: Way.DIGEST,
    Event.NEAR: Way.DIGEST,
    Event.MISSED: Way.DIGEST,
    Event.MAIL_FAILED: Way.MAIL,
    Event.SILENT: Way.MAIL,
}
"""What holds for people who have not chosen; in the app only where nothing is said."""


class Notification(models.Model):
    """Something that one person is told. Its words are made when it is read, from the event and the record as its
    reader may see it then, so nothing stands here that a reader must not know."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="notifications")
    instead_of = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="+")
    event = models.CharField(_("event"), max_length=12, choices=Event)
    at = models.DateTimeField(_("time"), default=timezone.now)
    kind = models.CharField(max_length=40, blank=True)
    record_id = models.BigIntegerField(null=True)
    entry_id = models.BigIntegerField(null=True)
    text = models.CharField(max_length=300, blank=True)  # English, for translation; empty: that of the event
    values = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    read_at = models.DateTimeField(_("read"), null=True)
    for_digest = models.BooleanField(default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("notification"), _("notifications")
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="notification_of"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notification_unread"),
            models.Index(fields=["person"], condition=Q(for_digest=True), name="notification_for_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"


class Preference(models.Model):
    """How one person wants to hear of one event."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    event = models.CharField(_("event"), max_length=12, choices=Event)
    way = models.CharField(_("how"), max_length=6, choices=Way)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "event"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.event}: {self.way}"


class Digest(models.Model):
    """The day on which a person last got a digest, in that person's zone."""

    person = models.OneToOneField(PERSON, models.CASCADE, primary_key=True, related_name="+")
    sent_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.person_id} {self.sent_on}"


class Deadline(models.Model):
    """The next deadline of a record as it stood when the record last changed, and what was told of it."""

    kind = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    due_at = models.DateTimeField()
    near_at = models.DateTimeField()
    told_near = models.BooleanField(default=False)
    told_missed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "record_id"], name="deadline_once")]
        indexes: ClassVar = [
            models.Index(fields=["near_at"], condition=Q(told_near=False), name="deadline_near"),
            models.Index(fields=["due_at"], condition=Q(told_missed=False), name="deadline_missed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}: {self.due_at}"


class Broadcast(models.Model):
    """One notice to many contacts, chosen once; each gets a communication of its own (CSMS:2003 4.6, 8.7.4)."""

    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("time"), default=timezone.now)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=20_000)
    subject_zh = models.CharField(_("subject in Chinese"), max_length=200, blank=True)
    body_zh = models.TextField(_("text in Chinese"), max_length=20_000, blank=True)
    purpose = models.CharField(_("purpose"), max_length=25)
    topic = models.CharField(_("topic"), max_length=25, blank=True)
    version_carried = models.CharField(_("version carried"), max_length=20, blank=True)
    required = models.BooleanField(
        _("required by law or contract"), default=False, help_text=_("Reaches those, too, who want no such notices.")
    )
    chosen = models.JSONField(default=dict)
    job_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("notice to many"), _("notices to many")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.subject


class Reach(models.Model):
    """One contact whom a notice to many was to reach: the communication, or why there is none."""

    class Why(models.TextChoices):
        OPTED_OUT = "opted_out", _("Wants no such notices")
        NO_ADDRESS = "no_address", _("No e-mail address")
        LEFT = "left", _("Has left")
        SAME = "same", _("The same address again")
        REFUSED = "refused", _("Refused")

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="reached")
    contact = models.ForeignKey("parties.Contact", models.PROTECT, related_name="+")
    communication = models.ForeignKey("communications.Communication", models.PROTECT, null=True, related_name="+")
    why_not = models.CharField(max_length=12, choices=Why, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["broadcast", "contact"], name="reach_once")]

    def __str__(self) -> str:
        return f"{self.broadcast_id}: {self.contact_id}"
