"""Lookup lists: their words in both languages, in order, active or not. A word in use is never removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from comity.records.models import Term
from comity.records.trail import Actor, keep

NAMES = {
    "contact_role": _("Roles of contacts"),
    "channel_type": _("Types of channel"),
    "channel_purpose": _("Purposes of channels"),
    "case_topic": _("Topics of cases"),
    "cause_category": _("Causes"),
}


def heading(name: str) -> str:
    return str(NAMES.get(name) or name.replace("_", " ").capitalize())


def lists() -> list[tuple[str, str, int, int]]:
    """Name, heading, words, and how many are active: what fields refer to, filled or not, and what rows name."""
    found = dict.fromkeys(_declared(), (0, 0))
    counted = Term.objects.order_by().values("list").annotate(n=Count("pk"), active=Count("pk", filter=Q(active=True)))
    found |= {row["list"]: (row["n"], row["active"]) for row in counted}
    return sorted(((name, heading(name), *numbers) for name, numbers in found.items()), key=lambda row: row[1])


def _declared() -> set[str]:
    fields = (field for model in apps.get_models() for field in (*model._meta.fields, *model._meta.many_to_many))
    limits = (getattr(field.remote_field, "limit_choices_to", None) for field in fields if field.related_model is Term)
    return {str(limit["list"]) for limit in limits if isinstance(limit, dict) and "list" in limit}


def known(name: str) -> bool:
    return any(name == row[0] for row in lists())


class TermForm(forms.ModelForm):  # type: ignore[type-arg]
    """A word of a list; its code stays, for imports and programs rely on it."""

    class Meta:
        model = Term
        fields = ("label", "label_zh", "order", "active")


class NewTermForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new word, for the list that the instance names."""

    code = forms.RegexField(
        r"^[a-z0-9_]+$", label=_("code"), max_length=80, help_text=_("Small letters, digits, underscores; it stays.")
    )

    class Meta:
        model = Term
        fields = ("code", "label", "label_zh", "order")

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if Term.objects.filter(list=self.instance.list, code=code).exists():
            raise forms.ValidationError(_("This code is taken."))
        return code


def forms_of(name: str, data: Any = None) -> list[TermForm]:
    """One form a word, in the order of the list."""
    return [TermForm(data, instance=term, prefix=f"t{term.pk}") for term in Term.objects.filter(list=name)]


def add(form: NewTermForm, actor: Actor) -> None:
    keep(form.instance, "create", actor, changes={n: [None, form.cleaned_data[n]] for n in form.changed_data})


@transaction.atomic
def save_all(changed: list[TermForm], actor: Actor) -> int:
    """Save the words that differ, each with its line in the trail; how many."""
    differing = [form for form in changed if form.has_changed()]
    for form in differing:
        pairs = {name: [form.initial[name], form.cleaned_data[name]] for name in form.changed_data}
        keep(form.instance, "update", actor, changes={"code": [form.instance.code] * 2} | pairs)
    return len(differing)
