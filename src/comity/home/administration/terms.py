"""Lookup lists: their words in both languages, in order, active or not. A word in use is never removed."""

from __future__ import annotations

import json
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
    "communication_tag": _("Tags of communications"),
    "duty": _("Duties"),
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


CHANGEABLE = ("label", "label_zh", "order", "active")


def _shown(term: Term) -> str:
    """A word as a page shows it: what tells whether somebody else has changed it meanwhile."""
    return json.dumps([term.label, term.label_zh, term.order, term.active], ensure_ascii=False)


class TermForm(forms.ModelForm):  # type: ignore[type-arg]
    """A word of a list; its code stays, for imports and programs rely on it."""

    seen = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Term
        fields = CHANGEABLE

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["seen"] = _shown(self.instance)

    @property
    def touched(self) -> bool:
        """Did its reader change the word that the page showed?"""
        return bool(_shown(self.instance) != self.cleaned_data["seen"])


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
    """Save the words that differ, each with its line in the trail; how many. Raises Stale, with the forms of the words
    that somebody else has changed meanwhile marked, and saves none."""
    differing = [form for form in changed if form.touched]
    rows = Term.objects.select_for_update().filter(pk__in=[form.instance.pk for form in differing])
    now = {term.pk: term for term in rows}
    stale = [form for form in differing if _shown(now[form.instance.pk]) != form.cleaned_data["seen"]]
    for form in stale:
        term = now[form.instance.pk]
        words = _(
            "“%(code)s” is “%(label)s”, “%(label_zh)s” by now. Nothing was saved; save again to put yours instead."
        )
        form.data = {
            **{name: form.data[name] for name in form.data},
            form.add_prefix("seen"): _shown(term),
        }  # it has been shown now
        form.add_error(None, words % {"code": term.code, "label": term.label, "label_zh": term.label_zh})
    if stale:
        raise Stale(stale)
    for form in differing:
        term = now[form.instance.pk]
        pairs = {name: [getattr(term, name), form.cleaned_data[name]] for name in CHANGEABLE}
        changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        keep(form.instance, "update", actor, changes={"code": [term.code] * 2} | changes)
    return len(differing)


class Stale(Exception):
    """Somebody else changed words of the list meanwhile."""
