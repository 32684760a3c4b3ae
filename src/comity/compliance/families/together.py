"""Rules made of rules, and checks of their own: all_of, same_as, predicate."""

from __future__ import annotations

from comity.compliance import catalogue
from comity.compliance.compiler import members
from comity.compliance.families import Arguments, families, family
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Lot, Outcome
from comity.records.facts import Unrecorded, code


def answer(inquiry: Inquiry, use: catalogue.Use) -> Outcome:
    """What a rule with its arguments finds; the same use is asked once. What is not recorded says so in the outcome."""

    def find() -> Outcome:
        try:
            return families()[use.rule](inquiry, use.arguments)
        except KeyError as error:
            return Outcome(unrecorded=f"rule {error.args[0]}")
        except Unrecorded as error:
            return Outcome(unrecorded=str(error))

    return inquiry.once(use.key, find)


@family
def all_of(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Every part holds, and every entry listed; the listed ones, and parts marked so, may have nothing to look at."""
    parts = [
        (answer(inquiry, catalogue.Use(part["rule"], part["with"])), bool(part.get("optional")))
        for part in arguments.get("parts", ())
    ]
    listed = [(answer(inquiry, catalogue.requirements()[name].use), True) for name in arguments.get("of", ())]
    return Outcome(parts=(*parts, *listed))


@family
def same_as(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """The answer of another entry."""
    return answer(inquiry, catalogue.requirements()[arguments["id"]].use)


@family
def predicate(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """A check that no family covers, asked of each kind in its population."""
    name = arguments["name"]
    ask, told = code("predicate", name), catalogue.words().predicates[name]
    values = {one: inquiry.number(one) for one in told["parameters"]}
    given = {one: value for one, value in arguments.items() if one not in ("name", "population")}
    rooted = (
        [(part.kind, part.rows) for part in members(inquiry, arguments["population"])]
        if ("population" in arguments)
        else [("", None)]
    )
    lots = []
    for kind, rows in rooted:
        scope, gaps = ask(inquiry.as_of, rows, **given, **values)
        lots.append(Lot(kind or _kind(scope.model), scope, gaps))
    return Outcome(tuple(lots))


def _kind(model: object) -> str:
    from comity.records.facts import kind_of_model

    return kind_of_model(model)
