"""Rules made of rules, and checks of their own: all_of, same_as, predicate."""

from __future__ import annotations

from comity.compliance import catalogue
from comity.compliance.families import Arguments, families, family, over
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import short
from comity.compliance.outcome import Lot, Outcome
from comity.compliance.ties import Members
from comity.records.facts import Unrecorded, code, kind_of_model


def answer(inquiry: Inquiry, use: catalogue.Use) -> Outcome:
    """What a rule with its arguments finds; the same use is asked once. What is not recorded says so in the outcome."""

    def find() -> Outcome:
        if use.rule not in families():
            return Outcome(unrecorded=(f"rule {use.rule}",))
        try:
            return families()[use.rule](inquiry, use.arguments)
        except Unrecorded as error:
            return Outcome(unrecorded=(str(error),))

    return inquiry.once(use.key, find)


@family("parts of")
def all_of(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Every part holds, and every entry listed; the listed ones, and parts marked so, may have nothing to look at."""
    parts = [
        (answer(inquiry, catalogue.Use(part["rule"], part["with"])), bool(part.get("optional")))
        for part in arguments.get("parts", ())
    ]
    return Outcome(parts=(*parts, *((_entry(inquiry, name), True) for name in arguments.get("of", ()))))


@family("id")
def same_as(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """The answer of another entry."""
    return _entry(inquiry, arguments["id"])


def _entry(inquiry: Inquiry, name: str) -> Outcome:
    found = catalogue.entry(name)
    return answer(inquiry, found.use) if found else Outcome(unrecorded=(f"requirement {name}",))


@family(
    "name population kind role department strata trigger question survey at_least within per min share competence "
    "or_training_within"
)
def predicate(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """A check that no family covers, asked of each kind in its population; an argument it does not know is refused."""
    name = arguments["name"]
    ask, told = code("predicate", name), catalogue.words().predicates[name]
    given = {one: value for one, value in arguments.items() if one not in ("name", "population")}
    values = {one: inquiry.number(one) for one in told["parameters"]}
    if refused := set(given) - set(told["arguments"]):
        raise Unrecorded(f"{', '.join(sorted(refused))} of predicate {name}")

    def wrong(row: object) -> str:
        return short(name)

    if "population" not in arguments:
        scope, gaps = ask(inquiry.as_of, None, **given, **values)
        return Outcome((Lot(kind_of_model(scope.model), scope, gaps, detail=wrong),))
    share = inquiry.number(arguments["share"]) if "share" in arguments else None

    def judge(part: Members) -> Lot:
        scope, gaps = ask(inquiry.as_of, part.rows, **given, **values)
        return Lot(part.kind, scope, gaps, detail=wrong)

    return over(inquiry, arguments["population"], judge, share=share)
