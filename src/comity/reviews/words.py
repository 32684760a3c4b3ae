"""How the figures are put into words: durations, shares of few, directions."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.cases.rules import figures as rules


def span(minutes: float | None) -> str:
    """A time as people say it, in the unit in which it has one or two digits."""
    if minutes is None:
        return "–"
    if minutes < 90:
        return _("%(n)d min") % {"n": round(minutes)}
    if minutes < 60 * 36:
        return _("%(n)d h") % {"n": round(minutes / 60)}
    days = round(minutes / 1440)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def share(part: int, whole: int) -> str:
    """A share; of few, as counts: a percentage of five says more than is known."""
    if not whole:
        return "–"
    if whole < rules.SMALL:
        return _("%(part)d of %(whole)d") % {"part": part, "whole": whole}
    return f"{round(100 * part / whole)} %"


def heading(direction: str) -> str:
    """Where it is heading, with a sign."""
    known = {"up": _("↗ more"), "down": _("↘ fewer"), "level": _("→ about the same"), "": _("too few to say")}
    return known[direction]
