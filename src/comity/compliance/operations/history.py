"""What changed between two moments, and how a standard fared over time; read from what was kept, never recomputed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.compliance.catalogue import Requirement, requirements
from comity.compliance.models import Answer, Computation
from comity.compliance.names import lacking, limit, listed
from comity.compliance.operations.computing import latest
from comity.compliance.rules.verdicts import Verdict

KEEP_LOOKS = timedelta(days=2)  # after which the last look of each day is enough


@dataclass(frozen=True)
class Change:
    """What one requirement answered at the earlier and at the later moment; `before` is None where it was new."""

    requirement: Requirement
    before: Answer | None
    after: Answer

    @property
    def verdicts(self) -> tuple[str, str]:
        """From what to what."""
        return (str(self.before.verdict) if self.before else "", str(self.after.verdict))

    @property
    def opened(self) -> list[str]:
        """Gaps that were none before, by name, as far as names are kept."""
        known = set(self.before.named) if self.before else set()
        return [name for name in self.after.named if name not in known]

    @property
    def closed(self) -> list[str]:
        """Gaps that are none any more; one may still be there where there are more than names are kept."""
        known = set(self.after.named)
        hidden = self.after.gaps > len(self.after.named)
        return [] if hidden or not self.before else [name for name in self.before.named if name not in known]

    @property
    def why(self) -> list[str]:
        """The reasons in sentences, in the reader's language; no record is named, for not everybody may see each."""
        return list(_why(self))


def _why(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    if before is None:
        yield _("It was looked at for the first time.")
        return
    if after.excluded != before.excluded:
        yield _("It was excluded.") if after.excluded else _("It is no longer excluded.")
    if after.waiver != before.waiver:
        said = _("The waiver %(ref)s covers the gap.") if after.waiver else _("The waiver %(ref)s covers it no longer.")
        yield said % {"ref": after.waiver or before.waiver}
    for name, old, new in after.loosened:
        yield _("The limit %(name)s was loosened from %(old)g to %(new)g.") % {
            "name": limit(name),
            "old": old,
            "new": new,
        }
    if known := [name for name in before.lacks if name not in after.lacks]:
        yield _("Now recorded: %(names)s.") % {"names": listed(map(lacking, known))}
    if lost := [name for name in after.lacks if name not in before.lacks]:
        yield _("No longer recorded: %(names)s.") % {"names": listed(map(lacking, lost))}
    if count := len(change.opened):
        yield ngettext("%(n)s gap opened.", "%(n)s gaps opened.", count) % {"n": count}
    if count := len(change.closed):
        yield ngettext("%(n)s gap closed.", "%(n)s gaps closed.", count) % {"n": count}
    same = (after.own, after.waiver, after.excluded) == (before.own, before.waiver, before.excluded)
    if same and after.verdict != before.verdict:
        yield _("Requirements below it changed.")


def changes(since: datetime, until: datetime | None = None, standard: str = "") -> list[Change]:
    """The requirements whose verdict or gaps are others at the later moment, in the order of the catalogue."""
    then, now = latest(since), latest(until)
    found = []
    for name, one in requirements().items():
        if name in now and standard in ("", one.standard):
            change = Change(one, then.get(name), now[name])
            if change.before is None or _differs(change.before, change.after):
                found.append(change)
    return found


def _differs(before: Answer, after: Answer) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in ("verdict", "gaps", "named", "excluded"))


def share(counts: Mapping[str, int]) -> float | None:
    """Of what was exercised and assessed, how much is met: met / (met + gap + waived). None without any."""
    told = sum(counts.get(one, 0) for one in (Verdict.MET, Verdict.GAP, Verdict.WAIVED))
    return counts.get(Verdict.MET, 0) / told if told else None


@dataclass(frozen=True)
class Day:
    """How a standard stood at the end of a day: how many leaves had each verdict, and the share that was met."""

    on: date
    counts: dict[str, int]

    @property
    def share(self) -> float | None:
        return share(self.counts)


def trend(*standards: str, looks: int | None = None) -> list[Day]:
    """These standards together: one point for each day among the newest looks, its last look; the oldest first."""
    rows = Computation.objects.order_by("-as_of").values_list("as_of", "leaves")[:looks]
    days = {timezone.localtime(at).date(): leaves for at, leaves in reversed(list(rows))}
    known = ((on, [Counter(leaves[one]) for one in standards if one in leaves]) for on, leaves in days.items())
    return [Day(on, sum(counts, Counter())) for on, counts in known if counts]


def thin_out(now: datetime) -> int:
    """Of the looks of past days keep the last of each; answers are kept for good. How many went."""
    old = Computation.objects.filter(as_of__lt=now - KEEP_LOOKS).order_by("as_of").values_list("pk", "as_of")
    last = {timezone.localtime(at).date(): pk for pk, at in old}
    return Computation.objects.filter(as_of__lt=now - KEEP_LOOKS).exclude(pk__in=last.values()).delete()[0]
