"""The forms of this room: sections as blocks to write in, roles to tick."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import CONTACTS, Role
from comity.documents import rules, starters
from comity.documents.models import Document
from comity.records.forms import Json, RecordForm
from comity.records.kind import kinds

PREFIX = "section."
LONGEST = 200_000  # characters of all sections
NUMBERS, MONTHS = 100_000, 120  # versions of a document; between two reviews


class Blocks(forms.Widget):
    """One block for each section that the type of the document wants; what comes back is {tag: {"text", "fields"}}."""

    template_name = "documents/blocks.html"

    class Media:
        css = {"all": ("documents/documents.css",)}

    def __init__(self) -> None:
        super().__init__({"rows": "1"})  # as wide as a text
        self.wanted: tuple[starters.Section, ...] = ()

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if name in data:
            return data[name]
        found: dict[str, Any] = {}
        for key in data:
            if key.startswith(PREFIX):
                tag, _dot, field = key.removeprefix(PREFIX).partition(".")
                said = found.setdefault(tag, {"text": "", "fields": {}})
                value = str(data[key]).replace("\r\n", "\n").strip()
                if field == "text":
                    said["text"] = value
                else:
                    said["fields"][field] = value
        return {tag: said for tag, said in found.items() if said["text"] or any(said["fields"].values())}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and not any(key.startswith(PREFIX) for key in data)

    def id_for_label(self, id_: str) -> str:
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        held = _read(value)
        blocks = [
            {
                "tag": one.tag, "title": one.label, "key": f"{PREFIX}{one.tag}", "hint": one.hint,
                "text": held.get(one.tag, {}).get("text", ""),
                "fields": [
                    (field, label, held.get(one.tag, {}).get("fields", {}).get(field, ""))
                    for field, label in one.labels
                ],
            }
            for one in self.wanted
        ]  # fmt: skip
        return {**super().get_context(name, "", attrs), "blocks": blocks}


def _read(value: Any) -> dict[str, Any]:
    """What a form holds: the value itself, or its JSON; nothing of what cannot be shown in blocks."""
    try:
        told = json.loads(value) if isinstance(value, str) else value
        return rules.tidy(told or {})
    except (ValueError, AttributeError, RecursionError):
        return {}


class SectionsField(Json):
    """Sections at every door: an object, its JSON, or the blocks of a page."""

    widget = Blocks

    def prepare_value(self, value: Any) -> Any:
        return value

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or {}) != (data or {})

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found in (None, ""):
            return rules.Sections()
        try:
            tidied = rules.tidy(found)
        except (ValueError, AttributeError):
            words = gettext('Sections look like {"tag": {"text": "…", "fields": {"name": "…"}}}.')
            raise ValidationError(words, code="invalid") from None
        if len(json.dumps(tidied, ensure_ascii=False)) > LONGEST:
            raise ValidationError(gettext("All sections together have at most %(n)d characters.") % {"n": LONGEST})
        return tidied


def named(said: str) -> str:
    """The reference in what stands in a field that proposes records: “DOC-00001 · Title”."""
    return said.split(" · ")[0].replace("\x00", "")


class VersionForm(RecordForm):
    """A version is written in the sections that its document's type has."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if (given := self.fields.get("sections")) is not None:
            field = self.fields["sections"] = SectionsField(label=given.label, required=False)
            field.widget.wanted = starters.sections_of(self._type())

    def _type(self) -> str:
        """The type of the document as far as it is known before the form is read."""
        if self.instance.document_id:
            return str(self.instance.document.type)
        said = str((self.data.get("document") if self.is_bound else self.initial.get("document")) or "")
        return Document.objects.filter(ref=named(said)).values_list("type", flat=True).first() or ""

    def clean_version_no(self) -> int | None:
        number: int | None = self.cleaned_data["version_no"]
        if number and number > NUMBERS:
            raise ValidationError(_("Enter a number up to %(n)d.") % {"n": NUMBERS})
        return number

    def clean_document(self) -> Document:
        document: Document = self.cleaned_data["document"]
        if document.pk != self.instance.document_id and document.status == Document.Status.RETIRED:
            raise ValidationError(_("This document is retired. It gets no further version."))
        return document

    def clean(self) -> dict[str, Any]:
        super().clean()
        document, told = self.cleaned_data.get("document"), self.cleaned_data.get("sections")
        if document is not None and told:
            unknown = sorted(set(told) - {one.tag for one in starters.sections_of(document.type)})
            if unknown:
                words = _("A document of this type has no section: %(names)s") % {"names": ", ".join(unknown)}
                self.add_error("sections", words)
        return self.cleaned_data


class Choices(Json):
    """Several words of a list, each to be ticked; at other doors a list of them."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(**options, required=False, widget=forms.CheckboxSelectMultiple)
        self.choices = choices
        self.widget.choices = choices

    def prepare_value(self, value: Any) -> Any:
        return value

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def clean(self, value: Any) -> list[str]:
        found = super().clean(value) or []
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ValidationError(_("A list is wanted here."), code="invalid")
        known = {code for code, _label in self.choices}
        if unknown := [str(one) for one in found if one not in known]:
            raise ValidationError(_("There is no such word: %(words)s") % {"words": ", ".join(unknown)[:100]})
        return list(dict.fromkeys(found))


STAFF_ROLES = [(role.value, role.label) for role in Role if role not in CONTACTS]


class DocumentForm(RecordForm):
    """Who confirms having read it is ticked role by role."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if (given := self.fields.get("readers")) is not None:
            self.fields["readers"] = Choices(STAFF_ROLES, label=given.label)

    def clean_review_interval(self) -> int | None:
        months: int | None = self.cleaned_data["review_interval"]
        if months is not None and not 0 < months <= MONTHS:
            raise ValidationError(_("Enter a number of months from 1 to %(n)d.") % {"n": MONTHS})
        return months


class RecordClassForm(RecordForm):
    """Roles and kinds are those that exist."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(kind.name, kind.plural) for kind in kinds()]
        for name, choices in (("permitted_roles", Role.choices), ("kinds", named)):
            if (given := self.fields.get(name)) is not None:
                self.fields[name] = Choices(choices, label=given.label)
