"""What contacts chose about being written to and asked (CSMS:2003 8.7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from comity.clocks.ahead import happened
from comity.parties.models.customers import Contact
from comity.records.models import Record, Settled

RULE = "opt_out"


class Consent(Record):
    """That a contact was offered a way out, or took it, for one purpose. A change of mind is another record.

    The last choice counts. Who was offered a way out and chose nothing may be asked (CSMS:2003 8.7.2).
    """

    meaning = _("What a contact chose about one purpose: may we ask, or write to many of which they are one?")

    class Type(models.TextChoices):
        OFFERED = "offered", _("Way out offered")
        OPT_IN = "opt_in", _("Wants it")
        OPT_OUT = "opt_out", _("Wants it no more")

    class Purpose(models.TextChoices):
        SURVEYS = "surveys", _("Surveys")
        NOTICES = "notices", _("Notices to many")

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="consents", verbose_name=_("contact"))
    purpose = models.CharField(pgettext_lazy("consent", "purpose"), max_length=10, choices=Purpose)
    type = models.CharField(_("choice"), max_length=10, choices=Type, default=Type.OPT_OUT)
    offered_at = models.DateTimeField(_("way out offered"), null=True, blank=True, editable=False)
    first_use_at = models.DateTimeField(_("first used"), null=True, blank=True, editable=False)
    chosen_at = models.DateTimeField(_("chosen"), null=True, blank=True, help_text=_("Empty: now."))
    proof_ref = models.CharField(
        _("proof"), max_length=20, blank=True, help_text=_("Reference of the communication in which they said so.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("wish about being asked"), _("wishes about being asked")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "purpose"], condition=models.Q(type="offered"), name="way_out_offered_once"
            )
        ]
        indexes = [models.Index(fields=["purpose", "type", "contact", "chosen_at"], name="consent_of_purpose")]

    def __str__(self) -> str:
        return f"{self.contact} · {self.get_purpose_display()}: {self.get_type_display()}"

    def derive(self, changed: set[str]) -> None:
        now = timezone.now()
        if self.type != self.Type.OFFERED:
            self.chosen_at = self.chosen_at or now
        else:
            self.first_use_at = self.first_use_at or now
        self.offered_at = self.offered_at or self.chosen_at or now

    def clean(self) -> None:
        happened(self, "chosen_at")
        if self.chosen_at and self.type == self.Type.OFFERED:
            raise ValidationError({"chosen_at": _("Nothing was chosen yet.")})

    def settled(self) -> Settled:
        return dict.fromkeys(self.kind.fields, _("A choice is not changed afterwards. Record the new one."))

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        """The contact's own trail says so."""
        from comity.records.write import note_auto

        for one in records:
            if said := SAID.get((one.purpose, one.type)):
                note_auto(one.contact, said, type(actor)(actor.person, actor.via, RULE))


SAID = {
    (Consent.Purpose.NOTICES, Consent.Type.OPT_OUT): gettext_noop("Wants no notices to many any more."),
    (Consent.Purpose.NOTICES, Consent.Type.OPT_IN): gettext_noop("Wants notices to many again."),
    (Consent.Purpose.SURVEYS, Consent.Type.OPT_OUT): gettext_noop("Does not wish to be asked in surveys any more."),
    (Consent.Purpose.SURVEYS, Consent.Type.OPT_IN): gettext_noop("May be asked in surveys again."),
}
