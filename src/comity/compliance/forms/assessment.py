"""What may be entered of an assessment, and asked when it is postponed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import is_contact, rights_of
from comity.compliance.catalogue import standards
from comity.compliance.models import Assessment
from comity.compliance.operations import assessing
from comity.compliance.operations.assessing import ASSESSOR, PLANNERS
from comity.parties.pointers import PointerForm


class AssessmentForm(PointerForm):
    """Who may plan what; sections that exist; statements that a requirement asks for; assessors who may assess."""

    pointers = ("subject_ref", "criteria_ref", "procedure_version")

    def clean_topics(self) -> list[str]:
        given = self.cleaned_data["topics"] or []
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise ValidationError(_("Give a list of texts."))
        return given

    def clean_result_per_requirement(self) -> list[dict[str, Any]]:
        given = self.cleaned_data["result_per_requirement"] or []
        if not isinstance(given, list) or not all(isinstance(one, dict) and "criterion" in one for one in given):
            raise ValidationError(_('Give a list such as [{"criterion": "Insured", "mandatory": true, "met": true}].'))
        return given

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        kind = data.get("type", self.instance.type)
        if not self.instance.pk and self.person and not rights_of(self.person).roles & PLANNERS.get(kind, set()):
            raise ValidationError({"type": _("Your role does not plan this.")})
        if self.person and is_contact(self.person):
            raise ValidationError(_("This is for our own people."))
        code, area = (data.get(name, getattr(self.instance, name)) for name in ("standard", "area"))
        if code and code not in standards():
            raise ValidationError({"standard": _("There is no such standard.")})
        if area and (not code or area not in assessing.sections(code)):
            raise ValidationError({"area": _("The standard has no such section.")})
        statement = data.get("statement", self.instance.statement)
        if kind == Assessment.Type.ATTESTATION and not (statement and assessing.asked_for(statement)):
            raise ValidationError({"statement": _("Only what a requirement asks to be attested can be stated.")})
        if kind != Assessment.Type.ATTESTATION and statement:
            raise ValidationError({"statement": _("This belongs to an attestation.")})
        return data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        record = self.instance
        if self.errors or record.type != Assessment.Type.INTERNAL or not ASSESSOR.kept:
            return
        named = {"assessor": [record.assessor] if record.assessor else []}
        named["assessors"] = list(self.cleaned_data.get("assessors") or ())
        for name, people in named.items():
            for text in assessing.standing_in_the_way(record, people, timezone.now()):
                self.add_error(name, str(text))


class PostponeForm(forms.Form):
    """Why it cannot be held as planned."""

    cause = forms.ChoiceField(
        label=_("cause"), choices=[("resources", _("Lack of resources")), ("other", _("Another reason"))]
    )
