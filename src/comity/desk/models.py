"""Acts under a name, and who is at a record now."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.desk.rules import pairs
from comity.records.kind import kind_named
from comity.records.models import Record

PERSON = settings.AUTH_USER_MODEL


def steps() -> list[tuple[str, str]]:
    """The steps of a case, by name and label."""
    flow = kind_named("case").workflow
    return [(row.name, str(row.label or row.name)) for row in (flow.moves if flow else ()) if row.by]


class Macro(Record):
    """What is often done to a case in one go: fields, assignment, a step, an answer, a note."""

    meaning = _("What you often do to a case in one go: set fields, assign it, take a step, send a text, leave a note.")

    name = models.CharField(_("name"), max_length=100)
    active = models.BooleanField(_("active"), default=True)
    changes = models.TextField(
        _("fields to set"), blank=True, help_text=_("One a line, such as: topic = billing")
    )  # fmt: skip
    to_me = models.BooleanField(_("assign to whoever applies it"), default=False)
    handler = models.ForeignKey(
        PERSON, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("assign to")
    )
    step = models.CharField(_("step"), max_length=40, choices=steps, blank=True)
    step_values = models.TextField(
        _("values of the step"), blank=True, help_text=_("One a line, such as: next_step = We call you today.")
    )
    text = models.ForeignKey(
        "communications.Template", models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("text to send"), help_text=_("Goes by mail to the contact of the case."),
    )  # fmt: skip
    note = models.TextField(_("note to leave"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("macro"), _("macros")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Only what a case has can be set; a line that is none is named."""
        case = kind_named("case")
        errors: dict[str, Any] = {}
        inputs = case.workflow[self.step].inputs if self.step and case.workflow else ()
        for name, known in (("changes", case.fields), ("step_values", inputs)):
            values, wrong = pairs(getattr(self, name))
            if wrong := [*wrong, *(one for one in values if one not in known)]:
                errors[name] = _("Nothing can be set by: %(lines)s") % {"lines": ", ".join(wrong)}
        if self.to_me and self.handler_id:
            errors["handler"] = _("Assign it to one of them: whoever applies it, or this person.")
        if not any((self.changes.strip(), self.to_me, self.handler_id, self.step, self.text_id, self.note.strip())):
            errors["name"] = _("It does nothing yet.")
        if errors:
            raise ValidationError(errors)


class Checklist(Record):
    """Points that are gone through on a case, under a name."""

    meaning = _("Points that you go through on cases of one sort, such as before a result is told.")

    name = models.CharField(_("name"), max_length=100)
    points = models.TextField(_("points"), max_length=10_000, help_text=_("One a line."))
    holds = models.BooleanField(
        _("must be done before the result"), default=False,
        help_text=_("While a point is open, the customer is not told a result."),
    )  # fmt: skip
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("checklist"), _("checklists")

    def __str__(self) -> str:
        return self.name


class Point(models.Model):
    """One point of a checklist as it was put on a record. Who checked it, and when, stands in the trail as well."""

    kind = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    text = models.CharField(_("point"), max_length=300)
    holds = models.BooleanField(default=False)
    checked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", null=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "record_id", "text"], name="point_once"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text


class Presence(models.Model):
    """A person at a record a moment ago. Rows live for seconds and are no evidence of anything."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    editing = models.BooleanField(default=False)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "record_id", "person"], name="present_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.record_id}"
