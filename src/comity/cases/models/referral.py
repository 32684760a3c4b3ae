"""The referral of a case to somebody outside who settles disputes (ISO 10003)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.cases.models.choices import Method, ReferralStatus
from comity.records.models import Record
from comity.records.seen import SeenRows


class Referral(Record):
    """Who outside looks at a case, how, with whose consent, what was offered, what came of it and what it cost."""

    meaning = _("A case that an outside body looks at, because the customer and we do not agree.")

    Status = ReferralStatus

    status = models.CharField(_("status"), max_length=10, choices=ReferralStatus, default=ReferralStatus.OPEN)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="referrals", verbose_name=_("case"))
    body = models.CharField(_("outside body"), max_length=200)
    method = models.CharField(_("method"), max_length=12, choices=Method)
    consent = models.ForeignKey(
        "communications.Communication", models.PROTECT, related_name="+", verbose_name=_("customer's consent"),
        help_text=_("The communication in which the customer agreed to it."),
    )  # fmt: skip
    referred_on = models.DateField(_("referred"), default=timezone.localdate)
    due_on = models.DateField(_("outcome expected"), null=True, blank=True)
    offer = models.TextField(_("offer made"), blank=True)
    outcome = models.TextField(_("outcome"), blank=True)
    cost = models.DecimalField(
        _("cost"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    closed_on = models.DateField(_("ended"), null=True, blank=True, editable=False)

    objects = SeenRows.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name, verbose_name_plural = _("referral"), _("referrals")
        indexes = [
            models.Index(fields=["-referred_on", "-id"], name="referral_newest"),
            models.Index(fields=["due_on", "id"], name="referral_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "body"], name="one_open_referral", condition=models.Q(status="open")
            )
        ]

    def __str__(self) -> str:
        return f"{self.body} ({self.get_method_display()})"

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        """The case names the body, so that a new date and an end without agreement point to it."""
        from comity.records import write

        rule = write.Actor.system("ISO10003-referral", actor.via)
        for one in records:
            write.assign(one.case, {"outside_body": one.body}, actor=rule, act="refer")
            write.note_auto(one.case, gettext_noop("%(ref)s: referred to %(body)s."), rule, ref=one.ref, body=one.body)
