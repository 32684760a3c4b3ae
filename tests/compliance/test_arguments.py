"""No argument of the catalogue is passed over: a family heeds it, or refuses the rule."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from comity.compliance import catalogue
from comity.compliance.catalogue import Use
from comity.compliance.families import families, takes
from comity.compliance.inquiry import Inquiry
from comity.compliance.rules.verdicts import Verdict
from comity.records.facts import Unrecorded
from tests.worlds import World


def uses(use: Use) -> Iterator[Use]:
    """A rule and the rules in it."""
    yield use
    for part in use.arguments.get("parts", ()):
        yield from uses(Use(part["rule"], part["with"]))


USES = {one.key: one for entry in catalogue.shipped().requirements.values() for one in uses(entry.use)}


class Watched(dict[str, Any]):
    """Arguments that know which of them were looked at."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(told)
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.seen.add(str(name))
        return super().__contains__(name)

    def items(self) -> Any:
        self.seen |= set(self)
        return super().items()


@pytest.mark.parametrize("rule", sorted(catalogue.words().rules))
def test_a_family_heeds_what_the_vocabulary_gives_it(rule: str) -> None:
    assert takes(rule) == set(catalogue.words().rules[rule]["arguments"])


@pytest.mark.parametrize("rule", sorted(set(catalogue.words().rules) - {"all_of", "same_as"}))
def test_a_family_refuses_what_it_does_not_know(rule: str, db: None) -> None:
    with pytest.raises(Unrecorded, match="swiftly"):
        families()[rule](Inquiry(), {"swiftly": True})


def test_every_argument_is_looked_at(world: World) -> None:
    """Where a rule can be answered at all, and there is something to look at, each of its arguments was read."""
    passed_over, answered = {}, 0
    for use in USES.values():
        told = Watched(use.arguments)
        try:
            found = families()[use.rule](Inquiry(), told)
            looked_at = found.verdict is not Verdict.NOT_EXERCISED and not found.lacks
        except Unrecorded:
            continue
        answered += 1
        if looked_at and set(told) - told.seen - WHERE_THERE_IS_ONE.get(use.rule, set()):
            passed_over[use.key] = set(told) - told.seen
    assert not passed_over
    assert answered > 200


WHERE_THERE_IS_ONE = {
    "document_in_force": {
        "sections", "section_fields", "review_within", "owner", "owner_role", "approved_by", "approver_not_author",
        "department", "confirmed_by", "confirmed_within", "links_any", "links_all", "cited_in_force", "max_words",
        "horizon",
    },
    "review_covered": {
        "within", "topics", "entry", "cites", "cites_mode", "cites_all", "categories", "min", "periods", "names",
        "yields", "none_allowed", "led_by", "attended_by", "input_by",
    },
    "accepted": {"by", "within", "share", "signing_authority", "not_after"},
    "kpi_measured": {
        "every", "default_every", "grace", "type", "fields", "computed_from", "with_target", "horizon", "periods",
    },
    "planned_interval": {"next"},
    "linked": {"none_allowed"},
}  # fmt: skip
"""Arguments that are read of each document, review or indicator: not where there is none, which is the gap. Nobody can
state of a plain word that there is none of it, so there the argument changes nothing."""
