"""Things that happen in time: clock_met, planned_interval, path_followed."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.compliance import catalogue
from comity.compliance.compiler import Members, bound, is_empty, members
from comity.compliance.compiler import linked as tied_to
from comity.compliance.families import Arguments, family, many
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Lot, Outcome, Single
from comity.records.facts import Rows, Timed, Unrecorded, code, spoken

HAPPENED = {"communication": "occurred_at", "review": "held_at", "control_run": "run_at", "assessment": "concluded_at",
            "event": "occurred_at", "training": "completed_on", "survey": "closed_at", "market_study": "completed_at",
            "measurement": "period_end"}  # fmt: skip
PLANNED = {"review": "starts_at", "assessment": "planned_on", "survey": "opened_on"}
TAKES_ARGUMENTS = frozenset(
    {"kind", "per", "type", "every", "next", "purpose", "direction", "fields", "direct", "two_way"}
)


@family
def clock_met(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """What the clocks ask for came in time; what still runs in time is pending, what is exempt is left out."""
    lots = []
    for part in members(inquiry, arguments["population"]):
        states = [_state(inquiry, name, part.kind) for name in many(arguments["clock"])]
        late = _any(one.late & ~one.exempt for one in states)
        running = _any(one.running & ~one.exempt for one in states) & ~late
        exempt = Q()
        for one in states:
            exempt &= one.exempt
        rows = part.rows.exclude(exempt) if len(states) == 1 else part.rows
        lots.append(Lot(part.kind, rows, rows.filter(late), rows.filter(running)))
    share = inquiry.number(arguments["share"]) if "share" in arguments else None
    return Outcome(tuple(lots), share=share)


def _state(inquiry: Inquiry, name: str, kind: str) -> Timed:
    if catalogue.words().clocks[name]["kind"] != kind:
        raise Unrecorded(f"clock {name} of {kind}")
    found: Timed = code("clock", name)(inquiry)
    return found


def _any(questions: Any) -> Q:
    found = Q(pk__in=[])
    for one in questions:
        found |= one
    return found


@family
def planned_interval(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """The last occurrence is recent enough, and where it is asked for the next one is dated."""
    unknown = set(arguments) - TAKES_ARGUMENTS
    if unknown:
        raise Unrecorded(f"{', '.join(sorted(unknown))} of {', '.join(many(arguments['kind']))}")
    if arguments["every"] == "own":
        raise Unrecorded(f"own interval of {arguments.get('per', 'the organisation')}")
    since = inquiry.before(arguments["every"])
    wanted = arguments.get("next")
    if "per" not in arguments:
        return Outcome(singles=(_organisation(inquiry, arguments, since, wanted),))
    lots = []
    for part in members(inquiry, arguments["per"]):
        recent = _tied_any(part, _occurrences(inquiry, arguments, since), arguments.get("two_way"))
        dated = _tied_any(part, _planned(inquiry, arguments), None) if wanted else Q()
        young = Q(**{f"{_made(part)}__gt": bound(part.vocabulary.model, _made(part), since)})
        wrong = ~dated if wanted == "only" else ~recent | ~dated if wanted else ~recent
        pending = part.rows.filter(~recent & young)
        gaps = part.rows.filter(wrong).exclude(young & ~recent) if wanted != "only" else part.rows.filter(wrong)
        lots.append(Lot(part.kind, part.rows, gaps, pending if wanted != "only" else None))
    return Outcome(tuple(lots))


def _made(part: Members) -> str:
    return part.vocabulary.fact("entered_at").path


def _tied_any(part: Members, occurrences: list[Members], two_way: Any) -> Q:
    if two_way:
        both = [_directed(occurrences, way) for way in ("inbound", "outbound")]
        held = [one for one in occurrences if one.kind == "review"]
        return (_tied_any(part, both[0], None) & _tied_any(part, both[1], None)) | _tied_any(part, held, None)
    found = Q(pk__in=[])
    for one in occurrences:
        found |= tied_to(part.kind, one)
    return found


def _directed(occurrences: list[Members], way: str) -> list[Members]:
    return [Members(one.kind, one.rows.filter(direction=way)) for one in occurrences if one.kind == "communication"]


def _occurrences(inquiry: Inquiry, arguments: Arguments, since: Any) -> list[Members]:
    return [_happened(inquiry, kind, arguments, since) for kind in many(arguments["kind"])]


def _happened(inquiry: Inquiry, kind: str, arguments: Arguments, since: Any) -> Members:
    vocabulary = spoken(kind)
    path = vocabulary.fact(HAPPENED.get(kind, "entered_at")).path
    model = vocabulary.model
    rows = vocabulary.rows.filter(
        **{f"{path}__gt": bound(model, path, since), f"{path}__lte": bound(model, path, inquiry.as_of)}
    )
    return Members(kind, _fitting(kind, rows, arguments))


def _fitting(kind: str, rows: Rows, arguments: Arguments) -> Rows:
    """Those of the type, purpose and direction, with the fields filled."""
    vocabulary = spoken(kind)
    for name in ("type", "purpose", "direction"):
        if name in arguments and (name == "type" or kind == "communication"):
            rows = rows.filter(**{f"{vocabulary.fact(name).path}__in": many(arguments[name])})
    if arguments.get("direct") and kind == "communication":
        rows = rows.filter(**{vocabulary.fact("bulk").path: False})
    for name in many(arguments.get("fields")):
        rows = rows.exclude(is_empty(vocabulary, vocabulary.fact(name)))
    return rows


def _planned(inquiry: Inquiry, arguments: Arguments) -> list[Members]:
    found = []
    for kind in many(arguments["kind"]):
        if kind not in PLANNED:
            continue
        vocabulary = spoken(kind)
        path = vocabulary.fact(PLANNED[kind]).path
        begin, end = (bound(vocabulary.model, path, at) for at in (inquiry.as_of, inquiry.after(arguments["every"])))
        rows = vocabulary.rows.filter(**{f"{path}__gte": begin, f"{path}__lte": end})
        types = many(arguments.get("type"))
        found.append(Members(kind, rows.filter(**{f"{vocabulary.fact('type').path}__in": types}) if types else rows))
    return found


def _organisation(inquiry: Inquiry, arguments: Arguments, since: Any, wanted: str | None) -> Single:
    label = ", ".join(many(arguments["kind"]) + many(arguments.get("type")) + many(arguments.get("purpose")))
    recent = any(one.rows.exists() for one in _occurrences(inquiry, arguments, since))
    dated = any(one.rows.exists() for one in _planned(inquiry, arguments)) if wanted else True
    if wanted != "only" and not recent:
        return Single(label, _("none within the interval"))
    return Single(label, "" if dated else _("the next one has no date"))


@family
def path_followed(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """The trail shows the mandatory states, in order, none earlier than the one before."""
    lots = []
    machines = [catalogue.words().machines[name] for name in many(arguments["machine"])]
    wanted = many(arguments.get("states"))
    for part in members(inquiry, arguments["population"]):
        machine = next((one for one in machines if one["kind"] == part.kind), machines[0])
        states = wanted or list(machine["path"])
        ask = code("predicate", f"path of {part.kind}")
        scope, gaps = ask(inquiry.as_of, part.rows, states=states)
        lots.append(Lot(part.kind, scope, gaps))
    return Outcome(tuple(lots))
