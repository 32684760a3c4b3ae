"""Facts that got a reaction, controls that work, measures with values: followed_up and the families beside it."""

from __future__ import annotations

from django.db.models import Q

from comity.compliance.compiler import bound, members
from comity.compliance.compiler import linked as tied_to
from comity.compliance.families import Arguments, family, many
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Lot, Outcome
from comity.records.facts import Unrecorded, spoken

FOLLOWED = frozenset({"population", "by", "within"})


@family
def followed_up(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Each member got a reaction that is tied to it, or names it as its source."""
    if unknown := set(arguments) - FOLLOWED:
        raise Unrecorded(f"{', '.join(sorted(unknown))} of a reaction")
    lots = []
    for part in members(inquiry, arguments["population"]):
        done = Q(pk__in=[])
        for name in many(arguments["by"]):
            for reaction in members(inquiry, name):
                done |= tied_to(part.kind, reaction)
                if "source" in reaction.vocabulary.facts:
                    path = reaction.vocabulary.fact("source").path
                    done |= Q(ref__in=reaction.rows.order_by().values(path))
        rows, young = part.rows, Q(pk__in=[])
        if within := arguments.get("within"):
            path = part.vocabulary.fact("entered_at").path
            young = Q(**{f"{path}__gt": bound(part.vocabulary.model, path, inquiry.before(within))})
        lots.append(Lot(part.kind, rows, rows.exclude(done).exclude(young), rows.exclude(done).filter(young)))
    return Outcome(tuple(lots))


def _later(kind: str) -> None:
    spoken(kind)
    raise Unrecorded(f"checks of {kind}")


@family
def change_controlled(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Controlled things changed only through a decided change request."""
    _later("change_request")
    return Outcome()


@family
def control_effective(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Controls exist and their runs passed."""
    _later("control")
    return Outcome()


@family
def review_covered(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Reviews dealt with what they have to."""
    raise Unrecorded("points of a review")


@family
def kpi_measured(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Indicators have values, in time."""
    _later("kpi")
    return Outcome()
