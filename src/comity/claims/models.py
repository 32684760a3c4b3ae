"""The claim against one promise of a charter or an agreement (CSMS:2003 4.6 d, ISO 10001)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.accounts.columns import person
from comity.agreements.models import TOWARDS_CUSTOMERS
from comity.agreements.operations import calendar_of
from comity.clocks.ahead import happened
from comity.clocks.parameters import declare, limit, number
from comity.clocks.rules import due
from comity.records.models import Record, Settled
from comity.records.seen import SeenRows

declare("claim_decide_days", 10, "bd", 1, 60, _("Time from the receipt of a claim to its decision."))
declare(
    "claim_approval_limit",
    500,
    "n",
    0,
    1_000_000,
    _("A higher compensation, or one in another currency than ours, is approved by a second person."),
)

DECISION = frozenset({"kept", "conditions", "remedy", "amount", "currency", "reason"})
"""What we weigh until it is decided, and whoever claims sees only then."""


def of_version(version: Any) -> models.Q:
    """What was claimed against the promises of a version of an agreement: its targets and its clauses."""
    return models.Q(target__agreement_version=version) | models.Q(clause__agreement_version=version)


class Claim(Record):
    """Somebody of a customer says that a promise was not kept, and wants something for it.

    It is held against the conditions and exclusions of the promise, granted or refused with the reason, told, and what
    was granted is given on a day and under a reference (CSMS:2003 4.6 d, ISO 10001).
    """

    meaning = _("What a customer asks for because a promise was not kept, what we decided, and what we gave.")

    class Remedy(models.TextChoices):
        REFUND = "refund", _("Money back")
        CREDIT = "credit", _("Credit on the next invoice")
        SERVICE = "service", _("Service free of charge")
        REDO = "redo", _("Done once more")
        APOLOGY = "apology", _("Apology")

    class Status(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("state", "Received")
        ASSESSED = "assessed", _("Assessed")
        APPROVAL = "approval", _("Waits for approval")
        GRANTED = "granted", _("Granted")
        SETTLED = "settled", _("Compensated")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    COSTLY = (Remedy.REFUND, Remedy.CREDIT, Remedy.SERVICE)
    UNDECIDED = (Status.RECEIVED, Status.ASSESSED, Status.APPROVAL)

    target = models.ForeignKey(
        "agreements.Target", models.PROTECT, null=True, blank=True, related_name="claims", verbose_name=_("promise"),
    )  # fmt: skip
    clause = models.ForeignKey(
        "agreements.Clause", models.PROTECT, null=True, blank=True, related_name="claims",
        verbose_name=_("promise in a clause"), help_text=_("Where no target measures what was promised."),
    )  # fmt: skip
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="claims", verbose_name=_("customer"))
    contact = models.ForeignKey(
        "parties.Contact", models.PROTECT, null=True, blank=True, related_name="claims", verbose_name=_("contact")
    )
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="claims", verbose_name=_("case"),
        help_text=_("The case in which the promise was not kept."),
    )  # fmt: skip
    received_at = models.DateTimeField(_("received"), default=timezone.now, blank=True)
    happened_on = models.DateField(_("happened on"))
    description = models.TextField(_("what happened"))
    wanted_remedy = models.TextField(_("remedy wanted"), blank=True)
    kept = models.BooleanField(_("promise kept?"), null=True, blank=True)
    conditions = models.TextField(
        _("conditions and exclusions weighed"), blank=True,
        help_text=_("Which conditions and exclusions of the promise apply to it, and which do not."),
    )  # fmt: skip
    remedy = models.CharField(_("compensation"), max_length=10, choices=Remedy, blank=True)
    amount = models.DecimalField(
        _("amount or worth"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Its three letters."),
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Write the three letters of the currency, such as EUR."))],
    )  # fmt: skip
    reason = models.TextField(_("reason of the decision"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    decided_by = person(_("decided by"), editable=False)
    approved_by = person(_("approved by"), editable=False)
    given_on = models.DateField(_("given on"), null=True, blank=True)
    given_reference = models.CharField(
        _("reference of it"), max_length=100, blank=True, help_text=_("Of the payment, the credit note or the order.")
    )
    due_on = models.DateField(_("decided by the day"), null=True, blank=True, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED, editable=False)

    objects = SeenRows.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name, verbose_name_plural = _("claim"), _("claims")
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="claim_newest"),
            models.Index(fields=["customer", "-received_at"], name="claim_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.promise} · {self.customer}"

    @property
    def promise(self) -> Any:
        """What was promised: a target, or a clause that says it in words."""
        return self.target or self.clause

    @property
    def undecided(self) -> bool:
        return self.status in self.UNDECIDED

    @property
    def since(self) -> Any:
        """Nothing was done about a claim before it was received."""
        return self.moved_at or self.received_at

    @property
    def dear(self) -> bool:
        """Is the compensation so high that a second person has to approve it? The limit is in the organisation's
        currency; what is given in another one cannot be held against it, so that always is."""
        foreign = bool(self.amount) and self.currency != settings.COMITY_CURRENCY
        return foreign or (self.amount or Decimal(0)) > number("claim_approval_limit")

    def clean(self) -> None:
        happened(self, "received_at", "happened_on", "given_on")
        if self.amount is not None and not self.currency:
            raise ValidationError({"currency": _("Write the three letters of the currency, such as EUR.")})
        if (self.target_id is None) == (self.clause_id is None):
            raise ValidationError({"target": _("Name the promise: a target, or a clause.")})
        if self.customer_id:
            agreement = self.promise.agreement_version.agreement
            named = set(agreement.customers.values_list("pk", flat=True))
            towards = agreement.type in TOWARDS_CUSTOMERS
            if not towards or (named and not named & {self.customer_id, self.customer.parent_id}):
                name = "target" if self.target_id else "clause"
                raise ValidationError({name: _("This was not promised to this customer.")})
            if self.clause is not None and self.clause.none_agreed:
                raise ValidationError({"clause": _("This clause promises nothing.")})
        if self.contact and not self.contact.speaks_for(self.customer_id):
            raise ValidationError({"contact": _("This contact does not speak for the customer.")})

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        """Whoever claims gets its number and the day of the decision at once."""
        from comity.claims import telling

        for claim in records:
            telling.received(claim, actor)

    def derive(self, changed: set[str]) -> None:
        if self.due_on is None:
            calendar = calendar_of(self.promise.agreement_version)
            self.due_on = due(calendar, self.received_at, limit("claim_decide_days")).astimezone(calendar.zone).date()
        self.next_due = self.due_on if self.undecided else None

    def settled(self) -> Settled:
        """What it was decided on stays what it was."""
        names = ("target", "clause", "customer", "contact", "happened_on", "description", "wanted_remedy")
        decided = {} if self.undecided else dict.fromkeys(names, _("It is decided, and no longer changes."))
        return {"received_at": _("The day of the decision is counted from it."), **decided}

    def veil(self) -> None:
        """Forget what is still weighed, in memory only, and say so to every door."""
        self.kept = self.amount = None
        self.conditions = self.remedy = self.currency = self.reason = ""
        self.hidden = DECISION
