"""The form of a subscription."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.notices.webhooks import line, operations
from comity.notices.webhooks.models import Act, Webhook
from comity.records.kind import kinds
from comity.web.cells import capital


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """Where to, what of, in whose name."""

    url = forms.CharField(
        label=_("address"), max_length=500, help_text=_("https://…; messages are posted there as JSON."),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )  # fmt: skip
    person = forms.CharField(
        label=_("in the name of"),
        help_text=_("Nothing is sent that this person may not read. Somebody else than you is asked first."),
        widget=forms.TextInput(attrs={"data-lookup": "/lookup/person/", "autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("kinds of records"), required=False, help_text=_("None ticked: all."),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    acts = forms.MultipleChoiceField(
        label=_("acts"), required=False, choices=Act.choices, help_text=_("None ticked: all."),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = Webhook
        fields = ("name", "url", "person", "kinds", "acts")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = sorted((capital(kind.label), kind.name) for kind in kinds())
        self.fields["kinds"].choices = [(name, label) for label, name in names]  # type: ignore[attr-defined]
        if self.instance.person_id:
            self.initial["person"] = self.instance.person.email

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            operations.reachable(url)
        except line.Refused as refused:
            raise forms.ValidationError(_(str(refused))) from refused
        return url

    def clean_person(self) -> Person:
        email = str(self.cleaned_data["person"]).strip().lower()
        found = Person.objects.filter(email=email).first()
        if found is None or not operations.fits(found):
            raise forms.ValidationError(_("Nobody inside has this address."))
        return found
