"""What a person outside can tell us, in their words. Every answer can be given without knowing how we work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from comity.cases.models import FormQuestion
from comity.cases.models.answers import Answers
from comity.cases.rules.notices import WISHABLE, Event
from comity.cases.rules.words import Classification
from comity.communications.rules import straight
from comity.records.forms import Words

MYSELF, OTHER, ANONYMOUS = "myself", "other", "anonymous"
EACH_STEP, MAIN_STEPS, RESULT_ONLY = "each", "main", "result"
LONGEST = 20_000
BOTH = ("en", "zh-hans")
USUAL = (Event.ACKNOWLEDGED, Event.FIRST_ANSWER, Event.RESOLVED)
WAYS = (
    ("email", gettext_lazy("By e-mail")),
    ("phone", gettext_lazy("By phone")),
    ("letter", pgettext_lazy("notice", "By letter")),
)


def text(rows: int, **options: Any) -> Words:
    return Words(widget=forms.Textarea(attrs={"rows": rows}), max_length=LONGEST, **options)


class Line(Words):
    """A single line, in which no sign turns the direction of what stands around it."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return straight(found) if isinstance(found, str) else found


class Wanted(forms.ChoiceField):
    """What somebody wants to hear of their case."""

    def __init__(self, **options: Any) -> None:
        choices = (
            (MAIN_STEPS, gettext_lazy("That it arrived, a first answer, and the result")),
            (EACH_STEP, gettext_lazy("Each step")),
            (RESULT_ONLY, gettext_lazy("Only the result")),
        )
        label = gettext_lazy("What do you want to hear from us?")
        options = {"label": label, "required": False, "initial": MAIN_STEPS, "choices": choices, **options}
        super().__init__(widget=forms.RadioSelect, **options)

    @staticmethod
    def wish(tell: str, channel: str = "") -> dict[str, Any]:
        """The wish as a case keeps it."""
        events = [event.value for event in (WISHABLE if tell == EACH_STEP else USUAL)]
        found: dict[str, Any] = {"result_only": True} if tell == RESULT_ONLY else {"events": events}
        return found | ({"channel": channel} if channel else {})


def _in(language: str, words: Any) -> str:
    with override(language):
        return str(words)


class Matter(forms.Form):
    """What it is about: the same questions for somebody unknown and for somebody who is signed in."""

    description = text(
        6, label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("In your own words, as long or as short as you like."),
        error_messages={"required": gettext_lazy("Please tell us what happened.")},
    )  # fmt: skip
    conduct = Line(label=gettext_lazy("Which service, place or person is it about?"), max_length=300, required=False)
    when = Line(
        label=gettext_lazy("When did it happen?"), max_length=200, required=False,
        help_text=gettext_lazy("A day, a time, or “since last week”."),
    )  # fmt: skip
    wanted_remedy = text(3, label=gettext_lazy("What would put it right?"), required=False)
    safety = forms.BooleanField(
        label=gettext_lazy("Somebody is in danger, or could come to harm"), required=False,
        help_text=gettext_lazy("Then we look at it first. In an emergency, call the emergency services."),
    )  # fmt: skip
    confidential = forms.BooleanField(
        label=gettext_lazy("Please treat this confidentially"), required=False,
        help_text=gettext_lazy("Only those who work on it see who complains."),
    )  # fmt: skip
    tell = Wanted()

    about: tuple[str, ...] = ("description", "conduct", "when", "wanted_remedy", "safety")
    """What is asked about the matter, in order."""
    preset: Mapping[str, Any] = {}
    """What a case is that comes of it, before anybody reads it."""
    takes_files = True
    beside: Mapping[str, FormQuestion | None] = {"when": None}
    """The fields for which a case has no column, and of an own form the question that each is."""

    def matter(self) -> Iterator[forms.BoundField]:
        """The fields about the matter, as a page shows them."""
        return (self[name] for name in self.about)

    def answers(self) -> Answers:
        """What was answered in these fields, with the words of the questions in both languages."""
        found = Answers()
        for name, question in self.beside.items():
            value = self.cleaned_data.get(name)
            if question is not None and question.label:
                found.add(question.ref, question.label, question.label_zh, value, question.offered)
            else:
                label, label_zh = (_in(language, self.fields[name].label) for language in BOTH)
                found.add(question.ref if question else name, label, label_zh, value, {})
        return found


class Complaint(Matter):
    """The form for everybody. Forms of an organisation's own derive from it and say what differs."""

    preset: Mapping[str, Any] = {"classification": Classification.COMPLAINT}
    nameless = True

    who = forms.ChoiceField(
        label=gettext_lazy("Who are you?"), widget=forms.RadioSelect, initial=MYSELF,
        choices=(
            (MYSELF, gettext_lazy("I write for myself")),
            (OTHER, gettext_lazy("I write for somebody else")),
            (ANONYMOUS, gettext_lazy("I do not want to say who I am")),
        ),
    )  # fmt: skip
    name = Line(label=gettext_lazy("Your name"), max_length=150, required=False)
    address = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), max_length=254, required=False,
        help_text=gettext_lazy("We write to you here, and send you the link to follow your complaint."),
    )  # fmt: skip
    reach = Line(label=gettext_lazy("Or your phone number or postal address"), max_length=300, required=False)
    complainant = Line(label=gettext_lazy("For whom do you write?"), max_length=150, required=False)
    channel = forms.ChoiceField(label=gettext_lazy("How should we reach you?"), required=False, choices=WAYS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["conduct"].required = True
        self.fields["conduct"].error_messages["required"] = _("Please tell us what it is about.")
        for name, token in (("name", "name"), ("address", "email"), ("reach", "tel")):
            self.fields[name].widget.attrs["autocomplete"] = token

    def wish(self) -> dict[str, Any]:
        """What they want to hear, as a case keeps it."""
        said = self.cleaned_data
        unheard = said["who"] == ANONYMOUS or "tell" not in self.fields
        return {} if unheard else Wanted.wish(said["tell"], said["channel"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        who = values.get("who")
        if who == ANONYMOUS:  # a promise: what was typed before is forgotten
            values |= dict.fromkeys(("name", "address", "reach", "complainant"), "")
            for name in ("name", "address", "reach", "complainant"):
                self.errors.pop(name, None)
            return values
        if not values.get("name"):
            words = _("Please tell us your name, or choose to stay anonymous.")
            self.add_error("name", words if self.nameless else _("Please tell us your name."))
        if who == OTHER and not values.get("complainant"):
            self.add_error("complainant", _("Please tell us for whom you write."))
        if not (values.get("address") or values.get("reach")) and "address" not in self.errors:
            words = _("Please tell us how we can reach you, or choose to stay anonymous.")
            self.add_error("address", words if self.nameless else _("Please tell us how we can reach you."))
        return values
