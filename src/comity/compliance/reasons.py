"""An answer in one sentence, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from django.utils import formats, timezone, translation
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from comity.clocks.rules import Duration
from comity.compliance import catalogue
from comity.compliance.names import called, is_chinese, lacking, limit
from comity.compliance.names import listed as names_of
from comity.compliance.outcome import Outcome
from comity.compliance.rules.verdicts import Verdict

LANGUAGES = ("en", "zh-hans")
DETAIL = re.compile(r"\s*[:：,，]?\s*[(（]?\{detail\}[)）]?")
NAMED = 5  # so many names are told, then their number


def later(say: Callable[[], str]) -> str:
    """A sentence that is put into the reader's language when it is shown."""
    return lazy(say, str)()


def listed(names: Any) -> str:
    """The first names, and how many more there are."""
    every = [str(name) for name in names]
    told = names_of(every[:NAMED])
    more = len(every) - NAMED
    return told if more <= 0 else _("%(names)s and %(more)s more") % {"names": told, "more": more}


def on(moment: date | datetime | None) -> str:
    """A day as people write it, in the organisation's zone."""
    if moment is None:
        return _("never")
    day = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    return formats.date_format(day, "SHORT_DATE_FORMAT")


def length(limit: Duration) -> str:
    """A length of time in words."""
    many = limit.value
    told = {
        "d": ngettext("%(n)g day", "%(n)g days", int(many)),
        "h": ngettext("%(n)g hour", "%(n)g hours", int(many)),
        "bd": ngettext("%(n)g working day", "%(n)g working days", int(many)),
        "bh": ngettext("%(n)g working hour", "%(n)g working hours", int(many)),
    }[limit.unit]
    return told % {"n": many}


def first(found: Outcome) -> list[Any]:
    """The first gap: what it is called, and what is wrong with it in each language. Records come before things."""
    for lot in found.every_lot:
        if (row := lot.first_gap) is not None:
            return [getattr(row, "ref", "") or str(row), _in_each(partial(lot.detail, row)) if lot.detail else ""]
    for single in found.every_single:
        if single.missing:
            return [str(single.label), _in_each(partial(str, single.missing))]
    return []


def _in_each(say: Callable[[], str]) -> dict[str, str]:
    told = {}
    for language in LANGUAGES:
        with translation.override(language):
            told[language] = say()
    return told


def read(detail: Any) -> str:
    """A kept detail in the reader's language."""
    if not isinstance(detail, Mapping):
        return str(detail)
    return str(detail.get("zh-hans" if is_chinese() else "en", ""))


BELOW = {
    Verdict.GAP: gettext_noop("A requirement below it falls short."),
    Verdict.NOT_ASSESSED: gettext_noop("A requirement below it cannot be assessed."),
    Verdict.WAIVED: gettext_noop("A gap below it is waived."),
    Verdict.MET: gettext_noop("The requirements below it are met."),
}


def reason(answer: Any) -> str:
    """Why the verdict is what it is."""
    if answer.verdict != answer.own and not answer.waiver and answer.verdict in BELOW:
        return _(BELOW[answer.verdict])
    if answer.verdict == Verdict.NOT_ASSESSED:
        return _("Not recorded here: %(names)s.") % {"names": listed(map(lacking, answer.lacks))}
    if answer.verdict == Verdict.NOT_EXERCISED:
        return _("There is nothing yet to look at.") if not answer.pending else _("All that there is still has time.")
    if answer.verdict == Verdict.MET:
        return _met(answer)
    if answer.verdict == Verdict.WAIVED:
        return _("%(gap)s Waived by %(ref)s.") % {"gap": _gap(answer), "ref": answer.waiver}
    return _gap(answer)


def _met(answer: Any) -> str:
    many = {"n": answer.population, "gaps": answer.gaps}
    told = ngettext("%(n)s looked at, none falls short.", "%(n)s looked at, none falls short.", answer.population)
    if answer.gaps:
        told = _("%(n)s looked at, %(gaps)s fall short; the share that is asked for is reached.")
    looser = [
        _("Met since %(name)s was loosened from %(old)g to %(new)g.") % {"name": limit(name), "old": old, "new": new}
        for name, old, new in answer.loosened
    ]
    return " ".join([told % many, *looser])


def _gap(answer: Any) -> str:
    record, detail = (*answer.first, "", "")[:2]
    entry = catalogue.entry(answer.requirement)
    return gap(entry, str(record), read(detail)) if entry else read(detail)


def gap(entry: catalogue.Requirement, record: str, detail: str = "") -> str:
    """The message of a requirement about one gap; without a detail, the sentence ends before it."""
    told = entry.gap_zh if is_chinese() else entry.gap
    told = told if detail else DETAIL.sub("", told)
    return told.replace("{record}", called(record)).replace("{detail}", detail)
