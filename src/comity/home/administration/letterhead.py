"""The letterhead: what letters and reports bear of the organisation. Changed by administrators, each change trailed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _

from comity.home.administration.access import administers
from comity.records.trail import Actor, Thing, keep
from comity.reports import pdf
from comity.reports.models import LOGO_BYTES, Letterhead, logo_type

FIELDS = ("name", "address", "phone", "email", "site", "footer")


class LetterheadForm(forms.ModelForm[Letterhead]):
    """The head, and a logo that the press can print."""

    logo = forms.FileField(label=_("logo"), required=False, help_text=_("PNG, JPEG or SVG, at most 150 kB."))
    no_logo = forms.BooleanField(label=_("remove the logo"), required=False)

    class Meta:
        model = Letterhead
        fields = FIELDS
        widgets = {"address": forms.Textarea(attrs={"rows": 4})}

    def clean_logo(self) -> bytes:
        """The bytes of a picture that is one."""
        upload = self.cleaned_data["logo"]
        if upload is None:
            return b""
        if upload.size > LOGO_BYTES:
            raise ValidationError(_("This file is too large."))
        content: bytes = upload.read()
        if not logo_type(content):
            raise ValidationError(_("This is no PNG, JPEG or SVG picture."))
        return content

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if logo := data.get("logo"):
            self.instance.logo, self.instance.logo_type = logo, logo_type(logo)
        elif data.get("no_logo"):
            self.instance.logo, self.instance.logo_type = b"", ""
        return data

    def _post_clean(self) -> None:
        """What cannot be set is refused now, not when a letter is wanted."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                pdf.printed("letter", sample(self.instance))
            except pdf.NotPrinted:
                self.add_error("logo", _("This picture cannot be printed."))


def sample(head: Letterhead) -> dict[str, Any]:
    """A letter that says nothing, to see the head on it."""
    return {
        "lang": "en", "region": "gb", "date": "2026-01-01", "title": head.name or "–", "reference": "ABC-00001",
        "head": head.data(), "to": ["Aster Group", "Ada Aster", "Long Street 1", "10115 Berlin"],
        "facts": [["–", "ABC-00001"]], "subject": "ABC-00001", "paragraphs": ["…"],
        "words": {"page": "# / #", "closing": "…"}, "signer": [head.name],
    }  # fmt: skip


def change(form: LetterheadForm, actor: Actor) -> None:
    """Keep the head that the form holds, and say in the trail what became different."""
    if not administers(actor.person):
        raise PermissionDenied
    head, before = form.instance, Letterhead.current()
    told = {name: [getattr(before, name), getattr(head, name)] for name in FIELDS}
    told["logo"] = [len(bytes(before.logo)) or None, len(bytes(head.logo)) or None]
    changes = {name: pair for name, pair in told.items() if pair[0] != pair[1]}
    if changes or bytes(before.logo) != bytes(head.logo):
        keep(head, "update", actor, about=Thing("letterhead", 1, "letterhead-1"), changes=changes)
