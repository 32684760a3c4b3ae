"""Processes with their steps and roles, and where they hand over to others."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.clocks.ahead import not_ahead
from comity.parties.duties import Duty
from comity.parties.models.customers import PERSON, Contact, Customer
from comity.parties.models.life import Rank, life
from comity.records.models import Record


class Process(Record):
    """A management process, value stream, or process of delivery, supply or distribution, with ordered steps.

    Its owner answers for it (BRM-1.1-2, PG-004-02, CSMS:2003 5.1, 8.4.1, 8.6.1).
    """

    meaning = _("How work is done in order: steps, roles, what goes in, what comes out.")

    class Type(models.TextChoices):
        MANAGEMENT = "management", _("Management")
        VALUE_STREAM = "value_stream", _("Value stream")
        DELIVERY = "delivery", _("Delivery of services")
        SUPPLY = "supply", _("Supply")
        DISTRIBUTION = "distribution", _("Distribution")

    class Tag(models.TextChoices):
        CUSTOMER_RELATIONSHIP = "customer_relationship", _("Customer relationships")
        SUPPLIER_RELATIONSHIP = "supplier_relationship", _("Supplier relationships")
        VALUE_PROPOSITION = "value_proposition", _("Value proposition")
        MARKET_RESEARCH = "market_research", _("Market research")
        SERVICE_DEVELOPMENT = "service_development", _("Development of services")
        COMPLAINT_HANDLING = "complaint_handling", _("Handling of complaints")
        PROBLEM_MANAGEMENT = "problem_management", _("Problem management")
        IMPROVEMENT = "improvement", _("Improvement")
        CHANGE_CONTROL = "change_control", _("Control of changes")
        SERVICE_LEVEL_MANAGEMENT = "service_level_management", _("Service level management")

    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=15, choices=Type, default=Type.MANAGEMENT)
    tag = models.CharField(_("subject"), max_length=30, choices=Tag, blank=True)
    inputs = models.TextField(_("inputs"), blank=True)
    input_sources = models.TextField(_("where inputs come from"), blank=True)
    outputs = models.TextField(_("outputs"), blank=True)
    output_recipients = models.TextField(_("who gets the outputs"), blank=True)
    criticality = models.CharField(_("criticality"), max_length=10, choices=Rank, blank=True)
    manual_part = models.CharField(_("part of the manual"), max_length=200, blank=True)
    customer_facing = models.BooleanField(_("deals with customers"), default=False)
    customer_outcome = models.TextField(_("what the customer gets from it"), blank=True)
    reconfirmed_at = models.DateField(_("last confirmed"), null=True, blank=True, validators=[not_ahead])
    status = life()

    class Meta:
        verbose_name, verbose_name_plural = _("process"), _("processes")

    named_by = ("name",)

    def __str__(self) -> str:
        return self.name


class ProcessRole(Record):
    """A role that a process needs; who holds it, a responsibility for the process says (BRM-1.1-3, PG-004-27)."""

    meaning = _("A role that a process needs. Who holds it, a responsibility says.")

    process = models.ForeignKey(Process, models.PROTECT, related_name="roles", verbose_name=_("process"))
    role = models.CharField(_("role"), max_length=40, choices=Duty)
    duties = models.TextField(_("duties"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("role of a process"), _("roles of processes")
        constraints = [models.UniqueConstraint(fields=["process", "role"], name="process_role_once")]

    def __str__(self) -> str:
        return f"{self.process} · {self.get_role_display()}"


class ProcessStep(Record):
    """One step, or stage, of a process: who answers for it, and who carries it out (ISO/IEC 20000-1:2011 7.2)."""

    meaning = _("One step of a process: who answers for it, and who carries it out.")

    class Operator(models.TextChoices):
        OWN = "own", _("Ourselves")
        INTERNAL = "internal", _("Another internal group")
        SUPPLIER = "supplier", _("Supplier")

    class Stage(models.TextChoices):
        REQUEST_INTAKE = "request_intake", _("Intake of requests")
        DELIVERY_COMMITMENT = "delivery_commitment", _("Commitment to deliver")
        SUSTAINED_CAPABILITY = "sustained_capability", _("Sustained capability")
        INITIATION = "initiation", _("Initiation of a service")
        EXECUTION = "execution", _("Execution of a service")

    process = models.ForeignKey(Process, models.PROTECT, related_name="steps", verbose_name=_("process"))
    position = models.PositiveSmallIntegerField(_("number"), null=True, blank=True, help_text=_("Empty: the last one."))
    name = models.CharField(_("name"), max_length=200)
    owner_role = models.CharField(_("role that answers for it"), max_length=40, choices=Duty, blank=True)
    operator_kind = models.CharField(_("carried out by"), max_length=10, choices=Operator, default=Operator.OWN)
    operator = models.CharField(_("name of who carries it out"), max_length=200, blank=True)
    inputs = models.TextField(_("inputs"), blank=True)
    outputs = models.TextField(_("outputs"), blank=True)
    requirements = models.TextField(_("requirements of it"), blank=True)
    stage = models.CharField(_("stage of delivery"), max_length=20, choices=Stage, blank=True)
    journey_stage = models.CharField(
        _("stage of the relationship"), max_length=10, choices=Customer.Stage, blank=True,
        help_text=_("Which part of the customer's way it serves."),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("step of a process"), _("steps of processes")
        indexes = [models.Index(fields=["process", "position"], name="process_step_in_order")]

    def __str__(self) -> str:
        return f"{self.process} · {self.name}"

    def derive(self, changed: set[str]) -> None:
        if self.position is None:
            last = ProcessStep.objects.filter(process=self.process_id).aggregate(n=models.Max("position"))["n"]
            self.position = (last or 0) + 1
        if self.operator_kind == self.Operator.OWN and not self.operator:
            self.operator = self.unit.name


class ProcessInterface(Record):
    """A hand-over or dependency between two operators or processes, with somebody to talk to on either side.

    ISO/IEC 20000-1:2011 7.2, BRM-1.1-4.
    """

    meaning = _("Where a process hands over to another operator or process, or depends on one.")

    class Type(models.TextChoices):
        HANDOVER = "handover", _("Hand-over")
        DEPENDENCY = "dependency", _("Dependency")

    class Direction(models.TextChoices):
        INBOUND = "inbound", _("Inbound")
        OUTBOUND = "outbound", _("Outbound")

    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.HANDOVER)
    process = models.ForeignKey(Process, models.PROTECT, related_name="interfaces", verbose_name=_("process"))
    direction = models.CharField(_("direction"), max_length=10, choices=Direction, blank=True)
    other_process = models.ForeignKey(
        Process, models.PROTECT, null=True, blank=True, related_name="interfaces_with", verbose_name=_("other process")
    )
    from_step = models.ForeignKey(
        ProcessStep, models.PROTECT, null=True, blank=True, related_name="hands_over", verbose_name=_("from the step")
    )
    to_step = models.ForeignKey(
        ProcessStep, models.PROTECT, null=True, blank=True, related_name="takes_over", verbose_name=_("to the step")
    )
    inputs = models.TextField(_("inputs"), blank=True)
    outputs = models.TextField(_("outputs"), blank=True)
    contact_own = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact on our side")
    )
    contact_other = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact on the other side")
    )
    verified_at = models.DateField(_("last verified"), null=True, blank=True, validators=[not_ahead])
    status = life()

    class Meta:
        verbose_name, verbose_name_plural = _("interface of a process"), _("interfaces of processes")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.from_step_id and self.from_step_id == self.to_step_id:
            raise ValidationError({"to_step": _("A step hands nothing over to itself.")})
        if self.process_id and self.process_id == self.other_process_id and not (self.from_step_id and self.to_step_id):
            raise ValidationError({"other_process": _("Within one process, say from which step to which.")})
        for name, step in (("from_step", self.from_step), ("to_step", self.to_step)):
            if step is not None and step.process_id not in (self.process_id, self.other_process_id):
                raise ValidationError({name: _("This step belongs to neither process.")})
