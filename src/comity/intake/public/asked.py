"""The form that an organisation made itself, as somebody outside fills it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from comity.accounts.forms import DAY
from comity.cases.models.public_form import OF_CASE, FormQuestion, PublicForm
from comity.cases.operations import public_forms
from comity.cases.rules.words import Classification
from comity.intake.public.forms import ANONYMOUS, MYSELF, OTHER, Complaint, Line, Matter, text
from comity.records.forms import sensible

Asks = FormQuestion.Asks
WHO = (
    (MYSELF, pgettext_lazy("form", "I write for myself")),
    (OTHER, pgettext_lazy("form", "I write for somebody else")),
    (ANONYMOUS, gettext_lazy("I do not want to say who I am")),
)
UNASKED: Mapping[str, Any] = {
    "conduct": "", "wanted_remedy": "", "safety": False, "confidential": False, "tell": "", "channel": "",
}  # fmt: skip
"""What stands for an answer where nothing was asked."""


def _day(value: date) -> None:
    if not sensible(value):
        raise forms.ValidationError(_("Enter a year between 1900 and 2999."))


def _several(question: FormQuestion, **options: Any) -> forms.Field:
    return forms.MultipleChoiceField(choices=question.choices, widget=forms.CheckboxSelectMultiple, **options)


def _choice(question: FormQuestion, **options: Any) -> forms.Field:
    return forms.ChoiceField(choices=[("", "—"), *question.choices], **options)


MADE: Mapping[str, Callable[..., forms.Field]] = {
    Asks.LINE: lambda _one, **options: Line(max_length=300, **options),
    Asks.TEXT: lambda _one, **options: text(4, **options),
    Asks.NUMBER: lambda _one, **options: forms.DecimalField(max_digits=18, decimal_places=6, **options),
    Asks.DAY: lambda _one, **options: forms.DateField(widget=DAY, validators=[_day], **options),
    Asks.TICK: lambda _one, **options: forms.BooleanField(**options),
    Asks.CHOICE: _choice,
    Asks.SEVERAL: _several,
}
"""The field for each sort of question of our own."""


class Questions(Matter):
    """The questions of a public form in place of the usual ones, in its order and its words. What happened is asked by
    every form."""

    def __init__(self, public: PublicForm, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.takes_files = public.files
        given = {"classification": public.classification, "subtype": public.subtype,
                 "service": public.service, "customer": public.customer}  # fmt: skip
        self.preset = {name: value for name, value in given.items() if value}
        questions = public_forms.questions(public)
        self.own = {f"own-{one.pk}": one for one in questions if one.own}
        names = [f"own-{one.pk}" if one.own else one.asks for one in questions]
        fields = zip(names, questions, strict=True)
        self.beside = {name: one for name, one in fields if one.own or one.asks == Asks.WHEN}
        about = [name for name in names if name != Asks.CONFIDENTIAL]  # that one stands beside the name
        self.about = tuple(about if Asks.DESCRIPTION in about else [Asks.DESCRIPTION.value, *about])
        for name in {*OF_CASE} - {*self.about, *names}:
            del self.fields[name]
        for name, one in zip(names, questions, strict=True):
            self._word(name, one)
        if public.classification == Classification.PRAISE:  # nobody waits for an answer
            del self.fields["tell"], self.fields["channel"]

    def _word(self, name: str, question: FormQuestion) -> None:
        """The field of a question, in the form's words where it has some."""
        if name in self.own:
            self.fields[name] = MADE[question.asks](question, label="", required=False)
        field = self.fields[name]
        field.label, field.help_text = question.said_label or field.label, question.said_hint or field.help_text
        field.required = question.required or name == Asks.DESCRIPTION
        if name != Asks.DESCRIPTION or question.label:
            field.error_messages["required"] = gettext_lazy("Please answer this.")
        field.widget.is_required = field.required

    def clean(self) -> dict[str, Any]:
        return {**UNASKED, **(super().clean() or self.cleaned_data)}


class Asked(Questions, Complaint):
    """The same, asked of everybody: who they are is asked, too."""

    def __init__(self, public: PublicForm, *args: Any, **options: Any) -> None:
        super().__init__(public, *args, **options)
        self.nameless = public.nameless
        who: Any = self.fields["who"]
        who.choices = [one for one in WHO if public.nameless or one[0] != ANONYMOUS]
        self.fields["address"].help_text = gettext_lazy("We write to you here, and send you the link to follow it.")
