"""A requirement: what it asks, how it is checked, what the check finds now or found on a day, and what repairs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from functools import partial, reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Exists, OuterRef, Q, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from comity.accounts.models import Person
from comity.accounts.rights import own_people
from comity.clocks.parameters import DEFINITIONS
from comity.compliance import catalogue, reach
from comity.compliance.catalogue import Requirement
from comity.compliance.families.together import answer as asked
from comity.compliance.inquiry import Inquiry, own_days
from comity.compliance.models import Answer, Computation
from comity.compliance.names import is_chinese, lacking, loosened, remark
from comity.compliance.operations import computing
from comity.compliance.operations.lists import MOST
from comity.compliance.operations.moments import day_of, end_of
from comity.compliance.operations.silences import uses
from comity.compliance.outcome import Lot, Outcome
from comity.compliance.pages import access, asking, findings, repairs, words
from comity.compliance.rules.verdicts import Verdict, worst
from comity.records import sql
from comity.records.access import may, readable
from comity.records.kind import Kind, is_kind, kind_of, kinds
from comity.records.models import Entry
from comity.records.past import as_it_was
from comity.web.gate import person_of

FIRST, LONGEST = 8, 50  # gaps shown, lines of the history
COUNTED = 1000  # more gaps than these are not counted by who may read them
DECISIONS = ("waiver", "exclusion", "assessment", "finding", "action")


@dataclass
class Part:
    """What the check looked at of one kind: how many, and the first that fall short, as far as their reader may see."""

    label: str
    icon: str = "users"
    url: str = ""  # of the register, without what it is narrowed to
    size: int = 0
    gaps: int = 0
    pending: int = 0
    hidden: int = 0
    more: int = 0
    first: list[repairs.Repair] = field(default_factory=list)


@dataclass(frozen=True)
class Sight:
    """What was found, and the ids of what falls short where that was on a day that has passed."""

    outcome: Outcome
    ids: list[list[int]] | None  # of each lot

    @classmethod
    def of(cls, outcome: Outcome, past: bool) -> Sight:
        """Counted at once, for a moment of the past is left behind afterwards."""
        for lot in outcome.every_lot:
            lot.size, lot.gap_count, lot.pending_count  # noqa: B018  (kept by the lot)
        if not past:
            return cls(outcome, None)
        most = MOST
        gaps = [lot.gaps.values_list("pk", flat=True)[:most] if lot.gap_count else () for lot in outcome.every_lot]
        return cls(outcome, [list(keys) for keys in gaps])

    def among(self, rows: Any, n: int) -> tuple[int, list[Any]]:
        """How many of the rows are gaps of a lot, as far as they are counted, and the first of them."""
        if self.ids is None:
            lot = self.outcome.every_lot[n]
            keys = lot.oldest((rows & lot.gaps).values_list("pk", flat=True), COUNTED)
        else:
            keys = list(rows.filter(pk__in=self._kept(n)).order_by("pk").values_list("pk", flat=True)[:COUNTED])
        return len(keys), list(rows.filter(pk__in=keys[:FIRST]).order_by("pk"))

    def told_of(self, n: int) -> set[str]:
        """The kinds of which the lines that are gaps of a lot tell."""
        lines = self.outcome.every_lot[n].gaps if self.ids is None else Entry.objects.filter(pk__in=self._kept(n))
        return {*lines.order_by().values_list("kind", flat=True).distinct()}

    def _kept(self, n: int) -> Any:
        return sql.among(connection.vendor, self.ids[n]) if self.ids is not None else ()


Visible = list[tuple[Lot, list[Any]]]


def parts(person: Person, sight: Sight) -> tuple[list[Part], list[Visible]]:
    """The parts of the check by kind, the worst first; and of each the first rows that the person may see."""
    made: dict[Any, tuple[Part, Visible]] = {}
    for n, lot in enumerate(sight.outcome.every_lot):
        model: Any = lot.scope.model
        kind = kind_of(model) if is_kind(model) else None
        if model not in made:
            label = str(model._meta.verbose_name_plural)
            made[model] = (Part(label, kind.icon, kind.url) if kind else Part(label)), []
        part, visible = made[model]
        part.size, part.gaps, part.pending = (
            part.size + lot.size, part.gaps + lot.gap_count, part.pending + lot.pending_count,
        )  # fmt: skip
        if lot.gap_count and (kind or model in (Person, Entry)):
            told = sight.told_of(n) if model is Entry else set()
            seen, first = sight.among(_open_to(person, kind, model, told), n)
            if seen < COUNTED:
                part.hidden += max(0, lot.gap_count - seen)
            part.more += max(0, (seen if seen < COUNTED else lot.gap_count) - FIRST)
            visible.append((lot, first))
    found = sorted(made.values(), key=lambda one: -one[0].gaps)
    return [part for part, _visible in found], [visible for _part, visible in found]


def _open_to(person: Person, kind: Kind | None, model: Any, told: set[str]) -> Any:
    """The rows of which the person may know: records, our people, or lines of the trail of these kinds."""
    if kind:
        return readable(kind, person)
    if model is Person:
        return own_people()
    known = (
        Q(Exists(readable(one, person).filter(pk=OuterRef("record_id"))), kind=one.name)
        for one in kinds()
        if one.name in told
    )
    return Entry.objects.filter(reduce(or_, known, Q(pk__in=())))


def look(requirement: Requirement, inquiry: Inquiry) -> tuple[Any, Outcome]:
    """The answer as it would be kept, and what was found; a parent shows the worst of its own and of what is below."""
    made = computing.answers(inquiry, [requirement], named=False)[0]
    below = [one.id for one in catalogue.requirements().values() if one.parent == requirement.id]
    if below:
        kept = computing.latest(inquiry.as_of, below)
        made.verdict = worst(Verdict(made.verdict), [Verdict(kept[one].verdict) for one in below if one in kept])
    return made, asked(inquiry, requirement.use)


def _asked(person: Person, one: Requirement, day: date | None) -> tuple[Any, dict[str, Any]]:
    """The answer, and what the records show, now or as they were on the day."""
    moment = end_of(day) if day else timezone.now()
    past = partial(as_it_was, moment) if day else nullcontext
    with past():
        made, outcome = look(one, Inquiry(moment))
        sight = Sight.of(outcome, bool(day))
    found, visible = parts(person, sight)
    with past() if any(rows for of in visible for _lot, rows in of) else nullcontext():
        wrong = [list(_why(of)) for of in visible]
    for part, rows in zip(found, wrong, strict=True):
        prefetch_related_objects([row for row, _text in rows], *_several(one, rows))
        part.first = [repairs.of_record(person, one, row, text) for row, text in rows]
    singles = outcome.every_single
    missing = [repairs.of_single(person, one, single) for single in singles if single.missing]
    return made, {"found": found, "missing": missing, "singles": len(singles)}


def _listed(one: Requirement) -> tuple[Any, dict[str, Any]] | None:
    """What opens a list, as the last look found it and its entries: each of those asks its records on its own page.

    Several entries together ask every record of a year many times over; whoever wants that anew says so.
    """
    below = reach.many(one.use.arguments["of"])
    kept, last = computing.latest(only=[one.id, *below]), Computation.objects.order_by("-as_of").first()
    return (kept[one.id], {"listed": _lines(below, kept), "last": last}) if last and one.id in kept else None


@access.readers
def show(request: HttpRequest, standard: str, name: str) -> HttpResponse:
    """Now, as of a day that has passed (recomputed from what was on record), or, where it opens a list, as kept."""
    person = person_of(request)
    one, found_in = access.requirement_at(person, standard, name), access.standard_at(person, standard)
    day = day_of(request.GET.get("as_of", ""))
    day = None if day == timezone.localdate() else day
    listed = _listed(one) if one.lead_in and not day and "anew" not in request.GET else None
    with own_days():
        made, context = listed or _asked(person, one, day)
    context |= {
        "reason": words.reasons(person, [made])[one.id],
        "requirement": one, "answer": made, "day": day, "today": timezone.localdate(), "wrong": _wrong(request, day),
        "text": words.text(one), "clause": words.clauses(found_in)[one.clause], "check": words.check(one, made.values),
        "rules": list(asking.rules(one.use, made.values)) if is_chinese() else [],
        "verdict": words.verdict(words.shown(made)), "shown": words.shown(made), "own": words.verdict(made.own),
        "title": words.title(found_in), "lacks": [lacking(name) for name in made.lacks],
        "proxy": remark(one.id, found_in.proxies.get(one.id, "")), "note": remark(one.id, one.note),
        "scored": words.scored(one),
        "evidence": words.EVIDENCE.get(one.evidence, one.evidence), "values": _values(made.values),
        "loosened": loosened(made.loosened),
        "family": _family(one), "mapped": _mapped(person, one), "decisions": list(_decisions(person, one)),
        "history": _history(person, one), "findings": findings.by_requirement(person).get(one.id, []),
    }  # fmt: skip
    return render(request, "compliance/requirement.html", context)


def _several(one: Requirement, rows: list[tuple[Any, str]]) -> list[str]:
    """The columns of these rows that rights and repairs ask for: several people or things, and wholes of which they
    are parts."""
    kinds_of = [kind_of(type(row)) for row, _text in rows[:1] if is_kind(type(row))]
    several = [column.name for kind in kinds_of for column in kind.model._meta.many_to_many]
    return [*several, *(name for kind in kinds_of for name in repairs.wholes(kind, one))]


def _why(visible: Visible) -> Iterator[tuple[Any, str]]:
    """Each row, and why it is a gap."""
    for lot, rows in visible:
        told = lot.told(rows)
        yield from ((row, told.get(row.pk, "")) for row in rows)


def _wrong(request: HttpRequest, day: Any) -> str:
    told = request.GET.get("as_of", "")
    return told[:20] if told and day is None and day_of(told) is None else ""


def _values(values: dict[str, float]) -> list[tuple[str, Any, str]]:
    """The parameters that the answer hangs on: name, meaning, and value with its unit."""
    known = DEFINITIONS
    return [(one, known[one].meaning if one in known else one, words.amount(one, n)) for one, n in values.items()]


def _lines(names: list[str], kept: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(words.named(one), words.verdict(words.shown(kept[one])) if one in kept else "") for one in names]


def _family(one: Requirement) -> dict[str, Any]:
    """The requirement above, and those below, with what is kept of them."""
    known = catalogue.requirements()
    below = [other.id for other in known.values() if other.parent == one.id]
    above = [one.parent] if one.parent else []
    kept = computing.latest(only=[*above, *below]) if below or above else {}
    return {"above": _lines(above, kept), "below": _lines(below, kept)}


def _mapped(person: Person, one: Requirement) -> list[tuple[Any, Any]]:
    """Entries of other standards whose evidence serves, in either direction; as far as the person may see those."""
    known = catalogue.requirements()
    names = [*one.maps_to, *(other.id for other in known.values() if one.id in other.maps_to)]
    seen = access.standards_of(person)
    names = [name for name in dict.fromkeys(names) if name in known and known[name].standard in seen]
    return _lines(names, computing.latest(only=names) if names else {})


def _decisions(person: Person, one: Requirement) -> Iterator[tuple[Kind, list[Any], str, str]]:
    """Waivers, exclusions, statements and findings that the person may read; where to make one, or why not."""
    known = {kind.name: kind for kind in kinds()}
    for name in DECISIONS:
        kind, barred = known.get(name), catalogue.exclusion_barred(one) if name == "exclusion" else ""
        if kind is None or not may(person, kind, "read") or (name == "assessment" and one.evidence != "attested"):
            continue
        about = _about(kind, one)
        rows = list(readable(kind, person).filter(**about).order_by("-pk")[:5]) if about else []
        given = {**about, "title": words.text(one)[:200]}
        new = f"{kind.url}new/?{urlencode({name: given[name] for name in given if name in kind.fields})}"
        yield kind, rows, new if may(person, kind, "create") and not barred else "", barred


def _about(kind: Kind, one: Requirement) -> dict[str, str]:
    """How a kind names a requirement: by its id, or a statement by its own name; nothing where it names none."""
    columns = {column.name for column in kind.model._meta.get_fields()}
    told = next((use.arguments["statement"] for use in uses(one.use) if use.rule == "attested"), "")
    names = {"requirement": one.id, "statement": told}
    return next(({name: value} for name, value in names.items() if value and name in columns), {})


def _history(person: Person, one: Requirement) -> list[dict[str, Any]]:
    """Each answer from the day on which it began, and the verdict before it."""
    rows = list(Answer.objects.filter(requirement=one.id).order_by("-since")[: LONGEST + 1])
    found = []
    for n, row in enumerate(rows[:LONGEST]):
        before = rows[n + 1] if n + 1 < len(rows) else None
        changed = before is None or words.shown(before) != words.shown(row)
        was = words.verdict(words.shown(before)) if before is not None and changed else ""
        found.append({"answer": row, "verdict": words.verdict(words.shown(row)), "was": was, "changed": changed,
                      "reason": words.reasons(person, [row])[one.id]})  # fmt: skip
    return found


@access.readers
def members(request: HttpRequest, standard: str, name: str) -> HttpResponse:
    """The records behind a number: straight to the register where all are of one kind, else to their list by kind."""
    one = access.requirement_at(person_of(request), standard, name)
    which = "scope" if request.GET.get("of") == "scope" else "gaps"
    with own_days():
        found = asked(Inquiry(), one.use)
        models = {lot.scope.model for lot in found.every_lot if (lot.gap_count if which == "gaps" else lot.size)}
    singles = [single for single in found.every_single if single.missing or which == "scope"]
    if len(models) == 1 and not singles and is_kind(model := models.pop()):
        return redirect(f"{kind_of(model).url}?{which}={one.id}")
    return redirect(f"{words.url(one)}#found")
