"""An answer in one sentence, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comity.compliance.catalogue import requirements
from comity.compliance.rules.verdicts import Verdict


def reason(answer: Any) -> str:
    """Why the verdict is what it is."""
    if answer.verdict == Verdict.NOT_ASSESSED:
        return _("Not recorded here: %(names)s.") % {"names": ", ".join(answer.lacks[:5])}
    if answer.verdict == Verdict.NOT_EXERCISED:
        return _("There is nothing yet to look at.")
    if answer.verdict == Verdict.MET:
        return ngettext(
            "%(n)s looked at, none falls short.", "%(n)s looked at, none falls short.", answer.population
        ) % {"n": answer.population}
    record, detail = map(str, (*answer.first, "", "")[:2])
    entry = requirements().get(answer.requirement)
    if entry is None:
        return detail
    told = entry.gap_zh if (get_language() or "").startswith("zh") else entry.gap
    return told.replace("{record}", record).replace("{detail}", detail)
