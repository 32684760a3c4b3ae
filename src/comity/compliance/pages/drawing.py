"""Verdicts drawn: the bar of a standard, and the line of its share over time. Figures stand beside both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from comity.compliance.operations import history
from comity.compliance.pages import words
from comity.reports import charts
from comity.reports.html import shown

LOOKS_BACK = 60  # computations


def bar(counts: Sequence[tuple[str, int]]) -> SafeString:
    """One bar of all verdicts; to those who do not see it, one image with its figures in words."""
    total, x, parts = sum(n for _one, n in counts), 0.0, []
    for one, n in counts:
        width = 100 * n / total if total else 0
        if n:
            parts.append(f'<rect x="{x:.2f}" width="{max(width - 0.3, 0.2):.2f}" height="10" class="v-{one}"/>')
        x += width
    told = ", ".join(f"{words.word(one)} {n}" for one, n in counts if n)
    return SafeString(
        f'<svg class="verdicts" role="img" viewBox="0 0 100 10" preserveAspectRatio="none" aria-label="{escape(told)}">'
        f"<title>{escape(told)}</title>{''.join(parts)}</svg>"
    )


def share(counts: Mapping[str, Any]) -> int | None:
    """Met of those that were judged, in whole percent."""
    found = history.share(counts)
    return None if found is None else int(100 * found)


def trend(codes: Collection[str]) -> SafeString:
    """The share of these standards that was met on each day that was looked at; empty before two days."""
    days = [(day.on.isoformat(), share(day.counts)) for day in history.trend(*codes, looks=LOOKS_BACK)]
    found = [(day, part) for day, part in days if part is not None]
    if len(found) < 2:
        return SafeString("")
    asked = f"&standard={next(iter(codes))}" if len(codes) == 1 else ""
    points = [(day, charts.Mark(part, f"/compliance/changes/?since={day}{asked}")) for day, part in found]
    note = _("Percent met of the requirements that were exercised and could be assessed, by day.")
    return shown([charts.line(_("Share met"), note, (_("Day"), _("Percent met")), points)])
