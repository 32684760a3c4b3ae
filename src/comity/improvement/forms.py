"""Sources, subjects and objects are records that exist; who raises something is proposed as its owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import is_contact
from comity.improvement.against import is_known
from comity.improvement.models import Improvement
from comity.parties.pointers import PointerForm

NOWHERE = gettext_noop(
    "There is no requirement %(name)s in any standard. Take the number from the page of its standard, or leave it out."
)

NO_SOURCE = _("Say where it comes from: name a record, or a requirement of a standard.")


class SourceForm(PointerForm):
    pointers = ("source_ref", "told_ref")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        mine = self.person is not None and not self.instance.pk and not is_contact(self.person)
        if mine and self.person and not self.initial.get("owner"):
            self.initial["owner"] = self.person.email

    def clean_requirement(self) -> str:
        """A number that no standard has leads nowhere: it is refused, at whichever door."""
        name = str(self.cleaned_data["requirement"]).strip()
        if name and name != self.instance.requirement and not is_known(name):
            raise ValidationError(gettext(NOWHERE) % {"name": name})
        return name


class RaisedForm(SourceForm):
    """What is raised says from where: the record that it follows, or the requirement that it is raised against."""

    from_where: tuple[str, ...] = ("source_ref", "requirement")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        named = {name: data.get(name, getattr(self.instance, name)) for name in self.from_where}
        stood = self.instance.pk and not any(getattr(self.instance, name) for name in self.from_where)
        if not any(named.values()) and not stood and not self.errors and self.asked(data):
            self.add_error("source_ref" if "source_ref" in self.fields else None, NO_SOURCE)
        return data

    def asked(self, data: Mapping[str, Any]) -> bool:
        """Whether this one needs a source."""
        return True


class ImprovementForm(RaisedForm):
    """Initiatives of the leadership come from nowhere else; every other improvement names its source."""

    def asked(self, data: Mapping[str, Any]) -> bool:
        return bool(data.get("type", self.instance.type) != Improvement.Type.STRATEGIC)


class FindingForm(RaisedForm):
    """What was found comes first; its cause may come later, by the step that asks for it."""

    pointers = ("source_ref", "subject_ref")
    from_where = ("source_ref", "requirement", "subject_ref")
    groups = (
        (_("Cause, as far as it is known"), ("potential_cause", "whys", "cause", "cause_category",
                                             "process_owner_participant", "likelihood", "consequence")),
        (_("Ways out"), ("alternatives", "situation_study")),
    )  # fmt: skip


class ObjectForm(PointerForm):
    pointers = ("object_ref",)
