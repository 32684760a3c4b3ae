"""How verdicts are put together, and the language of populations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.compliance import catalogue
from comity.compliance.rules.conditions import (
    Compare,
    Counted,
    Either,
    Filled,
    Group,
    Has,
    InForce,
    NotUnderstood,
    OneOf,
    Timed,
    Told,
    parse,
)
from comity.compliance.rules.verdicts import Verdict, of_counts, together, worst

MET, GAP, WAIVED = Verdict.MET, Verdict.GAP, Verdict.WAIVED
NOTHING, UNKNOWN = Verdict.NOT_EXERCISED, Verdict.NOT_ASSESSED


class TestOneRule:
    @pytest.mark.parametrize(
        ("population", "pending", "gaps", "verdict"),
        [(0, 0, 0, NOTHING), (3, 3, 0, NOTHING), (3, 0, 0, MET), (3, 1, 0, MET), (3, 0, 1, GAP), (3, 2, 1, GAP)],
    )
    def test_nothing_to_judge_is_neither_met_nor_a_gap(
        self, population: int, pending: int, gaps: int, verdict: Verdict
    ) -> None:
        assert of_counts(population, pending, gaps) is verdict

    def test_a_share_is_counted_of_those_that_are_judged(self) -> None:
        assert of_counts(10, 0, 1, share=0.9) is MET
        assert of_counts(10, 0, 2, share=0.9) is GAP
        assert of_counts(10, 5, 1, share=0.9) is GAP


class TestSeveralRules:
    def test_a_gap_anywhere_is_one(self) -> None:
        assert together([MET, GAP, UNKNOWN]) is GAP
        assert together([MET], [GAP]) is GAP

    def test_what_is_not_known_is_worse_than_nothing_to_look_at(self) -> None:
        assert together([UNKNOWN, NOTHING]) is UNKNOWN
        assert together([MET], [UNKNOWN]) is UNKNOWN

    def test_a_part_that_must_be_exercised_is_missed_and_an_optional_one_is_not(self) -> None:
        assert together([MET, NOTHING]) is NOTHING
        assert together([MET], [NOTHING]) is MET

    def test_nothing_but_optional_parts_needs_one_of_them(self) -> None:
        assert together([], [NOTHING, NOTHING]) is NOTHING
        assert together([], [NOTHING, MET]) is MET


class TestParents:
    def test_a_parent_shows_the_worst_of_its_own_and_its_children(self) -> None:
        assert worst(MET, [MET, GAP]) is GAP
        assert worst(GAP, [MET]) is GAP
        assert worst(MET, [WAIVED]) is WAIVED
        assert worst(WAIVED, [UNKNOWN]) is UNKNOWN

    def test_children_without_anything_to_look_at_do_not_lower_it(self) -> None:
        assert worst(MET, [NOTHING]) is MET
        assert worst(NOTHING, [MET]) is MET

    def test_without_its_own_verdict_it_is_that_of_its_children(self) -> None:
        assert worst(None, [MET, WAIVED]) is WAIVED
        assert worst(None, []) is NOTHING


RESERVED = {"or", "in", "set", "unset", "has", "not", "group", "ahead", "within", "older", "next", "text"}
names = st.from_regex(r"[a-z]{2,8}(_[a-z]{2,6})?", fullmatch=True).filter(
    lambda name: (
        name not in {"or", "in", "set", "unset", "has", "not", "group", "ahead", "within", "older", "next", "text"}
    )
)
paths = st.lists(names, min_size=1, max_size=3).map(".".join).filter(lambda path: not path.endswith("in_force"))
values = names | st.integers(0, 99).map(str)
simple = st.one_of(
    st.builds(Compare, paths, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), values),
    st.builds(OneOf, paths, st.lists(names, min_size=1, max_size=3).map(tuple)),
    st.builds(Filled, paths, st.booleans()),
    st.builds(Timed, paths, st.sampled_from(["within", "older", "next"]), names),
    st.builds(Timed, paths, st.just("ahead")),
    st.builds(InForce, st.just("") | paths),
    st.builds(Has, names, st.booleans()),
)
either = st.lists(simple, min_size=2, max_size=3).map(lambda parts: Either(tuple(parts)))
whole = st.builds(Group, st.lists(names, min_size=1, max_size=2).map(tuple)) | st.builds(Counted, names, names)
last = st.builds(Told, st.just("what only code can tell")) | paths.map(lambda path: Timed(path, "examined"))


def written(one: object) -> str:
    """A condition as the catalogue would write it."""
    match one:
        case Compare(path, operator, value):
            return f"{path} {operator} {value}"
        case OneOf(path, found):
            return f"{path} in {' | '.join(found)}"
        case Filled(path, filled):
            return f"{path} {'set' if filled else 'unset'}"
        case Timed(path, "examined", _):
            return f"text: {path} in the period examined"
        case Timed(path, relation, parameter):
            return f"{path} {relation} {parameter}".strip()
        case InForce(path):
            return f"{path}.in_force" if path else "in_force"
        case Has(population, none):
            return f"{'not ' if none else ''}has {population}"
        case Group(fields):
            return f"group {', '.join(fields)}"
        case Counted(least, time):
            return f"count >= {least} within {time}"
        case Either(parts):
            return " or ".join(map(written, parts))
        case Told(words):
            return f"text: {words}"
    raise TypeError(one)


class TestLanguage:
    @given(st.lists(simple | either | whole, max_size=4), st.lists(last, max_size=1))
    def test_what_is_written_is_read_back(self, conditions: list[object], ending: list[object]) -> None:
        every = [*conditions, *ending]
        assert list(parse("; ".join(map(written, every)))) == every

    @given(simple, st.sampled_from(["{} whatever", "{} = ", "perhaps {}", "{} and {}", "{} or", "({})", "{}\n= x"]))
    def test_what_it_does_not_know_is_refused_by_name(self, one: object, wrong: str) -> None:
        text = wrong.replace("{}", written(one))
        with pytest.raises(NotUnderstood) as refused:
            parse(text)
        assert str(refused.value).split("'")[1].split("\\")[0].strip() in text

    @pytest.mark.parametrize(
        "garbage",
        ["status", "status =", "status ~ open", "Status = open", "in", "a in ", "has", "group", "a within", "a = b c",
         "count > a within b", "text:", "a set unset"],
    )  # fmt: skip
    def test_garbage_is_refused(self, garbage: str) -> None:
        with pytest.raises(NotUnderstood):
            parse(garbage)

    def test_every_population_of_the_catalogue_is_read(self) -> None:
        assert sum(bool(one.conditions) for one in catalogue.words().populations.values()) > 400
