"""What a contact fills in: a new case, a change of their data, how the portal looks to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.accounts.forms import DAY, ProfileForm
from comity.cases.models.choices import Classification
from comity.clocks.ahead import not_ahead
from comity.intake.public.forms import LONGEST, WAYS, Matter
from comity.parties.models import Contact, Customer
from comity.records.forms import Words

ASKS = (
    (Classification.COMPLAINT, gettext_lazy("I am not content with something")),
    (Classification.SERVICE_REQUEST, gettext_lazy("I need something")),
    (Classification.ENQUIRY, gettext_lazy("I have a question")),
    (Classification.SUGGESTION, gettext_lazy("I have an idea")),
    (Classification.PRAISE, gettext_lazy("I want to praise something")),
)


class Raise(Matter):
    """A new case of somebody whom we know."""

    classification = forms.ChoiceField(
        label=gettext_lazy("What is it?"), choices=ASKS, initial=Classification.COMPLAINT, widget=forms.RadioSelect
    )
    customer = forms.ChoiceField(label=gettext_lazy("For which organisation?"))
    service = forms.ChoiceField(label=gettext_lazy("Which service is it about?"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("How should we reach you?"), required=False, choices=WAYS)

    def __init__(self, *args: Any, customers: Sequence[Customer], services: Sequence[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["conduct"].label = _("Or which place or person?")
        offer(self.fields["customer"], customers)
        offered: Any = self.fields["service"]
        offered.choices = [("", "—"), *((one.ref, str(one)) for one in services)]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        complains = values.get("classification") == Classification.COMPLAINT
        if complains and not (values.get("service") or values.get("conduct")):
            self.add_error("service", _("Please tell us what it is about."))
        return values


class FileClaim(forms.Form):
    """What a customer claims because a promise was not kept."""

    customer = forms.ChoiceField(label=gettext_lazy("For which organisation?"))
    happened_on = forms.DateField(
        label=gettext_lazy("When was the promise not kept?"), widget=DAY, validators=[not_ahead],
        error_messages={"required": gettext_lazy("Please tell us the day.")},
    )  # fmt: skip
    description = Words(
        label=gettext_lazy("What happened?"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Please tell us what happened.")},
    )  # fmt: skip
    wanted_remedy = Words(
        label=gettext_lazy("What do you want for it?"), max_length=LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, customers: Sequence[Customer], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self.fields["customer"], customers)


def offer(field: Any, customers: Sequence[Customer]) -> None:
    """The organisations that somebody speaks for, to choose from where there are several."""
    field.choices = [(one.ref, str(one)) for one in customers]
    field.initial = customers[0].ref
    if len(customers) == 1:
        field.widget = forms.HiddenInput()


class Change(forms.Form):
    """What is no longer right about a contact, in their words: we put it right and say so."""

    contact = forms.ChoiceField(label=gettext_lazy("For which organisation?"))
    body = Words(
        label=gettext_lazy("What should we change?"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, contacts: list[Contact], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen: Any = self.fields["contact"]
        chosen.choices = [(one.ref, str(one.customer)) for one in contacts]


class Look(ProfileForm):
    """Language, time zone and colours of the portal."""

    class Meta(ProfileForm.Meta):
        fields = ("language", "time_zone", "theme")

    def __init__(self, *args: Any, **options: Any) -> None:
        forms.ModelForm.__init__(self, *args, **options)
        if self.is_bound:  # a button changes one thing, and leaves the others
            for name in [name for name in self.fields if name not in self.data]:
                del self.fields[name]
