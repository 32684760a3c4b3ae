"""One look at the requirements: what each answers now, or answered at a moment of the past."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Max

from comity.compliance.catalogue import Requirement, requirements
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Computation
from comity.compliance.outcome import Outcome
from comity.compliance.rules.verdicts import Verdict, worst


def outcomes(
    inquiry: Inquiry, wanted: Iterable[Requirement]
) -> Iterator[tuple[Requirement, Outcome, dict[str, float]]]:
    """What each requirement finds, with the parameters that its answer hangs on."""
    for requirement in wanted:
        inquiry.used = set()
        found = answer(inquiry, requirement.use)
        yield requirement, found, {name: inquiry.number(name) for name in sorted(inquiry.used)}


def answers(inquiry: Inquiry, wanted: Iterable[Requirement] | None = None) -> list[Answer]:
    """The answers as they would be kept; parents take the worst of their children."""
    every = list(requirements().values()) if wanted is None else list(wanted)
    made = {one.id: _answer(inquiry, one, found, values) for one, found, values in outcomes(inquiry, every)}
    children: dict[str, list[str]] = {}
    for one in every:
        if one.parent in made:
            children.setdefault(one.parent, []).append(one.id)
    for parent in _from_the_leaves(children):
        below = [Verdict(made[child].verdict) for child in children[parent]]
        made[parent].verdict = worst(Verdict(made[parent].verdict), below)
    return list(made.values())


def _from_the_leaves(children: dict[str, list[str]]) -> list[str]:
    """Parents in an order in which those below come first."""
    done: list[str] = []

    def visit(name: str) -> None:
        for child in children.get(name, ()):
            visit(child)
        if name in children and name not in done:
            done.append(name)

    for name in children:
        visit(name)
    return done


def _answer(inquiry: Inquiry, requirement: Requirement, found: Outcome, values: dict[str, float]) -> Answer:
    known = not found.lacks
    return Answer(
        requirement=requirement.id, standard=requirement.standard, since=inquiry.as_of, verdict=found.verdict,
        population=found.population if known else 0, gaps=found.gaps if known else 0,
        pending=found.pending if known else 0, first=_first(found) if known else [],
        lacks=sorted(set(found.lacks)), values=values,
    )  # fmt: skip


def _first(found: Outcome) -> list[str]:
    """The first gap in words: what it is called, and what is wrong with it."""
    for single in found.every_single:
        if single.missing:
            return [single.label, single.missing]
    for lot in found.every_lot:
        record = lot.gaps.order_by("pk").first() if lot.gap_count else None
        if record is not None:
            return [getattr(record, "ref", "") or str(record), lot.detail(record) if lot.detail else ""]
    return []


def latest(as_of: object = None) -> dict[str, Answer]:
    """The answer that holds for each requirement, now or at a moment."""
    rows = Answer.objects.filter(since__lte=as_of) if as_of else Answer.objects.all()
    newest = rows.values("requirement").annotate(at=Max("since")).values_list("requirement", "at")
    keys = dict(newest)
    return {
        one.requirement: one for one in rows.filter(since__in=set(keys.values())) if keys[one.requirement] == one.since
    }


@transaction.atomic
def compute_and_keep(inquiry: Inquiry) -> Computation:
    """Look at everything and keep what changed since the last time."""
    began = time.monotonic()
    found, known = answers(inquiry), latest()
    changed = [one for one in found if one.requirement not in known or known[one.requirement].says() != one.says()]
    Answer.objects.bulk_create(changed)
    scored = requirements()
    counts = Counter(one.verdict for one in found if scored[one.requirement].scored)
    made, _new = Computation.objects.update_or_create(
        as_of=inquiry.as_of, defaults={"seconds": time.monotonic() - began, "counts": dict(counts)}
    )
    return made
