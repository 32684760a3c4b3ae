"""One look at the requirements: what each answers now, or answered at a moment of the past; and keeping it."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.utils import translation

from comity.clocks import parameters
from comity.compliance.catalogue import Requirement, requirements
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry, own_days
from comity.compliance.models import Answer, Computation
from comity.compliance.operations.decided import Decided
from comity.compliance.outcome import NAMED, Outcome
from comity.compliance.reach import all_parameters
from comity.compliance.reasons import first
from comity.compliance.rules.verdicts import Verdict, worst
from comity.jobs.calm import calm
from comity.records import models as records

log = logging.getLogger(__name__)
LOCK = "verdicts"
FAULT = "fault of the rule:"  # told among what lacks, so that nobody takes the answer for one
Told = Callable[[int, int], None]  # how many are done, of how many


def answers(
    inquiry: Inquiry, wanted: Iterable[Requirement] | None = None, told: Told | None = None, *, named: bool = True
) -> list[Answer]:
    """The answers as they would be kept; parents take the worst of their children, as far as those are wanted too.

    What the gaps are called is not looked up where nobody asks for it.
    """
    every = list(requirements().values()) if wanted is None else list(wanted)
    made = {}
    with calm(), own_days():
        decided = Decided.at(inquiry.as_of)
        for number, one in enumerate(every):
            if told and number % 20 == 0:
                told(number, len(every))
            made[one.id] = _answer(inquiry, one, decided, named)
    put_together(made, {one.id: one.parent for one in every})
    return list(made.values())


def put_together(made: Mapping[str, Answer], parents: Mapping[str, str]) -> None:
    """Set what is shown: waived where a waiver covers the gap, then the worst of own and children's.

    What is excluded lowers nobody.
    """
    children: defaultdict[str, list[str]] = defaultdict(list)
    for name, one in made.items():
        one.verdict = Verdict.WAIVED if one.waiver else one.own
        if parents[name] in made and not one.excluded:
            children[parents[name]].append(name)
    for parent in _from_the_leaves(children):
        below = [Verdict(made[child].verdict) for child in children[parent]]
        made[parent].verdict = worst(Verdict(made[parent].verdict), below)


def _from_the_leaves(children: Mapping[str, list[str]]) -> list[str]:
    """Parents in an order in which those below come first."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in done or name not in children:
            return
        for child in children[name]:
            visit(child)
        done[name] = None

    for name in children:
        visit(name)
    return list(done)


def _answer(inquiry: Inquiry, requirement: Requirement, decided: Decided, named: bool) -> Answer:
    """What a requirement finds, and the parameters that this hangs on. A rule that breaks is told, and stops nobody."""
    inquiry.used = set()
    try:
        found = answer(inquiry, requirement.use)
        said = _said(requirement, found, decided) | ({"named": _named(found)} if named else {})
    except DatabaseError:
        raise
    except Exception as error:
        log.exception("the rule of %s broke", requirement.id)
        said = {"own": Verdict.NOT_ASSESSED, "lacks": [f"{FAULT} {type(error).__name__}"]}
    values = {name: inquiry.number(name) for name in sorted(inquiry.used | all_parameters(requirement))}
    return Answer(
        requirement=requirement.id, standard=requirement.standard, since=inquiry.as_of, values=values,
        excluded=decided.leaves_out(requirement), **said,
    )  # fmt: skip


def _said(requirement: Requirement, found: Outcome, decided: Decided) -> dict[str, Any]:
    waiver = decided.waiver(requirement, found) if found.verdict is Verdict.GAP else ""
    return {
        "own": found.verdict, "population": found.population, "gaps": found.gaps, "pending": found.pending,
        "first": first(found), "lacks": sorted(set(found.lacks)), "waiver": waiver,
    }  # fmt: skip


def _named(found: Outcome) -> list[str]:
    """What the gaps are called, as many of them as are kept: records by reference, others by kind and number."""
    names: dict[str, None] = {}
    for single in found.every_single:
        if single.missing:
            names[str(single.label)] = None
    for lot in found.every_lot:
        if len(names) < NAMED:
            names |= dict.fromkeys(lot.named)
    return list(names)[:NAMED]


def latest(as_of: datetime | None = None, only: Collection[str] | None = None) -> dict[str, Answer]:
    """The answer that holds for each requirement of the catalogue, or for some of them; now or at a moment."""
    rows = Answer.objects.filter(since__lte=as_of) if as_of else Answer.objects.all()
    rows = rows if only is None else rows.filter(requirement__in=only)
    keys = dict(rows.order_by().values("requirement").annotate(at=Max("since")).values_list("requirement", "at"))
    known, found = requirements(), rows.filter(since__in=set(keys.values()))
    return {one.requirement: one for one in found if one.requirement in known and keys[one.requirement] == one.since}


def compute_and_keep(
    inquiry: Inquiry, wanted: Collection[Requirement] | None = None, told: Told | None = None
) -> Computation | None:
    """Look at everything, or at what is wanted and its parents, and keep what changed since the last time.

    Nothing is written until all is known, and then at once: who is killed before leaves the old answers as they were.
    None where a look at a part found nothing new.
    """
    began, known = time.monotonic(), latest()
    if not known:
        wanted = None
    every = requirements()
    with translation.override("en"):  # whoever asks, the same words are kept
        found = {one.requirement: one for one in answers(inquiry, wanted, told)}
        for name, one in found.items():
            one.loosened = loosened(inquiry, every[name], one, known.get(name))
    for name in known.keys() - found.keys():
        found[name] = _carried_on(known[name], inquiry.as_of)
    put_together(found, {name: every[name].parent for name in found})
    return _keep(inquiry, found, len(every if wanted is None else wanted), wanted is None, time.monotonic() - began)


def _carried_on(one: Answer, since: datetime) -> Answer:
    said = {name: getattr(one, name) for name in Answer.SAID}
    return Answer(requirement=one.requirement, standard=one.standard, since=since, **said)


@transaction.atomic
def _keep(inquiry: Inquiry, found: Mapping[str, Answer], size: int, whole: bool, seconds: float) -> Computation | None:
    """Write what differs from what is kept now. One at a time; what somebody saw later is left alone."""
    records.Counter.objects.get_or_create(prefix=LOCK)
    rows = records.Counter.objects.filter(prefix=LOCK)
    list(rows.select_for_update() if connection.features.has_select_for_update else rows)
    now = latest()
    changed = [
        one for name, one in found.items()
        if name not in now or (now[name].since < one.since and now[name].says() != one.says())
    ]  # fmt: skip
    if not changed and not whole:
        return None
    Answer.objects.bulk_create(changed)
    counts, leaves = counted({**now, **found})
    gone = set(Answer.objects.order_by().values_list("requirement", flat=True).distinct()) - set(requirements())
    made, _new = Computation.objects.update_or_create(
        as_of=inquiry.as_of,
        defaults={
            "seconds": seconds, "looked_at": size, "changed": len(changed), "counts": counts, "leaves": leaves,
            "gone": sorted(gone),
        },
    )  # fmt: skip
    return made


Counts = dict[str, dict[str, int]]


def counted(found: Mapping[str, Answer]) -> tuple[Counts, Counts]:
    """How many scored requirements of each standard have each verdict, and how many of those without children."""
    known = requirements()
    parents = {one.parent for one in known.values()}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    leaves: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, one in found.items():
        if known[name].scored and not one.excluded:
            counts[one.standard][str(one.verdict)] += 1
            leaves[one.standard][str(one.verdict)] += name not in parents
    return {code: dict(some) for code, some in counts.items()}, {code: dict(+some) for code, some in leaves.items()}


@dataclass
class Supposed(Inquiry):
    """The same question, had some parameters still the values of before."""

    instead: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _values(self) -> dict[str, float]:
        return {**parameters.in_force(self.as_of), **self.instead}


def loosened(inquiry: Inquiry, requirement: Requirement, now: Answer, then: Answer | None) -> list[list[object]]:
    """The limits without whose change a former gap were one still: [name, before, after]. Empty where records changed.

    It stays told for as long as that is so (a rule of ours: whoever loosens a limit is not seen to have improved).
    """
    if then is None or now.own in (Verdict.GAP, Verdict.NOT_ASSESSED) or not (then.loosened or then.own == Verdict.GAP):
        return []
    before = {**then.values, **{name: value for name, value, _after in then.loosened}}
    moved = [[name, before[name], value] for name, value in now.values.items() if before.get(name, value) != value]
    if not moved:
        return []
    supposed = Supposed(inquiry.as_of, instead={str(name): value for name, value, _after in moved})
    return moved if answer(supposed, requirement.use).verdict is Verdict.GAP else []
