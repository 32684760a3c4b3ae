"""Things under control: change_controlled, control_effective."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import DateTimeField, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from comity.compliance import catalogue
from comity.compliance.columns import NOTHING, among, bound, column, is_empty
from comity.compliance.compiler import knows
from comity.compliance.families import Arguments, family, many, over
from comity.compliance.families.moments import between, own_intervals, stretch
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called, listed
from comity.compliance.outcome import Fault, Lot, Outcome, judged
from comity.compliance.ties import Members, linked
from comity.records.facts import Unrecorded, Vocabulary, spoken

ALTERED = ("effective_on", "version_changed_at", "changed_on", "changed_at")  # names that say when a thing changed
IMPACTS = ("impact", "impact_services", "impact_systems", "impact_customers", "impact_standards",
           "impact_management_system")  # fmt: skip


@family("objects requires")
def change_controlled(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Controlled things changed only through a change request that was decided before, with all that it needs."""
    elements = many(arguments["requires"])
    return over(inquiry, arguments["objects"], lambda part: _altered(inquiry, part, elements))


def _altered(inquiry: Inquiry, part: Members, elements: list[str]) -> Lot:
    vocabulary, requests = part.vocabulary, spoken("change_request")
    name = next((one for one in ALTERED if knows(vocabulary, one)), None)
    if name is None:
        raise Unrecorded(f"{part.kind}.changed_at")
    moment = vocabulary.fact(name).path
    rows = between(part, moment, inquiry.before("evidence_window_days"), inquiry.as_of)
    if knows(vocabulary, "version_no"):
        rows = rows.where(Q(**{f"{vocabulary.fact('version_no').path}__gt": 1}))
    decided = requests.fact("decided_at").path
    in_time = Q(**{f"{decided}__isnull": False}) & _not_after(decided, part, moment)
    asked = Members("change_request", requests.rows)
    faults = [Fault(~linked(part.kind, asked, in_time), lambda row: _("no change request decided before"))]
    faults += [_lacking(part, asked, in_time, element) for element in elements]
    return judged(part.kind, rows.rows, faults)


def _not_after(decided: str, part: Members, moment: str) -> Q:
    """Decided by the moment of the change; of a day, within it."""
    return Q(**{f"{decided}__date__lte" if _of_day(part, moment) else f"{decided}__lte": OuterRef(moment)})


def _of_day(part: Members, path: str) -> bool:
    return not isinstance(column(part.vocabulary.model, path), DateTimeField)


def _lacking(part: Members, asked: Members, in_time: Q, element: str) -> Fault:
    """What the change request, or the new version itself, has to show."""
    vocabulary = asked.vocabulary

    def said(row: object) -> str:
        return _("the change request lacks: %(what)s") % {"what": called(element)}

    if element in OF_VERSION:
        return Fault(~OF_VERSION[element](part), said)
    return Fault(~linked(part.kind, asked, in_time & _shows(vocabulary, element)), said)


def _shows(vocabulary: Vocabulary, element: str) -> Q:
    if element == "impact":
        told = NOTHING
        for name in IMPACTS:
            if knows(vocabulary, name):
                told |= ~is_empty(vocabulary, vocabulary.fact(name))
        return told
    if element == "approval":
        return ~is_empty(vocabulary, vocabulary.fact("approved_at")) & ~is_empty(
            vocabulary, vocabulary.fact("approver")
        )
    if element not in catalogue.words().tags["change_elements"]:
        raise Unrecorded(f"change_request.{element}")
    return ~is_empty(vocabulary, vocabulary.fact(element))


def _prior(part: Members) -> Q:
    """The version before it is still there, or it says which one it replaces."""
    vocabulary = part.vocabulary
    if knows(vocabulary, "prior_version"):
        return ~is_empty(vocabulary, vocabulary.fact("prior_version"))
    raise Unrecorded(f"{part.kind}.prior_version")


def _both_signed(part: Members) -> Q:
    """Signed by both parties, in acceptances or in the version itself."""
    signed, given = Q(), spoken("acceptance")
    for side, name in (("own", "person"), ("other", "contact")):
        rows = given.rows.filter(type="signed", status="given").exclude(is_empty(given, given.fact(name)))
        mine = linked(part.kind, Members("acceptance", rows))
        if knows(part.vocabulary, f"{side}_signature"):
            mine |= ~is_empty(part.vocabulary, part.vocabulary.fact(f"{side}_signature"))
        signed &= mine
    return signed


OF_VERSION: dict[str, Callable[[Members], Q]] = {"prior_version": _prior, "signatures_both_parties": _both_signed}


@family("population types run_type within result baseline")
def control_effective(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Controls exist and their runs are recent and passed."""
    return over(inquiry, arguments["population"], lambda part: _controlled(inquiry, part, arguments))


def _controlled(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    if part.kind == "control":
        good = _working(inquiry, part, arguments)
        return judged("control", part.rows, [Fault(~good, lambda row: _("no run in time that passed"))])
    vocabulary = spoken("control")
    active = Members("control", vocabulary.rows.filter(among(vocabulary, vocabulary.fact("status"), ["active"])))
    faults = []
    if arguments.get("baseline"):
        faults += [_by_rank(inquiry, part, active, rank, arguments) for rank in catalogue.words().tags["ranks"]]
    elif types := many(arguments.get("types")):
        faults += [_uncontrolled(inquiry, part, active, one, arguments) for one in types]
    elif "run_type" in arguments:
        good = linked(part.kind, _runs(inquiry, arguments)) | _covered(inquiry, part, active, arguments)
        faults.append(Fault(~good, lambda row: _("no run in time that passed")))
    else:
        faults.append(_uncontrolled(inquiry, part, active, "", arguments))
    return judged(part.kind, part.rows, faults)


def _covered(inquiry: Inquiry, part: Members, controls: Members, arguments: Arguments) -> Q:
    return linked(part.kind, controls.where(_working(inquiry, controls, arguments)))


def _uncontrolled(inquiry: Inquiry, part: Members, active: Members, kind: str, arguments: Arguments) -> Fault:
    """No active control of the type whose runs are recent and passed."""
    vocabulary = active.vocabulary
    fitting = active.where(among(vocabulary, vocabulary.fact("type"), [kind])) if kind else active

    def words(row: object) -> str:
        return _("no working control: %(type)s") % {"type": called(kind) or _("any type")}

    return Fault(~_covered(inquiry, part, fitting, arguments), words)


def _by_rank(inquiry: Inquiry, part: Members, active: Members, rank: str, arguments: Arguments) -> Fault:
    """The controls that the baseline asks for at the rank of the risk that is tied to the member."""
    risks = spoken("risk")
    ranked = linked(part.kind, Members("risk", risks.rows.filter(among(risks, risks.fact("rank"), [rank]))))
    needed = catalogue.words().tags["control_baseline"][rank]
    lacking = NOTHING
    for one in needed:
        lacking |= _uncontrolled(inquiry, part, active, one, arguments).question

    def words(row: object) -> str:
        return _("rank %(rank)s asks for working controls: %(types)s") % {"rank": called(rank), "types": listed(needed)}

    return Fault(ranked & lacking, words)


def _runs(inquiry: Inquiry, arguments: Arguments) -> Members:
    """Runs of the type within the time whose result suffices."""
    vocabulary = spoken("control_run")
    runs = Members("control_run", vocabulary.rows)
    if kind := arguments.get("run_type"):
        runs = runs.where(among(vocabulary, vocabulary.fact("type"), [kind]))
    if arguments.get("result") == "passed":
        runs = runs.where(among(vocabulary, vocabulary.fact("result"), ["passed"]))
    since = inquiry.before(arguments["within"]) if "within" in arguments else None
    return between(runs, vocabulary.fact("run_at").path, since, inquiry.as_of)


def _working(inquiry: Inquiry, controls: Members, arguments: Arguments) -> Q:
    """Controls with a run within their own frequency, or the time asked for; the latest with a result that suffices."""
    vocabulary = spoken("control_run")
    path, run_at = vocabulary.fact("control").path, vocabulary.fact("run_at").path
    runs = Members("control_run", vocabulary.rows)
    if kind := arguments.get("run_type"):
        runs = runs.where(among(vocabulary, vocabulary.fact("type"), [kind]))
    runs = between(runs, run_at, None, inquiry.as_of)
    newest = runs.rows.filter(**{path: OuterRef("pk")}).order_by(f"-{run_at}", "-pk")
    found = controls.vocabulary.rows.annotate(
        last_run=Subquery(newest.values(run_at)[:1]),
        last_result=Subquery(newest.values(vocabulary.fact("result").path)[:1]),
    )
    good = NOTHING
    for whom, interval in (
        [(Q(), stretch(inquiry, arguments["within"]))] if "within" in arguments else own_intervals(inquiry, controls)
    ):
        since = bound(vocabulary.model, run_at, inquiry.as_of - interval)
        good |= whom & Q(pk__in=found.filter(last_run__gt=since).order_by().values("pk"))
    if arguments.get("result") == "passed":
        words = vocabulary.fact("result").words.get("passed", ("passed",))
        good &= Q(pk__in=found.filter(last_result__in=list(words)).order_by().values("pk"))
    return good
