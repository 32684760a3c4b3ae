"""The list of silences: what did not happen, whose it is, since when, and the act that repairs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from comity.accounts.models import Person
from comity.compliance import catalogue
from comity.compliance.listening import listen
from comity.compliance.models import Silence
from comity.compliance.names import called
from comity.compliance.operations.silences import seen_by, sentence
from comity.compliance.pages import access, repairs, words
from comity.parties.models import Customer
from comity.records.access import readable
from comity.records.kind import kind_of, kinds
from comity.web.gate import go, page, person_of

SIZE, FEW = 50, 5
NOBODY = "none"


def rows_of(person: Person, asked: Any) -> QuerySet[Silence]:
    """What the address asks for. Who does not read verdicts sees what is his own."""
    rows = Silence.objects.select_related("owner", "customer").order_by("since", "kind", "record_id", "pk")
    if not access.reads(person) or asked.get("mine") == "yes":
        rows = rows.filter(owner=person)
    if access.reads(person):
        seen = access.standards_of(person)
        rows = rows if len(seen) == len(catalogue.standards()) else rows.filter(_of_standards(seen))
    if owner := asked.get("person", "").split(" · ")[0].strip():
        rows = rows.filter(owner__isnull=True) if owner == NOBODY else rows.filter(owner__email=owner)
    if customer := asked.get("customer", "").split(" · ")[0].strip():
        mine = readable(kind_of(Customer), person).filter(ref=customer).values("pk")
        rows = rows.filter(customer__in=list(mine.values_list("pk", flat=True)))
    if standard := asked.get("standard", ""):
        rows = rows.filter(_of_standards([standard]))
    if text := asked.get("q", "").strip():
        rows = rows.filter(Q(label__icontains=text) | Q(ref__iexact=text) | Q(requirements__icontains=text))
    return rows


def _of_standards(codes: Iterable[str]) -> Q:
    """What any of these standards asks."""
    found = Q(pk__in=())
    for code in codes:
        found |= Q(standards__contains=f",{code},")
    return found


@dataclass
class Line:
    """A record, or a thing that should be there, with all that is silent about it."""

    first: Silence
    record: Any
    act: str
    label: str
    told: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)  # sentence, who asks for it

    @property
    def name(self) -> str:
        """The record, or what should be there."""
        return self.first.label if self.first.kind else called(self.first.label)

    @property
    def days(self) -> int:
        return (timezone.now() - self.first.since).days


def shown(person: Person, rows: Iterable[Silence]) -> list[Line]:
    """As a page shows them: only where the person may read the record, each with the act that ends it."""
    found, asking = seen_by(person, rows), dict(_standards(person))
    known = {name: one for name, one in catalogue.requirements().items() if one.standard in asking}
    records = _records(person, found)
    lines: dict[Any, Line] = {}
    for one in found:
        asked_by = [known[name] for name in one.requirements if name in known]
        key = (one.kind, one.record_id) if one.kind else one.pk
        if key not in lines:
            record = records.get((one.kind, one.record_id))
            act, label = repairs.act_of(person, asked_by[0], record, one.label) if asked_by else ("", "")
            lines[key] = Line(one, record, act, label)
        lines[key].told.append((sentence(one), [(entry.id, words.url(entry)) for entry in asked_by[:3]]))
    return list(lines.values())


def _records(person: Person, rows: Iterable[Silence]) -> dict[tuple[str, int], Any]:
    """The records themselves; one question for each kind."""
    rows = list(rows)
    found: dict[tuple[str, int], Any] = {}
    for kind in kinds():
        if wanted := [one.record_id for one in rows if one.kind == kind.name]:
            found |= {(kind.name, row.pk): row for row in readable(kind, person).filter(pk__in=wanted)}
    return found


def of(person: Person) -> tuple[list[Line], int]:
    """The oldest of one's own, and how many there are: for the page of one's work."""
    rows = rows_of(person, {"mine": "yes"})
    return shown(person, rows[: 3 * FEW])[:FEW], rows.count()


@page
def show(request: HttpRequest) -> HttpResponse:
    """What did not happen, the oldest first."""
    person = person_of(request)
    rows = rows_of(person, request.GET)
    start = request.GET.get("from", "0")
    at = int(start) if start.isdecimal() and len(start) < 6 else 0
    part = list(rows[at : at + SIZE + 1])
    asked = request.GET.copy()
    asked.pop("from", None)
    reads = access.reads(person)
    people = Silence.objects.filter(owner__isnull=False).order_by() if reads else Silence.objects.none()
    context = {
        "rows": shown(person, part[:SIZE]), "count": rows.count(), "reads": reads, "asked": asked,
        "older": at + SIZE if len(part) > SIZE else 0, "newer": at >= SIZE, "before": max(0, at - SIZE),
        "query": asked.urlencode(), "standards": [(code, words.title(one)) for code, one in _standards(person)],
        "people": people.values_list("owner__email", "owner__name").annotate(n=Count("pk")).order_by("-n")[:30],
        "ever": Silence.objects.exists(), "may_compute": access.computes(person),
    }  # fmt: skip
    return render(request, "compliance/silences.html", context)


def _standards(person: Person) -> Iterable[Any]:
    return (access.standards_of(person) if access.reads(person) else catalogue.standards()).items()


@require_POST
@access.readers
def look(request: HttpRequest) -> HttpResponse:
    """Let the worker listen now."""
    if not access.computes(person_of(request)):
        raise PermissionDenied
    listen.enqueue()
    return go(request, "/compliance/silences/")
