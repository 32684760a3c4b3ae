"""Things that happen in time and in order: clock_met, path_followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance import catalogue
from comity.compliance.columns import NOTHING, asked
from comity.compliance.families import Arguments, family, many, over
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called
from comity.compliance.outcome import Fault, Lot, Outcome, judged
from comity.compliance.ties import Members
from comity.records.facts import Timed, Unrecorded, code, spoken


@family("clock population share")
def clock_met(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """What the clocks ask for came in time; what still runs in time is pending, what is exempt is left out."""
    share = inquiry.number(arguments["share"]) if "share" in arguments else None
    clocks = many(arguments["clock"])
    return over(inquiry, arguments["population"], lambda part: _timed(inquiry, part, clocks), share=share)


def _timed(inquiry: Inquiry, part: Members, clocks: list[str]) -> Lot:
    states = {name: _state(inquiry, name, part.kind) for name in clocks}
    faults = [Fault(one.late & ~one.exempt, _words(name)) for name, one in states.items()]
    running = _any(one.running & ~one.exempt for one in states.values())
    exempt = Q()
    for one in states.values():
        exempt &= one.exempt
    return replace(judged(part.kind, part.rows, faults), young=running, exempt=exempt)


def _words(name: str):  # type: ignore[no-untyped-def]
    return lambda row: _("%(clock)s: late") % {"clock": called(name)}


def _state(inquiry: Inquiry, name: str, kind: str) -> Timed:
    """The clock of a kind other than the catalogue's for it is registered as `NAME of KIND`."""
    own = catalogue.words().clocks[name]["kind"] == kind
    found: Timed = code("clock", name if own else f"{name} of {kind}")(inquiry)
    return found


def _any(questions: Iterable[Q]) -> Q:
    found = NOTHING
    for one in questions:
        found |= one
    return found


@family("machine population states version_at")
def path_followed(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """The trail shows the mandatory states, in order, none earlier than the one before."""
    machines = [catalogue.words().machines[name] for name in many(arguments["machine"])]

    def judge(part: Members) -> Lot:
        machine = next((one for one in machines if one["kind"] == part.kind), None)
        if machine is None:
            raise Unrecorded(f"machine of {part.kind}")
        states = many(arguments.get("states")) or list(machine["path"])
        scope, gaps = code("predicate", f"path of {part.kind}")(inquiry.as_of, part.rows, states=states)
        if not (moment := arguments.get("version_at")):
            return Lot(part.kind, scope, gaps, detail=_out_of_order)
        order = Fault(Q(pk__in=gaps.order_by().values("pk")), _out_of_order)
        return judged(part.kind, scope, [order, _other_version(part, moment)])

    return over(inquiry, arguments["population"], judge)


def _out_of_order(row: object) -> str:
    return _("a step is missing or out of order")


def _other_version(part: Members, moment: str) -> Fault:
    """Handled under a version of the procedure that was not the one in force at that time of the record."""
    path, at = part.vocabulary.fact("procedure_version").path, part.vocabulary.fact(moment).path
    versions = spoken("document_version").rows.filter(approved_at__lte=OuterRef(at))
    valid = versions.filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=OuterRef(at)))
    fine = asked(part.vocabulary, path, {"in": valid.order_by().values("pk")})
    return Fault(~fine, lambda row: _("handled under another version of the procedure"))
