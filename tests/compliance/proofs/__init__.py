"""The four worlds of each rule: where it is met, the smallest change that opens a gap, the repair, and the empty one.

    @proof("linked", rule="linked", population="customers_active", to="channels_complaint")
    class Linked:
        def met(self, world): ...                 # from the small provider to a world in which the rule is met
        def gap(self, world): ...                 # the smallest change that opens a gap
        def repair(self, world): ...              # and what a person does to close it
        def empty(self, world): ...               # optional: takes away what the small provider has
        nothing = Verdict.NOT_EXERCISED           # optional: what the empty world answers, where a thing must exist

Names are those of the catalogue: a rule family, a predicate, or `clock NAME`. A class may keep things in itself between
its steps. Each module of this package belongs to one room; `load()` reads them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from comity.compliance.catalogue import Use
from comity.compliance.rules.verdicts import Verdict

Made = TypeVar("Made", bound=type)


@dataclass(frozen=True)
class Proof:
    """What the harness needs: the rule with its arguments, and who plays the four worlds."""

    name: str
    use: Use
    cast: type


@dataclass(frozen=True)
class Membership:
    """A population that needs code: `play(world)` answers with records inside and records outside of it."""

    name: str
    play: Callable[[Any], tuple[list[Any], list[Any]]] = field(compare=False)


PROOFS: list[Proof] = []
MEMBERSHIPS: list[Membership] = []


def proof(name: str, /, rule: str, **arguments: Any) -> Callable[[Made], Made]:
    """Register the class as the proof of a rule family, a predicate or a clock."""

    def keep(cast: Made) -> Made:
        PROOFS.append(Proof(name, Use(rule, arguments), cast))
        return cast

    return keep


def membership(name: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register a function that shows who belongs to a population and who does not."""

    def keep(play: Callable[[Any], Any]) -> Callable[[Any], Any]:
        MEMBERSHIPS.append(Membership(name, play))
        return play

    return keep


def load() -> None:
    """Read every module of this package."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        import_module(f"{__name__}.{path.stem}")


def nothing(cast: type) -> Verdict:
    """What the empty world of a proof has to answer."""
    return getattr(cast, "nothing", Verdict.NOT_EXERCISED)


def names() -> Iterator[str]:
    """The rules that have a proof."""
    return (one.name for one in PROOFS)
