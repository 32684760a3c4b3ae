"""The hand-over of a case, or of a bundle on one topic, to a higher level."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.cases.models.choices import EscalationStatus, EscalationType, Level, Trigger
from comity.records.models import Record, term


class Escalation(Record):
    """Dated hand-over to a level, which a person there must answer (ISO/IEC 20000-1:2011 7.1, BRM-3.3-23)."""

    meaning = _("A case, or several on one topic, handed up to a level where somebody must answer.")

    Status = EscalationStatus

    status = models.CharField(_("status"), max_length=12, choices=EscalationStatus, default=EscalationStatus.OPEN)
    type = models.CharField(_("type"), max_length=20, choices=EscalationType, default=EscalationType.CASE)
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="escalations", verbose_name=_("case")
    )
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    service = models.ForeignKey(
        "agreements.Service", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    topic = term("case_topic", null=True, blank=True, verbose_name=_("topic"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.COMPLAINT_OWNER)
    trigger = models.CharField(_("trigger"), max_length=20, choices=Trigger)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("to be answered by"),
    )
    skipped = models.JSONField(_("passed over"), default=list, blank=True, editable=False)
    raised_at = models.DateTimeField(_("raised"))
    due_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    compiled_summary = models.TextField(_("summary"), blank=True)
    decision = models.TextField(_("decision"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False,
        verbose_name=_("answered by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        indexes = [
            models.Index(fields=["-raised_at", "id"], name="escalation_newest"),
            models.Index(fields=["due_at", "id"], name="escalation_due", condition=models.Q(status="open")),
            models.Index(fields=["person", "status"], name="escalation_person"),
            models.Index(fields=["service", "topic"], name="escalation_topic", condition=models.Q(status="open")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "topic"], name="one_open_bundle_per_service",
                condition=models.Q(type="topic_bundle", status="open", customer__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["customer", "topic"], name="one_open_bundle_per_customer",
                condition=models.Q(type="topic_bundle", status="open", service__isnull=True),
            ),
        ]  # fmt: skip

    @property
    def since(self) -> datetime:
        return self.moved_at or self.raised_at

    def __str__(self) -> str:
        return f"{self.ref} · {self.get_trigger_display()}"

    def editable(self, person: Any) -> bool:
        """Raised by rules and steps of a case, and changed by its own steps."""
        return False

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        """Whoever must answer reads what is asked, whatever the group; so does the stand-in."""
        from comity.cases.models.entrusted import trust_of

        people = trust_of(person, rights).people
        return models.Q(person__in=people) if people else None

    @property
    def is_bundle(self) -> bool:
        """A bundle of several cases, ended by a coordination decision."""
        return self.type == EscalationType.TOPIC_BUNDLE
