"""Requirements and verdicts in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comity.accounts.models import Person
from comity.compliance.catalogue import Requirement, Standard, requirements
from comity.compliance.models.answers import EXCLUDED as EXCLUDED
from comity.compliance.models.answers import word as word
from comity.compliance.names import amount as amount
from comity.compliance.names import called, clause, is_chinese
from comity.compliance.reasons import reason
from comity.records.access import readable
from comity.records.kind import kinds
from comity.web.finding import REF
from comity.web.icons import icon

LOOKS = {
    "met": ("circle-check", "good"),
    "gap": ("circle-alert", "bad"),
    "waived": ("hand", "warn"),
    "not_exercised": ("circle-dashed", ""),
    "not_assessed": ("circle-question-mark", ""),
    EXCLUDED: ("circle-slash", ""),
}
EVIDENCE = {
    "live": gettext_lazy("Records of the daily work"),
    "document": gettext_lazy("Documents and agreements"),
    "attested": gettext_lazy("Statement of a person"),
}
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
VALUE = re.compile(r"\{(\w+)=[^{}]*\}")


def title(standard: Standard) -> str:
    return standard.title_zh if is_chinese() else standard.title


def text(requirement: Requirement) -> str:
    """What is asked, in our words."""
    return requirement.text_zh if is_chinese() else requirement.text


def clauses(standard: Standard) -> dict[str, str]:
    """Number and name of each clause, in their order; one of its entries carries the name."""
    key = "clause_title_zh" if is_chinese() else "clause_title"
    found: dict[str, str] = {}
    for one in standard.requirements:
        found[one.clause] = found.get(one.clause) or str(one.more.get(key, ""))
    return {number: f"{clause(number)} {name}".strip() for number, name in found.items()}


def url(requirement: Requirement) -> str:
    return f"/compliance/{requirement.standard}/{requirement.id}/"


def verdict(value: str) -> SafeString:
    """A verdict as sign and word, never as a colour alone."""
    sign, tone = LOOKS.get(value, ("circle", ""))
    return SafeString(f'<span class="st {tone}">{icon(sign, 14)}{escape(word(value))}</span>')


def shown(answer: Any) -> str:
    """What stands for an answer: its verdict, or that the requirement is excluded."""
    return EXCLUDED if answer.excluded else str(answer.verdict)


def check(requirement: Requirement, values: Mapping[str, float]) -> str:
    """The check in prose, with the values that it used in the place of the defaults, and no codes."""
    told = VALUE.sub(lambda found: f"{values[found[1]]:g}" if found[1] in values else found[0], requirement.check)
    return CODE.sub(lambda found: called(found[0]), told)


def reasons(person: Person, answers: Iterable[Any]) -> dict[str, str]:
    """Each answer in one sentence. A record that its reader may not see is not named: only that there are gaps."""
    answers = list(answers)
    named = {one.requirement: str(one.first[0]) for one in answers if one.first and REF.match(str(one.first[0]))}
    seen = _seen(person, set(named.values()))
    return {
        one.requirement: reason(one) if named.get(one.requirement, "") in seen | {""} else _counted(one)
        for one in answers
    }


def _seen(person: Person, refs: set[str]) -> set[str]:
    """Those of these references that the person may read; one query for each kind."""
    found: set[str] = set()
    for kind in kinds():
        if mine := {ref for ref in refs if ref.partition("-")[0] == kind.ref}:
            found |= set(readable(kind, person).filter(ref__in=mine).values_list("ref", flat=True))
    return found


def _counted(answer: Any) -> str:
    told = ngettext("%(n)s of %(all)s falls short.", "%(n)s of %(all)s fall short.", answer.gaps)
    return told % {"n": answer.gaps, "all": answer.population}


def named(name: str) -> SafeString:
    """Another requirement, leading to it where this installation has it."""
    found = requirements().get(name)
    if found is None:
        return SafeString(escape(name))
    return SafeString(f'<a href="{escape(url(found))}" class="nowrap">{escape(name)}</a> {escape(text(found))}')


def scored(requirement: Requirement) -> str:
    """Why a requirement does not count; empty where it does."""
    if requirement.scored:
        return ""
    if requirement.lead_in:
        return _("Opens a list; its parts count.")
    if requirement.use.rule == "same_as":
        return _("Repeats another requirement.")
    return _("Not a “shall”.")
