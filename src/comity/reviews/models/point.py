"""The points of a review: what it has to conclude on, and what was noted under each topic of its agenda."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.records.models import Record, term
from comity.reviews.models.review import Review
from comity.reviews.models.types import demand

APPROVED = _("The minutes are approved. Correct them, so that those who took part hear of it.")


class Agenda(models.TextChoices):
    """What is talked about; which topics a review must deal with depends on its type."""

    NEED_CHANGES = "need_changes", _("Changes of needs")
    SCOPE = "scope", _("Scope")
    WORKLOAD = "workload", _("Workload")
    AGREEMENT = "agreement", _("Agreement")
    CONTRACT_PERFORMANCE = "contract_performance", _("Performance of the contract")
    CUSTOMER_CONCERNS = "customer_concerns", _("Concerns of the customer")
    OUTCOMES = "outcomes", _("Outcomes")
    VALUE_DELIVERY = "value_delivery", _("Value delivered")
    IMPROVEMENTS = "improvements", _("Improvements")
    CUSTOMER_DEMANDS = "customer_demands", _("Demands of customers")
    IMPROVEMENT_EFFECTS = "improvement_effects", _("Effects of improvements")
    TREND = "trend", _("Trend")
    RANKING = "ranking", _("Most frequent topics")
    SERVICE_IMPROVEMENT = "service_improvement", _("Improvement of services")
    HANDLING = "handling", _("Handling of complaints")
    RESOLUTION = "resolution", _("Resolution of complaints")
    ADOPTION = "adoption", _("Adoption of the policy")
    CAPABILITY_IMPACT = "capability_impact", _("Effect on our capability")
    TECHNOLOGY_IMPACT = "technology_impact", _("Effect on technology")
    TRUST_GROWTH = "trust_growth", _("Growth of trust")
    FINANCIAL_IMPACT = "financial_impact", _("Effect on finances")
    SYSTEM_EFFECTIVENESS = "system_effectiveness", _("Effectiveness of the system")
    DELIVERY_PLANNING = "delivery_planning", _("Planning of delivery")
    RISK_STRATEGY = "risk_strategy_effectiveness", _("Effectiveness of the strategy towards risks")
    RISK_RESPONSES = "risk_responses", _("Responses to risks")
    SUPPLY_CHAIN = "supply_chain", _("Supply chain")
    CUSTOMER_RELATIONSHIPS = "customer_relationships", _("Customer relationships")
    ADEQUACY = "adequacy", _("Adequacy")
    EFFECTIVENESS = "effectiveness", _("Effectiveness")
    SERVICE_ENHANCEMENT = "service_enhancement", _("Enhancement of services")
    SERVICE_DELIVERY = "service_delivery", _("Delivery of services")
    PRIVACY = "privacy", _("Privacy")
    SECURITY = "security", _("Security")
    POLICY_EFFECTIVENESS = "policy_effectiveness", _("Effectiveness of the policy")
    PREVENTIVE_TREND = "preventive_trend", _("Trend of what was prevented")
    SUBCONTRACTING = "subcontracting", _("Subcontracting")
    CONTRACT_STATUS = "contract_status", _("Status of the contract")
    CONTINUITY_OF_SUPPLY = "continuity_of_supply", _("Continuity of supply")


class ReviewPoint(Record):
    """One thing that a review must conclude on, put on its list by a rule (BRM-3.3-17, 3.3-18, 3.3-19), or one
    entry under a topic of its agenda (BRM-3.2.3, CSMS:2003 15.1 and 17.1), about a record where it names one."""

    meaning = _("What a review must conclude on: what keeps coming, what found no end, what was grave.")

    class List(models.TextChoices):
        RECURRING = "recurring", _("Recurring")
        UNSETTLED = "unsettled", _("Unsettled")
        GRAVE = "grave", _("Grave")
        AGENDA = "agenda", _("Agenda")

    class Nature(models.TextChoices):
        NOTES = "notes", _("Note")
        CONCLUSION = "conclusion", _("Conclusion")
        DECISION = "decision", _("Decision")
        VERDICT = "verdict", _("Verdict")
        DIRECTION = "direction", _("Direction of a trend")
        INPUT_REPORT = "input_report", _("Report handed in")

    class Outcome(models.TextChoices):
        ROOT_CAUSE = "root_cause", _("Search for the root cause")
        IMPROVEMENT = "improvement", _("Improvement")
        NONE = "none", _("No improvement, for the reason given")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CONCLUDED = "concluded", _("Concluded")

    review = models.ForeignKey(Review, models.PROTECT, related_name="points", verbose_name=_("review"))
    list = models.CharField(_("list"), max_length=10, choices=List)
    agenda = models.CharField(_("topic of the agenda"), max_length=30, choices=Agenda, blank=True)
    nature = models.CharField(_("kind of entry"), max_length=12, choices=Nature, blank=True)
    nothing = models.BooleanField(_("expressly nothing"), default=False)
    subject_ref = models.CharField(
        _("record that it names"), max_length=20, blank=True, db_index=True, help_text=_("Reference of any record.")
    )
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("case")
    )
    service = models.ForeignKey(
        "agreements.Service", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    topic = term("case_topic", null=True, blank=True, verbose_name=_("topic"))
    why = models.CharField(_("why it is here"), max_length=200, blank=True)
    number = models.PositiveIntegerField(_("complaints"), default=1)
    conclusion = models.TextField(_("conclusion"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    improvement = models.ForeignKey(
        "improvement.Improvement", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("improvement"), help_text=_("Empty: one is proposed."),
    )  # fmt: skip
    process_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("owner of the affected process"),
    )  # fmt: skip
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("review point"), _("review points")
        indexes = [models.Index(fields=["review", "list", "status"], name="point_of_review")]

    def __str__(self) -> str:
        named = (
            str(self.get_agenda_display()), self.case.ref if self.case else "", str(self.service or ""),
            str(self.topic or ""), self.subject_ref,
        )  # fmt: skip
        return " · ".join(part for part in named if part) or self.ref

    @property
    def on_agenda(self) -> bool:
        """An entry of the agenda says what it says; it needs no step to be concluded."""
        return self.list == self.List.AGENDA

    def clean(self) -> None:
        if self._state.adding and self.review_id and self.review.status == Review.Status.CLOSED:
            raise ValidationError({"review": _("The review is closed.")})
        if self._state.adding and self.review_id and self.review.minutes_no:
            raise ValidationError({"review": APPROVED})
        if self.on_agenda and not self.agenda:
            raise ValidationError({"agenda": _("Name the topic of the agenda.")})
        if self.on_agenda and bool(self.conclusion.strip()) == self.nothing:
            raise ValidationError({"conclusion": _("Write what was said, or say that there was nothing.")})

    def derive(self, changed: set[str]) -> None:
        if self.on_agenda:
            self.status = self.Status.CONCLUDED
            self.nature = self.nature or self.Nature.CONCLUSION

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        for point in records:
            demand(actor, point.review.type, "create")

    def updated(self, changed: set[str], actor: Any) -> None:
        """What was concluded is reconsidered first, so that the trail says why it became something else."""
        if self.on_agenda:
            if self.review.status == Review.Status.CLOSED:
                raise ValidationError(_("The review is closed."))
            if self.review.minutes_no and changed - {"improvement"}:
                raise ValidationError(APPROVED)
        elif self.status == self.Status.CONCLUDED and changed - {"improvement"}:
            raise ValidationError(_("This is concluded. Reconsider it first."))
