"""The work of our own people."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.parties.models.customers import PERSON
from comity.records.models import Record


class Position(Record):
    """What one of our own people is employed for: team, department, manager, and what the work asks for.

    CSMS:2003 4.1; who belongs to the organisation, and from when to when, the account says.
    """

    meaning = _("The work of one of our people: team, department, manager, and what it asks for.")

    class Type(models.TextChoices):
        EMPLOYEE = "employee", _("Employee")
        CONTRACTOR = "contractor", _("Contractor")

    class Department(models.TextChoices):
        OPERATIONS = "operations", _("Operations")
        PROJECT_MANAGEMENT = "project_management", _("Project management")
        OTHER = "other", _("Other")

    person = models.OneToOneField(PERSON, models.PROTECT, related_name="position", verbose_name=_("person"))
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.EMPLOYEE)
    team = models.CharField(_("team"), max_length=100, blank=True)
    department = models.CharField(_("department"), max_length=20, choices=Department, blank=True)
    manager = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="positions_led", verbose_name=_("manager")
    )
    job_requirements = models.TextField(_("what the work asks for"), blank=True)
    customer_facing = models.BooleanField(_("deals with customers"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("position"), _("positions")

    def __str__(self) -> str:
        return str(self.person)

    def clean(self) -> None:
        if self.manager_id and self.manager_id == self.person_id:
            raise ValidationError({"manager": _("Nobody is the manager of himself.")})
