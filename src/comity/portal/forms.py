"""What a contact fills in: a new case, a change of their data, how the portal looks to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.accounts.forms import DAY, ProfileForm
from comity.cases.models.choices import Classification, Subtype
from comity.cases.models.public_form import PublicForm
from comity.clocks.ahead import not_ahead
from comity.intake.public.asked import Questions
from comity.intake.public.forms import LONGEST, WAYS, Matter
from comity.parties.models import Contact, Customer
from comity.records.forms import Words

ORDER = f"{Classification.SERVICE_REQUEST}/{Subtype.ORDER}"
PRIVACY = f"{Classification.ENQUIRY}/{Subtype.PRIVACY}"
ASKS = (
    (Classification.COMPLAINT, gettext_lazy("I am not content with something")),
    (Classification.SERVICE_REQUEST, gettext_lazy("I need something")),
    (ORDER, gettext_lazy("I want to order something")),
    (Classification.ENQUIRY, gettext_lazy("I have a question")),
    (PRIVACY, gettext_lazy("It is about personal data")),
    (Classification.SUGGESTION, gettext_lazy("I have an idea")),
    (Classification.PRAISE, gettext_lazy("I want to praise something")),
)


class Known(Matter):
    """What somebody whom we know says about a matter, for an organisation that they speak for."""

    customer = forms.ChoiceField(label=gettext_lazy("For which organisation?"))
    service = forms.ChoiceField(label=gettext_lazy("Which service is it about?"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("How should we reach you?"), required=False, choices=WAYS)

    def __init__(self, *args: Any, customers: Sequence[Customer], services: Sequence[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self.fields["customer"], customers)
        offered: Any = self.fields["service"]
        offered.choices = [("", "—"), *((one.ref, str(one)) for one in services)]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        complains = self.sort(values).get("classification") == Classification.COMPLAINT
        if complains and "service" in self.fields and not (values.get("service") or values.get("conduct")):
            self.add_error("service", _("Please tell us what it is about."))
        return values

    def sort(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the case is, before anybody reads it."""
        return self.preset


class Raise(Known):
    """A new case by the usual questions."""

    classification = forms.ChoiceField(
        label=gettext_lazy("What is it?"), choices=ASKS, initial=Classification.COMPLAINT, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["conduct"].label = _("Or which place or person?")

    def sort(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        classification, _bar, subtype = values.get("classification", "").partition("/")
        return {"classification": classification, "subtype": subtype}


class Asked(Questions, Known):
    """A new case by a public form: its questions, but for who writes."""

    def __init__(self, public: PublicForm, *args: Any, customers: Sequence[Customer], **options: Any) -> None:
        super().__init__(public, *args, customers=[public.customer] if public.customer else customers, **options)
        if public.service:
            del self.fields["service"]


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
