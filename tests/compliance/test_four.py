"""Every rule of the catalogue in its four worlds; a rule without them fails."""

import pytest

from comity.compliance import catalogue
from comity.compliance.compiler import members
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Outcome
from comity.compliance.rules.verdicts import Verdict
from comity.records import facts
from comity.records.models import writing
from tests.compliance import proofs
from tests.worlds import World

proofs.load()


def ask(one: proofs.Proof) -> Outcome:
    return answer(Inquiry(), one.use)


@pytest.mark.parametrize("one", proofs.PROOFS, ids=lambda one: f"{one.name}-{one.cast.__name__}")
def test_a_rule_is_met_broken_and_repaired(one: proofs.Proof, world: World) -> None:
    cast = one.cast()
    with writing():
        cast.met(world)
    before = ask(one)
    assert (before.verdict, before.lacks) == (Verdict.MET, ())
    with writing():
        cast.gap(world)
    broken = ask(one)
    assert broken.verdict == Verdict.GAP
    assert broken.gaps > before.gaps
    with writing():
        cast.repair(world)
    assert ask(one).verdict == Verdict.MET


@pytest.mark.parametrize("one", proofs.PROOFS, ids=lambda one: f"{one.name}-{one.cast.__name__}")
def test_a_rule_without_anything_to_look_at(one: proofs.Proof, world: World) -> None:
    cast = one.cast()
    if hasattr(cast, "empty"):
        with writing():
            cast.empty(world)
    assert ask(one).verdict == proofs.nothing(one.cast)


@pytest.mark.parametrize("one", proofs.MEMBERSHIPS, ids=lambda one: one.name)
def test_who_belongs_to_a_population(one: proofs.Membership, world: World) -> None:
    with writing():
        inside, outside = one.play(world)
    assert inside and outside
    found = {
        (part.rows.model, pk) for part in members(Inquiry(), one.name) for pk in part.rows.values_list("pk", flat=True)
    }
    assert all((type(record), record.pk) in found for record in inside)
    assert not any((type(record), record.pk) in found for record in outside)


def test_every_rule_has_its_proof() -> None:
    told = catalogue.words()
    wanted = set(told.rules) | {name for name in told.predicates if facts.knows("predicate", name)}
    wanted |= {f"clock {name}" for name in told.clocks if facts.knows("clock", name)}
    assert not wanted - set(proofs.names())


def test_every_coded_population_shows_who_belongs() -> None:
    coded = {name for name in catalogue.words().populations if facts.knows("population", name)}
    assert not coded - {one.name for one in proofs.MEMBERSHIPS}
