"""What somebody asks about their own data, what must not be touched meanwhile, and an erasure with what it did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.clocks.ahead import happened
from comity.clocks.parameters import declare, number
from comity.parties.pointers import kind_name
from comity.records.models import Record, Settled

declare(
    "own_data_reply_days", 21, "d", 1, 365, _("Time from a request about own data to its answer, as we promise it.")
)


class DataSubjectRequest(Record):
    """Somebody asks about their own data: to see, correct or delete them, or objects to their use.

    It is answered, or refused with the reason, by a day of ours that is never later than the law's (CSMS:2003 8.7.2).
    """

    meaning = _("What a person asks about the data that we hold on them, and what they were answered.")

    class Type(models.TextChoices):
        ACCESS = "access", _("To have a copy of them")
        CORRECTION = "correction", _("To have them corrected")
        DELETION = "deletion", _("To have them erased")
        OBJECTION = "objection", _("Objects to their use")

    class Status(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("state", "Received")
        IDENTIFIED = "identified", _("Identity confirmed")
        GRANTED = "granted", _("Granted")
        ERASING = "erasing", _("Being erased")
        DONE = "done", pgettext_lazy("state", "Done")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (Status.RECEIVED, Status.IDENTIFIED, Status.GRANTED, Status.ERASING)

    contact = models.ForeignKey(
        "parties.Contact", models.PROTECT, related_name="data_subject_requests", verbose_name=_("contact")
    )
    type = models.CharField(_("asks"), max_length=10, choices=Type)
    received_at = models.DateTimeField(_("received"), default=timezone.now, blank=True)
    description = models.TextField(_("what they wrote"), blank=True)
    identified_by = models.CharField(
        _("identity confirmed by"), max_length=200, blank=True,
        help_text=_("How we know that it is they who ask: a sign-in, a call back, a paper that was shown."),
    )  # fmt: skip
    outcome = models.TextField(_("answer"), blank=True, help_text=_("They are told so in these words."))
    closed_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    due_on = models.DateField(_("due"), editable=False)
    legal_on = models.DateField(_("due by law"), editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("request about own data"), _("requests about own data")
        indexes = [models.Index(fields=["-received_at", "-id"], name="subject_request_newest")]

    def __str__(self) -> str:
        return f"{self.get_type_display()}: {self.contact}"

    @property
    def open(self) -> bool:
        return self.status in self.OPEN

    @property
    def since(self) -> Any:
        """Nothing was done about a request before it came."""
        return self.moved_at or self.received_at

    def clean(self) -> None:
        happened(self, "received_at")

    def derive(self, changed: set[str]) -> None:
        if self.due_on is None:
            law = number("dsr_days")
            day = timezone.localdate(self.received_at)
            self.legal_on = day + timedelta(days=law)
            self.due_on = day + timedelta(days=min(number("own_data_reply_days"), law))
        self.next_due = self.due_on if self.open else None

    def settled(self) -> Settled:
        fixed: dict[str, Any] = {"received_at": _("The days of the answer are counted from it.")}
        if self.status != self.Status.RECEIVED:
            fixed |= dict.fromkeys(("contact", "type", "identified_by"), _("The identity was confirmed for it."))
        if not self.open:
            fixed |= dict.fromkeys(("description", "outcome"), _("It is answered, and no longer changes."))
        return fixed

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        from comity.privacy import telling

        for one in records:
            telling.received(one, actor)


class LegalHold(Record):
    """A record that must stay as it is while a dispute or an inquiry lasts; no erasure touches it (CSMS:2003 12.1)."""

    meaning = _("Marks a record that nobody's erasure may touch, with the reason and until somebody lifts it.")

    class Status(models.TextChoices):
        HELD = "held", _("Held")
        LIFTED = "lifted", _("Lifted")

    subject_ref = models.CharField(_("record held"), max_length=20, help_text=_("Its reference."), db_index=True)
    subject_kind = models.CharField(max_length=40, blank=True, editable=False)
    reason = models.TextField(_("reason"))
    held_on = models.DateField(_("held since"), default=timezone.localdate, blank=True)
    review_on = models.DateField(_("looked at again"), null=True, blank=True, db_index=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.HELD, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("legal hold"), _("legal holds")

    def __str__(self) -> str:
        return f"{self.subject_ref}: {self.get_status_display()}"

    def clean(self) -> None:
        happened(self, "held_on")
        if self.review_on and self.held_on and self.review_on < self.held_on:
            raise ValidationError({"review_on": _("This is before the hold begins.")})

    def derive(self, changed: set[str]) -> None:
        self.subject_kind = kind_name(self.subject_ref)

    def settled(self) -> Settled:
        return {"subject_ref": _("Lift this hold and place another."), "held_on": _("The hold stands since then.")}


class Erasure(models.Model):
    """One erasure: whom and what it takes, decided when it was confirmed, and what it did. No record and no evidence:
    the request that it belongs to is. `words` holds what to look for, and is empty again once it is done."""

    request = models.OneToOneField(DataSubjectRequest, models.PROTECT, related_name="erasure")
    number = models.PositiveIntegerField(unique=True)
    contacts = models.JSONField(default=list)
    people = models.JSONField(default=list)
    scope = models.JSONField(default=dict)  # kind -> ids of the records whose words go
    held = models.JSONField(default=dict)  # reference -> why it is under hold
    spared = models.JSONField(default=list)  # references of records of which a person said that they hold nothing
    words = models.JSONField(default=list)  # what to look for everywhere, and what takes its place
    phrases = models.JSONField(default=list)  # the same, but not in records of others
    counts = models.JSONField(default=dict)  # place -> how many rows
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.request.ref}"

    @property
    def name(self) -> str:
        """What takes the place of the person's name."""
        return f"Erased person {self.number}"

    def count(self, place: str, rows: int) -> None:
        """Add to what was done, in the transaction that did it."""
        if rows:
            fresh = type(self).objects.select_for_update().get(pk=self.pk)
            self.counts = fresh.counts | {place: fresh.counts.get(place, 0) + rows}
            self.save(update_fields=["counts"])
