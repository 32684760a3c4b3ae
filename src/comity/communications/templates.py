"""Texts that an organisation writes itself: for the notices that customers get, and for answers at the desk.

A room that sends notices says in `use` what there is to be told and with which placeholders; its own words are the
fall-back wherever no text of the organisation is in effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.communications import rules
from comity.records.models import Record

ANSWER = "answer"
Words = str | Promise
Values = Mapping[str, str]


@dataclass(frozen=True)
class Use:
    """Something that texts are for. `must` are placeholders without which it would not say what it has to."""

    code: str
    label: Words
    places: Mapping[str, Words]
    must: frozenset[str] = frozenset()
    shipped: Callable[[], tuple[str, str]] | None = None  # subject and body in the active language
    sample: Callable[[], Values] | None = None


@dataclass
class _Uses:
    known: dict[str, Use] = field(default_factory=dict)
    about: dict[str, Callable[[Any], Values]] = field(default_factory=dict)


_uses = _Uses()
GENERAL: dict[str, Words] = {
    "ref": _("reference"), "title": _("title"), "customer": _("customer"), "contact": _("contact"),
    "handler": _("who works on it"), "due": _("due date"),
}  # fmt: skip


def use(one: Use) -> Use:
    """Let a room say what it has texts for."""
    _uses.known[one.code] = one
    return one


def describes(kind: str) -> Callable[[Callable[[Any], Values]], Callable[[Any], Values]]:
    """Let a room say what placeholders mean for records of a kind."""

    def add(function: Callable[[Any], Values]) -> Callable[[Any], Values]:
        _uses.about[kind] = function
        return function

    return add


def uses() -> list[Use]:
    return list(_uses.known.values())


def use_named(code: str) -> Use | None:
    return _uses.known.get(code)


def choices() -> list[tuple[str, Words]]:
    return [(one.code, one.label) for one in uses()]


def values_of(record: Any) -> Values:
    """What the general placeholders mean for a record, whatever its kind."""
    if function := _uses.about.get(record.kind.name):
        return function(record)
    due = getattr(record, record.kind.due, None) if record.kind.due else None
    named = {name: str(getattr(record, name, None) or "") for name in ("customer", "contact")}
    return {"ref": record.ref, "title": str(record), "handler": str(record.owner or ""), "due": str(due or ""), **named}


class Template(Record):
    """A text of ours in one language; of those for a notice, one at most is in effect in each language."""

    meaning = _("A text in your own words: for a notice that customers get, or for an answer at the desk.")

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        EFFECTIVE = "effective", _("In effect")
        RETIRED = "retired", _("Retired")

    name = models.CharField(_("name"), max_length=150)
    use = models.CharField(_("used for"), max_length=30, choices=choices, default=ANSWER)
    language = models.CharField(_("language"), max_length=10, choices=Language)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(
        _("text"),
        help_text=_(
            "{ref} becomes the reference, and so on; a passage [in square brackets with {due}] is left out where there "
            "is no such date."
        ),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("text"), _("texts")
        constraints = [
            models.UniqueConstraint(
                fields=["use", "language"], name="text_in_effect_once",
                condition=models.Q(status="effective") & ~models.Q(use=ANSWER),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["use", "language", "status"], name="text_of_use")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A placeholder that nobody can fill would reach a customer; one that must be there is what a standard asks."""
        known = use_named(self.use)
        if known is None:
            return  # the field's own choices say so
        errors = {}
        for name in ("subject", "body"):
            if strange := rules.placeholders(getattr(self, name)) - known.places.keys():
                listed = ", ".join(f"{{{one}}}" for one in sorted(strange))
                words = _("Nothing is known here that %(names)s could stand for. You can use: %(known)s")
                known_ones = ", ".join(f"{{{one}}}" for one in known.places)
                errors[name] = ValidationError(words, params={"names": listed, "known": known_ones})
        lacking = known.must - rules.placeholders(self.subject + self.body)
        if lacking and "body" not in errors:
            listed = ", ".join(f"{{{one}}}" for one in sorted(lacking))
            errors["body"] = ValidationError(_("This text must contain %(names)s."), params={"names": listed})
        if errors:
            raise ValidationError(errors)


def fill(template: Template, values: Values) -> tuple[str, str]:
    """Subject and body with these values."""
    return rules.filled(template.subject, values), rules.filled(template.body, values)


def standing(code: str, language: str) -> Template | None:
    """The organisation's own text for a notice in this language; None where ours is sent."""
    return Template.objects.filter(use=code, language=language, status=Template.Status.EFFECTIVE).first()


def answers(languages: Iterable[str]) -> list[Template]:
    """The texts for answers that are in effect, those in the first of these languages first."""
    order = {code: number for number, code in enumerate(languages)}
    rows = Template.objects.filter(use=ANSWER, status=Template.Status.EFFECTIVE).order_by("name", "pk")
    return sorted(rows, key=lambda one: order.get(one.language, len(order)))


use(Use(ANSWER, _("Answer at the desk"), GENERAL))
