"""Verdicts put together, kept and told: by whom they are computed, and what survives."""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from comity.clocks import parameters
from comity.compliance import jobs
from comity.compliance.catalogue import Use, entry, requirements
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Computation, Touched
from comity.compliance.operations import computing, concerned
from comity.compliance.operations.computing import answers, compute_and_keep, counted, latest, put_together
from comity.compliance.reasons import reason
from comity.compliance.rules.verdicts import Verdict
from comity.parties.models import Customer
from comity.records import seal
from comity.records.models import writing
from tests.worlds import World

COMPLETE = "ISO20000-7.1-03"


@pytest.fixture
def few(world: World, monkeypatch: pytest.MonkeyPatch) -> int:
    """One standard and no more, so that a look takes a moment; how many requirements it has."""

    def some() -> dict[str, Any]:
        return {name: one for name, one in requirements().items() if one.standard == "iso20000-1-2011-7"}

    concerned.read_by()  # of all of them: it is remembered
    monkeypatch.setattr(computing, "requirements", some)
    monkeypatch.setattr(concerned, "requirements", some)
    return len(some())


def made(own: str, parent: str = "", **more: Any) -> tuple[Answer, str]:
    return Answer(requirement="", own=own, **more), parent


def shown(**tree: tuple[Answer, str]) -> dict[str, str]:
    put_together({name: one for name, (one, _up) in tree.items()}, {name: up for name, (_one, up) in tree.items()})
    return {name: str(one.verdict) for name, (one, _up) in tree.items()}


def test_a_parent_shows_the_worst_and_keeps_its_own() -> None:
    tree = {"a": made("met"), "b": made("met", "a"), "c": made("gap", "b"), "d": made("not_exercised", "a")}
    assert shown(**tree) == {"a": "gap", "b": "gap", "c": "gap", "d": "not_exercised"}
    assert [one.own for one, _up in tree.values()] == ["met", "met", "gap", "not_exercised"]


def test_what_is_not_exercised_lowers_nobody_and_not_assessed_does() -> None:
    assert shown(a=made("met"), b=made("not_exercised", "a"))["a"] == "met"
    assert shown(a=made("met"), b=made("not_assessed", "a"))["a"] == "not_assessed"


def test_a_waiver_is_shown_and_never_met_and_covers_no_child() -> None:
    assert shown(a=made("gap", waiver="WVR-00001")) == {"a": "waived"}
    assert shown(a=made("met"), b=made("gap", "a", waiver="WVR-00001"))["a"] == "waived"
    assert shown(a=made("gap", waiver="WVR-00001"), b=made("gap", "a"))["a"] == "gap"


def test_what_is_excluded_lowers_nobody() -> None:
    assert shown(a=made("met"), b=made("gap", "a", excluded=True)) == {"a": "met", "b": "gap"}


def test_each_of_the_622_is_answered(world: World) -> None:
    found = answers(Inquiry())
    assert len(found) == 622
    assert {one.requirement for one in found} == set(requirements())
    assert all(one.verdict in set(Verdict) for one in found)
    assert len({one.verdict for one in found}) >= 3


def test_an_empty_database_is_never_met(db: None) -> None:
    look = compute_and_keep(Inquiry())
    assert look is not None
    assert Answer.objects.count() == 622
    assert not Answer.objects.filter(own=Verdict.MET, population=0).exists()
    assert Computation.objects.get().changed == 622


def test_only_what_changed_is_kept(world: World, few: int) -> None:
    compute_and_keep(Inquiry())
    first = Answer.objects.count()
    look = compute_and_keep(Inquiry())
    assert Answer.objects.count() == first
    assert look is not None and look.changed == 0
    with writing():
        Customer.objects.filter(pk=world.child.pk).update(status="retired")
    compute_and_keep(Inquiry())
    newer = Answer.objects.count() - first
    assert 0 < newer < 300
    assert Answer.objects.filter(requirement=COMPLETE).count() == 2


def test_counts_are_of_scored_requirements_and_shares_of_leaves(world: World) -> None:
    compute_and_keep(Inquiry())
    counts, leaves = counted(latest())
    scored = Counter(one.standard for one in requirements().values() if one.scored)
    assert {code: sum(some.values()) for code, some in counts.items()} == scored
    assert sum(leaves["iso20000-1-2011-7"].values()) < scored["iso20000-1-2011-7"]


def test_a_look_at_a_part_puts_parents_right(world: World, few: int) -> None:
    compute_and_keep(Inquiry())
    before = latest()
    with writing():
        Customer.objects.update(user_population=None, representative_contact=None)
    compute_and_keep(Inquiry(), [requirements()[COMPLETE]])
    whole = {one.requirement: one for one in answers(Inquiry(), ancestors(COMPLETE))}
    now = latest()
    assert now[COMPLETE].own == "gap"
    for name in whole:
        assert now[name].verdict == "gap"
    others = set(now) - set(whole)
    assert all(now[name].since == before[name].since for name in others)


def ancestors(name: str) -> list[Any]:
    found = []
    while name:
        found.append(requirements()[name])
        name = found[-1].parent
    return found


def test_what_was_seen_later_is_left_alone(world: World, few: int) -> None:
    early, late = Inquiry(), Inquiry()
    compute_and_keep(late)
    with writing():
        Customer.objects.filter(pk=world.child.pk).update(status="retired")
    rows = Answer.objects.count()
    compute_and_keep(early)
    assert Answer.objects.count() == rows


@pytest.mark.django_db(transaction=True)
def test_two_who_compute_at_once_double_nothing(world: World, few: int) -> None:
    gate, errors = threading.Barrier(2), []
    wanted = [requirements()[name] for name in (COMPLETE, "ISO20000-7.1-02")]

    def work() -> None:
        try:
            inquiry = Inquiry()
            gate.wait(20)
            compute_and_keep(inquiry, wanted)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert not errors
    assert Answer.objects.count() == few
    assert Answer.objects.values("requirement").distinct().count() == few


def test_who_is_killed_in_the_middle_leaves_the_old_answers(
    world: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute_and_keep(Inquiry())
    before = {name: one.pk for name, one in latest().items()}
    with writing():
        Customer.objects.update(status="retired")

    def killed(*_args: Any) -> Any:
        raise KeyboardInterrupt

    for place in ("counted", "put_together"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(computing, place, killed)
            compute_and_keep(Inquiry())
        assert {name: one.pk for name, one in latest().items()} == before
    assert Computation.objects.count() == 1
    compute_and_keep(Inquiry())
    assert {name: one.pk for name, one in latest().items()} != before


@pytest.mark.slow
def test_a_write_marks_its_kind_and_the_next_look_asks_only_what_it_concerns(world: World) -> None:
    while seal.drain():
        pass
    jobs.compute.call()
    assert not Touched.objects.exists()
    world.create("customer", "relationship_manager", name="New one", category=world.category.ref)
    while seal.drain():
        pass
    assert set(Touched.objects.values_list("kind", flat=True)) == {"customer"}
    wanted = {one.id for one in concerned.concerned({"customer"})}
    assert COMPLETE in wanted
    assert 0 < len(wanted) < 622
    assert jobs.look.call() == len(wanted)
    assert not Touched.objects.exists()
    assert jobs.look.call() == 0


def test_whatever_a_write_changed_is_found_by_the_look_at_its_kind(world: World, few: int) -> None:
    """The whole computation finds nothing that the part had missed."""
    compute_and_keep(Inquiry())
    world.create("communication", "relationship_manager", customer=world.customer.ref, channel=world.channel.ref,
                 direction="inbound", summary="Asked for hours.")  # fmt: skip
    with writing():
        Customer.objects.filter(pk=world.child.pk).update(category=None)
    compute_and_keep(Inquiry(), concerned.concerned({"communication", "customer"}))
    look = compute_and_keep(Inquiry())
    assert look is not None
    assert look.changed == 0


def test_a_change_of_a_limit_concerns_everything_and_an_unknown_kind_nothing(world: World) -> None:
    assert len(concerned.concerned({"parameter"})) == 622
    concerned.mark({"nonsense"})
    wanted = concerned.concerned(concerned.touched())
    assert all(reads_only_the_trail(one) for one in wanted)


def reads_only_the_trail(one: Any) -> bool:
    from comity.compliance.reach import kinds_of

    return kinds_of(one) == {"event"}


def test_what_is_said_of_a_part_is_said_of_the_whole(world: World) -> None:
    """Points of a review, and places in the organisation, are no kinds of the catalogue and yet decide answers."""
    reviews = {one.id for one in concerned.concerned({"review"})}
    assert reviews & {one.id for one in concerned.concerned({"review_point"})}
    duties = {one.id for one in concerned.concerned({"responsibility"})}
    assert duties & {one.id for one in concerned.concerned({"position"})}


def test_what_is_written_meanwhile_stays_marked(world: World) -> None:
    concerned.mark({"customer"})
    seen = concerned.touched()
    concerned.mark({"customer"})
    concerned.forget(seen)
    assert set(concerned.touched()) == {"customer"}


def test_an_answer_keeps_the_values_it_used(world: World) -> None:
    parameters.change("document_review_days", 400)
    one = answers(Inquiry(), [requirements()["ISO20000-7.1-01"]])[0]
    assert one.values["document_review_days"] == 400


def check(*words: str) -> str:
    out = io.StringIO()
    call_command("check", *words, stdout=out)
    return out.getvalue()


@pytest.mark.slow
def test_the_command_prints_a_verdict_for_each(world: World) -> None:
    found = json.loads(check("--format", "json"))
    assert len(found) == 622
    assert all(set(one) == {"id", "verdict", "population", "gaps", "reason"} and one["reason"] for one in found)
    one = json.loads(check("iso20000-1-2018-8.3", "--format", "json", "--language", "zh-hans"))
    assert len(one) == 42
    assert any("\u4e00" <= sign <= "\u9fff" for sign in "".join(each["reason"] for each in one))


@pytest.mark.slow
def test_the_command_keeps_fails_and_looks_back(world: World) -> None:
    check("iso20000-1-2011-7", "--save")
    assert Answer.objects.count() == 622
    with pytest.raises(SystemExit):
        check("iso20000-1-2011-7", "--fail-on", "not_assessed")
    check("iso20000-1-2018-8.3", "--fail-on", "waived")
    assert "not_assessed" not in check("--missing")
    for words in (("--as-of", "soon"), ("--as-of", "2999-01-01"), ("nonsense",), ("--save", "--as-of", "2026-01-01")):
        with pytest.raises(CommandError):
            check(*words)
    assert Computation.objects.count() == 1


def test_the_command_tells_what_was(world: World) -> None:
    today = json.loads(check("iso20000-1-2018-8.3", "--format", "json"))
    past = json.loads(check("iso20000-1-2018-8.3", "--format", "json", "--as-of", "2016-01-01"))
    assert [one["id"] for one in past] == [one["id"] for one in today]
    assert sum(one["population"] for one in past) < sum(one["population"] for one in today)
    assert not Answer.objects.exists()


def test_a_loosened_limit_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Met because a limit changed and no record did."""
    one = entry("ISO20000-7.1-01")
    assert one is not None
    inquiry = Inquiry()
    now = Answer(requirement=one.id, own="met", values={"document_review_days": 400.0, "other": 1.0})
    then = Answer(requirement=one.id, own="gap", values={"document_review_days": 365.0, "other": 1.0})
    verdicts = {365.0: Verdict.GAP, 400.0: Verdict.MET}

    class Found:
        def __init__(self, verdict: Verdict) -> None:
            self.verdict = verdict

    def asked(supposed: Inquiry, _use: Use) -> Any:
        return Found(verdicts[supposed.number("document_review_days")])

    monkeypatch.setattr(computing, "answer", asked)
    assert computing.loosened(inquiry, one, now, then) == [["document_review_days", 365.0, 400.0]]
    verdicts[365.0] = Verdict.MET  # the records have become good enough for the old limit as well
    assert computing.loosened(inquiry, one, now, then) == []
    assert timezone.now() > inquiry.as_of


@pytest.mark.slow
def test_a_rule_that_breaks_is_told_and_stops_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = computing.answer

    def breaking(inquiry: Inquiry, use: Use) -> Any:
        if use is requirements()[COMPLETE].use:
            raise FieldError("no such column")
        return real(inquiry, use)

    monkeypatch.setattr(computing, "answer", breaking)
    compute_and_keep(Inquiry())
    found = latest()
    assert len(found) == 622
    assert (found[COMPLETE].own, found[COMPLETE].lacks) == ("not_assessed", ["fault of the rule: FieldError"])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"own": "met", "verdict": "gap"}, "A requirement below it falls short."),
        ({"own": "not_exercised", "verdict": "met"}, "The requirements below it are met."),
        ({"own": "not_exercised", "verdict": "not_exercised"}, "There is nothing yet to look at."),
        ({"own": "not_exercised", "verdict": "not_exercised", "pending": 2}, "All that there is still has time."),
        ({"own": "met", "verdict": "met", "population": 3}, "3 looked at, none falls short."),
        ({"own": "met", "verdict": "met", "population": 9, "gaps": 1}, "the share that is asked for is reached."),
        ({"own": "met", "verdict": "met", "loosened": [["repeat_days", 180.0, 90.0]]}, "from 180 to 90."),
        ({"own": "gap", "verdict": "waived", "waiver": "WVR-00001"}, "Waived by WVR-00001."),
        ({"own": "not_assessed", "verdict": "not_assessed", "lacks": ["supplier"]}, "Not recorded here: supplier."),
        ({"own": "gap", "verdict": "gap", "first": ["CUS-00007", {"en": "no manager"}]}, "CUS-00007"),
    ],
)
def test_a_verdict_says_why_in_a_sentence(said: dict[str, Any], words: str) -> None:
    assert words in reason(Answer(requirement=COMPLETE, **said))
