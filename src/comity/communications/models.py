"""Channels and the communication log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import CONTACTS, Role
from comity.clocks.ahead import happened, not_ahead
from comity.communications.mail import Mail
from comity.communications.plans import CommunicationPlan, PlanLine, PlanParty
from comity.communications.rules import at_once
from comity.communications.seen import CommunicationRows
from comity.communications.templates import Template
from comity.parties.pointers import kind_name
from comity.records.models import Record, Settled, Term
from comity.records.trail import Actor

__all__ = ["Channel", "Communication", "CommunicationPlan", "Mail", "PlanLine", "PlanParty", "Template"]


class Channel(Record):
    """Route by which a party can reach the organisation (ISO 10002 accessibility, CSMS:2003 9)."""

    meaning = _("A way by which customers and others can reach us.")

    class Type(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        POST = "post", _("Post")
        PORTAL = "portal", _("Portal")
        CHAT = "chat", _("Chat")
        FACE_TO_FACE = "face_to_face", _("Face to face")

    class Audience(models.TextChoices):
        CUSTOMER = "customer", _("Customers")
        STAFF = "staff", _("Staff")
        PUBLIC = "public", _("Public")

    class Result(models.TextChoices):
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    name = models.CharField(_("name"), max_length=150)
    type = models.CharField(_("type"), max_length=15, choices=Type)
    address = models.CharField(
        _("address"), max_length=300, blank=True, help_text=_("Number, e-mail address, link or place.")
    )
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.CUSTOMER)
    purposes = models.ManyToManyField(
        Term, blank=True, related_name="+", limit_choices_to={"list": "channel_purpose"}, verbose_name=_("purposes")
    )
    hours = models.CharField(_("hours"), max_length=200, blank=True)
    customers = models.ManyToManyField(
        "parties.Customer", blank=True, related_name="channels", verbose_name=_("customers"),
        help_text=_("Empty: for all of them."),
    )  # fmt: skip
    published_at = models.DateField(_("published"), null=True, blank=True)
    tested_at = models.DateField(_("last tested"), null=True, blank=True, validators=[not_ahead])
    test_result = models.CharField(_("result of the test"), max_length=10, choices=Result, blank=True)
    suitability = models.TextField(_("suitability"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("channel"), _("channels")

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        """What is published, all our own people may know and name, whoever looks after it."""
        return None if rights.roles <= CONTACTS | {Role.AUDITOR} else models.Q(published_at__isnull=False)

    def __str__(self) -> str:
        return self.name


_hearers: list[Callable[[Communication, Actor], None]] = []


def hearer(function: Callable[[Communication, Actor], None]) -> None:
    """Let a room above hear of each exchange that is logged or withdrawn, in the same transaction."""
    _hearers.append(function)


def hear(said: Communication, actor: Actor) -> None:
    """Tell those who listen that this was logged, or withdrawn."""
    for function in _hearers:
        function(said, actor)


class Communication(Record):
    """One logged exchange with a party. It points at any record by reference, and is never changed, only withdrawn."""

    meaning = _("One message or talk with a party, as it took place. What was said proves what was agreed.")

    class Direction(models.TextChoices):
        INBOUND = "inbound", _("Inbound")
        OUTBOUND = "outbound", _("Outbound")

    class Purpose(models.TextChoices):
        INTAKE = "intake", _("Intake")
        ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement")
        ANSWER = "answer", _("Substantive answer")
        PROGRESS = "progress", _("Progress")
        EXPLANATION = "explanation", _("Explanation")
        EXPLANATION_REQUEST = "explanation_request", _("Request for explanation")
        QUESTION = "question", _("Question")
        RESULT = "result", _("Result")
        CONFIRMATION = "confirmation", _("Confirmation")
        REJECTION = "rejection", _("Rejection")
        REMINDER = "reminder", _("Reminder")
        RECOURSE = "recourse", _("Ways of recourse")
        DECISION = "decision", _("Decision told")
        COMPLAINT_REPORT = "complaint_report", _("Report on complaints")
        REVIEW_FINDINGS = "review_findings", _("Findings of a review")
        MINUTES = "minutes", _("Minutes")
        CONTACT_DETAILS = "contact_details", _("Contact details")
        DEVIATION = "deviation", _("Deviation")
        IMPROVEMENT_RESULT = "improvement_result", _("Result of an improvement")
        SATISFACTION_REPORT = "satisfaction_report", _("Report on satisfaction")
        SERVICE_REPORT = "service_report", _("Service report")
        AGREEMENT_CHANGE = "agreement_change", _("Change of an agreement")
        FEEDBACK_DISPOSITION = "feedback_disposition", _("What became of feedback")
        STUDY_FINDINGS = "study_findings", _("Findings of a study")
        SUGGESTION_CALL = "suggestion_call", _("Call for suggestions")
        OTHER = "other", _("Other")

    class Delivery(models.TextChoices):
        NONE = "", _("Took place elsewhere")
        MAIL = "mail", _("By e-mail, sent from here")
        LETTER = "letter", _("By letter, printed from here")

    class Topic(models.TextChoices):
        INFORMATION = "information", _("Information")
        FEEDBACK = "feedback", _("Feedback")
        COMPLAINT = "complaint", _("Complaint")
        PROBLEM = "problem", _("Problem")
        CONCERN = "concern", _("Concern")
        INTEREST = "interest", _("Interest")
        PRIVACY = "privacy", _("Privacy")
        SECURITY = "security", _("Security")
        MARKETING = "marketing", _("Marketing")
        ESCALATION_ROUTE = "escalation_route", _("Escalation route")
        SERVICES = "services", _("Services")
        AVAILABILITY = "availability", _("Availability")
        CHARTER = "charter", _("Charter")
        DELIVERY = "delivery", _("Delivery")
        COSTS = "costs", _("Costs")
        CHANNELS = "channels", _("Channels")
        DISPUTES_COMPLAINTS = "disputes_complaints", _("Disputes and complaints")
        ORGANIZATION = "organization", _("Organisation")
        AFTER_SALES = "after_sales", _("After sales")
        REQUIREMENTS = "requirements", _("Requirements")

    class Status(models.TextChoices):
        RECORDED = "recorded", _("Recorded")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    direction = models.CharField(_("direction"), max_length=10, choices=Direction)
    purpose = models.CharField(_("purpose"), max_length=25, choices=Purpose, default=Purpose.OTHER)
    topic = models.CharField(_("topic"), max_length=25, choices=Topic, blank=True)
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="communications", verbose_name=_("channel")
    )
    customer = models.ForeignKey(
        "parties.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communications",
        verbose_name=_("customer"),
    )
    contact = models.ForeignKey(
        "parties.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communications",
        verbose_name=_("contact"),
    )
    subject_ref = models.CharField(_("concerns"), max_length=20, blank=True, help_text=_("Reference of any record."))
    subject_kind = models.CharField(max_length=40, blank=True, editable=False)
    occurred_at = models.DateTimeField(_("happened"), default=timezone.now, db_index=True)
    substantive = models.BooleanField(_("substantive"), default=False, help_text=_("It answers the matter itself."))
    summary = models.CharField(_("summary"), max_length=300)
    body = models.TextField(_("text"), blank=True)
    delivery = models.CharField(
        _("delivery"), max_length=10, choices=Delivery, blank=True,
        help_text=_("Whether Comity itself carries it to the party."),
    )  # fmt: skip
    version_carried = models.CharField(_("version carried"), max_length=20, blank=True)
    bulk = models.BooleanField(_("to many at once"), default=False)
    restricted = models.BooleanField(_("restricted"), default=False, help_text=_("Readable by those concerned only."))
    audience = models.CharField(
        _("sent to"), max_length=300, blank=True, help_text=_("A report: the people or roles that it was given to.")
    )
    recipients: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("our own people it went to")
    )
    plan_line = models.ForeignKey(
        PlanLine, models.PROTECT, null=True, blank=True, related_name="communications", verbose_name=_("line of a plan")
    )
    tags = models.ManyToManyField(
        Term,
        blank=True,
        related_name="+",
        limit_choices_to={"list": "communication_tag"},
        verbose_name=_("it is about"),
    )
    service_state = models.TextField(_("state of the service"), blank=True)
    customer_state = models.TextField(_("state of the customer"), blank=True)
    expectation_gap = models.TextField(_("where expectations are not met"), blank=True)
    need_change = models.TextField(_("change of needs"), blank=True)
    changes = models.TextField(_("changes"), blank=True, help_text=_("What is new since the last time."))
    findings = models.TextField(_("findings"), blank=True, help_text=_("What a review found, as it was told."))
    causes = models.TextField(_("causes"), blank=True)
    actions = models.TextField(_("actions"), blank=True)
    score = models.TextField(_("score"), blank=True, help_text=_("How satisfied they are, as it was told."))
    response_rate = models.TextField(_("response rate"), blank=True)
    conclusions = models.TextField(_("conclusions"), blank=True)
    value = models.TextField(_("values"), blank=True, help_text=_("What was measured in the period, as it was told."))
    activities = models.TextField(_("what we do"), blank=True)
    people = models.TextField(_("who we are"), blank=True)
    judgement = models.TextField(_("our judgement"), blank=True, help_text=_("Of an explanation, for example."))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECORDED, editable=False)

    objects = CommunicationRows.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name, verbose_name_plural = _("communication"), _("communications")
        indexes = [
            models.Index(fields=["subject_ref", "purpose", "occurred_at"], name="communication_about"),
            models.Index(fields=["customer", "-occurred_at"], name="communication_with"),
        ]

    def __str__(self) -> str:
        return self.summary

    def derive(self, changed: set[str]) -> None:
        self.subject_kind = kind_name(self.subject_ref)
        if self.contact is not None and self.customer_id is None:
            self.customer_id = self.contact.customer_id
        if self._state.adding and self.delivery == self.Delivery.MAIL and not at_once(self.occurred_at, timezone.now()):
            self.occurred_at = timezone.now()

    def clean(self) -> None:
        happened(self, "occurred_at")
        if self.delivery and self.direction != self.Direction.OUTBOUND:
            raise ValidationError({"delivery": _("Only what goes out is carried by us.")})
        if self.delivery == self.Delivery.MAIL and not (self.contact.email if self.contact else self.subject_ref):
            raise ValidationError({"contact": _("A mail needs a contact with an e-mail address.")})

    @classmethod
    def registered(cls, records: Sequence[Communication], actor: Actor) -> None:
        for said in records:
            hear(said, actor)

    def keep_back(self) -> None:
        """Forget, in memory only, with whom it was and what was said; that it took place shows."""
        self.contact, self.summary = None, self.get_purpose_display()
        for name in WORDS:
            setattr(self, name, "")
        self.hidden = frozenset({"contact", "summary", *WORDS})

    def editable(self, person: Any) -> bool:
        return self.status == self.Status.RECORDED

    def settled(self) -> Settled:
        """What was said stays; who looks after it, and under which heading, may come later (CSMS:2003 8.7.4)."""
        return dict.fromkeys((name for name in self.kind.fields if name not in HEADINGS), SAID)


WORDS = (
    "body", "service_state", "customer_state", "expectation_gap", "need_change", "changes", "judgement", "findings",
    "causes", "actions", "score", "response_rate", "conclusions", "value", "activities", "people",
)  # fmt: skip
"""The columns with what was said, or what somebody made of it."""
SAID = _("What was said cannot be changed. Withdraw this entry and log another.")
HEADINGS = frozenset({"owner", "topic", "tags", "plan_line"})
"""The columns that put it into its place."""
