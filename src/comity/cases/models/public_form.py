"""The forms of our own by which anybody outside can write to us, and what each of them asks."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.cases.models.choices import Classification, Subtype
from comity.cases.rules.intake import fits
from comity.records.models import Record, Term

FIRST = "first"  # the address of the form that takes the place of the shipped one
RESERVED = frozenset({"track"})
OF_CASE = ("description", "conduct", "when", "wanted_remedy", "safety", "confidential")
"""What a question can ask for that a case has a place for; each at most once in a form."""
MOST_OPTIONS, LONGEST_OPTION = 50, 150
PLAIN = RegexValidator(
    r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", _("Small letters a to z, digits, and single hyphens between them.")
)


class PublicForm(Record):
    """A form on the open web that makes cases of one sort, with questions of its own (ISO 10002 accessibility).

    It starts as a draft, is there for everybody while it is open, and can be closed at any time.
    """

    meaning = _("A web form by which anybody can write to us, with questions of its own, in both languages.")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", pgettext_lazy("form", "Open")
        CLOSED = "closed", pgettext_lazy("form", "Closed")

    title = models.CharField(_("title"), max_length=150)
    title_zh = models.CharField(_("Chinese title"), max_length=150, blank=True)
    address = models.CharField(
        _("address"), max_length=60, blank=True, unique=True, validators=[PLAIN],
        help_text=_("The end of its address. Empty: made of the title. “first”: in place of the form for complaints."),
    )  # fmt: skip
    introduction = models.TextField(_("introduction"), max_length=2000, blank=True)
    introduction_zh = models.TextField(_("Chinese introduction"), max_length=2000, blank=True)
    classification = models.CharField(
        _("classification"), max_length=20, choices=Classification, default=Classification.COMPLAINT,
        help_text=_("What a case is that comes by this form, until somebody finds that it is something else."),
    )  # fmt: skip
    subtype = models.CharField(_("subtype"), max_length=12, choices=Subtype, blank=True)
    service = models.ForeignKey(
        "agreements.Service", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Whoever has the address then writes in this customer's name. No other form leads to this one."),
    )  # fmt: skip
    nameless = models.BooleanField(_("can be sent without a name"), default=True)
    files = models.BooleanField(_("takes files and photos"), default=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("public form"), _("public forms")

    def __str__(self) -> str:
        return self.title

    @property
    def said_title(self) -> str:
        """The title in the reader's language."""
        return Term.word(self.title, self.title_zh)

    @property
    def said_introduction(self) -> str:
        return Term.word(self.introduction, self.introduction_zh)

    @property
    def link(self) -> str:
        """Where it is found."""
        return "/complain/" if self.address == FIRST else f"/complain/{self.address}/"

    def derive(self, changed: set[str]) -> None:
        if not self.address:
            plain = slugify(self.title)[:50]
            taken = not plain or plain in RESERVED or PublicForm.objects.filter(address=plain).exclude(pk=self.pk)
            self.address = f"{plain}-{secrets.token_hex(4)}".lstrip("-") if taken else plain

    def clean(self) -> None:
        if self.address in RESERVED:
            raise ValidationError({"address": _("This address is in use already.")})
        if not fits(self.subtype, self.classification):
            raise ValidationError({"subtype": _("This subtype belongs to another classification.")})


class FormQuestion(Record):
    """One question of a public form: about a field of the case, in words of our own or the usual ones, or another one,
    whose answer stands beside the description of the case."""

    meaning = _("One thing that a public form asks.")

    class Asks(models.TextChoices):
        DESCRIPTION = "description", _("What happened")
        CONDUCT = "conduct", _("What it is about")
        WHEN = "when", _("When it happened")
        REMEDY = "wanted_remedy", _("Remedy wanted")
        SAFETY = "safety", _("Whether somebody is in danger")
        CONFIDENTIAL = "confidential", _("Whether it is confidential")
        LINE = "line", _("Something else: a line of text")
        TEXT = "text", _("Something else: a longer text")
        NUMBER = "number", _("Something else: a number")
        DAY = "day", _("Something else: a day")
        CHOICE = "choice", _("Something else: one of several answers")
        SEVERAL = "several", _("Something else: any of several answers")
        TICK = "tick", _("Something else: a box to tick")

    form = models.ForeignKey(PublicForm, models.PROTECT, related_name="questions", verbose_name=_("form"))
    asks = models.CharField(_("asks for"), max_length=15, choices=Asks, default=Asks.LINE)
    label = models.CharField(
        _("question"), max_length=200, blank=True, help_text=_("Empty: the words of the form for complaints.")
    )
    label_zh = models.CharField(_("Chinese question"), max_length=200, blank=True)
    hint = models.CharField(_("hint"), max_length=300, blank=True)
    hint_zh = models.CharField(_("Chinese hint"), max_length=300, blank=True)
    options = models.TextField(
        _("answers"), blank=True, help_text=_("One a line, the Chinese words behind a bar: Yes | 是")
    )
    required = models.BooleanField(_("must be answered"), default=False)
    position = models.PositiveSmallIntegerField(
        pgettext_lazy("question", "position"), default=0, validators=[MaxValueValidator(999)],
        help_text=_("0: behind the others."),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("question of a form"), _("questions of forms")
        constraints = [
            models.UniqueConstraint(
                fields=["form", "asks"], name="form_asks_once",
                condition=models.Q(archived_at__isnull=True, asks__in=OF_CASE),
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["form", "position"], name="question_of_form")]

    def __str__(self) -> str:
        return self.label or str(self.get_asks_display())

    def derive(self, changed: set[str]) -> None:
        if not self.position:
            last = FormQuestion.objects.filter(form=self.form).aggregate(n=models.Max("position"))["n"]
            self.position = min((last or 0) + 1, 999)

    @property
    def own(self) -> bool:
        """Is it a question of ours, about no field of a case?"""
        return self.asks not in OF_CASE

    @property
    def said_label(self) -> str:
        return Term.word(self.label, self.label_zh)

    @property
    def said_hint(self) -> str:
        return Term.word(self.hint, self.hint_zh)

    @property
    def offered(self) -> dict[str, str]:
        """What can be chosen: the words as they are kept, and in Chinese; none where nothing is chosen."""
        if self.asks not in (self.Asks.CHOICE, self.Asks.SEVERAL):
            return {}
        pairs = (line.partition("|") for line in self.options.splitlines() if line.strip(" |\t"))
        return {plain.strip(): zh.strip() for plain, _bar, zh in pairs}

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The same: as they are kept, and in the reader's language."""
        return [(plain, Term.word(plain, zh)) for plain, zh in self.offered.items()]

    def clean(self) -> None:
        wrong: dict[str, Any] = {}
        if self.own and not self.label:
            wrong["label"] = _("Say what is asked.")
        chosen = self.asks in (self.Asks.CHOICE, self.Asks.SEVERAL)
        if chosen and not 1 < len(self.offered) <= MOST_OPTIONS:
            wrong["options"] = _("Give two to %(most)d different answers, one a line.") % {"most": MOST_OPTIONS}
        elif any(not one or len(one) > LONGEST_OPTION for one in re.split(r"[|\n]", self.options) if one.strip()):
            wrong["options"] = _("An answer has at most %(most)d letters.") % {"most": LONGEST_OPTION}
        if wrong:
            raise ValidationError(wrong)
