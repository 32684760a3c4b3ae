"""Parties beside the customers."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.clocks.ahead import not_ahead
from comity.parties.models.customers import Contact
from comity.parties.models.life import Cadence, Rank, life
from comity.records.models import Record


class InterestedParty(Record):
    """Any other party with a stake in the services, with its needs, its weight and our own person for it, the owner.

    ISO/IEC 20000-1:2011 7.1, ISO/IEC 20000-1:2018 8.3.2; needs and influence after PG-004-13 to PG-004-16.
    """

    meaning = _("A party beside the customers that has a stake in the services, and who of us looks after it.")

    class Type(models.TextChoices):
        USER = "user", _("Group of users")
        SPONSOR = "sponsor", _("Owner or sponsor")
        REGULATOR = "regulator", _("Regulator")
        PARTNER = "partner", _("Partner")
        INTERNAL_UNIT = "internal_unit", _("Internal unit")
        COMMUNITY = "community", _("Community")

    class Expectation(models.TextChoices):
        MET = "met", _("Met")
        PARTLY = "partly", _("Partly met")
        UNMET = "unmet", _("Not met")

    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=15, choices=Type, default=Type.USER)
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="interested_parties", verbose_name=_("contact")
    )
    interest = models.TextField(_("stake"), blank=True, help_text=_("What it has to do with the services."))
    needs = models.TextField(_("needs"), blank=True)
    influence = models.CharField(_("influence"), max_length=10, choices=Rank, blank=True)
    key = models.BooleanField(_("key party"), default=False)
    stands_for_customers = models.BooleanField(
        _("stands for the customers as a group"), default=False,
        help_text=_("One entry of this kind lets measures be tied to the customers as a whole."),
    )  # fmt: skip
    expectation_status = models.CharField(_("expectations"), max_length=10, choices=Expectation, blank=True)
    rating = models.PositiveSmallIntegerField(
        _("confidence in us, 1 to 5"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    reason = models.TextField(_("reason for this rating"), blank=True)
    cadence = models.CharField(_("we are in touch"), max_length=12, choices=Cadence, blank=True)
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True, validators=[not_ahead])
    status = life()

    class Meta:
        verbose_name, verbose_name_plural = _("interested party"), _("interested parties")

    named_by = ("name",)

    def __str__(self) -> str:
        return self.name
