"""The figures: kept sums that always equal the cases, and filters that open exactly the records behind a number."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from comity.cases.figures import counting, facts
from comity.cases.figures.facts import counted, day_of
from comity.cases.figures.filters import STANDINGS, standing
from comity.cases.figures.reading import Scope, read
from comity.cases.models import Case, Count, Fact, Tally
from comity.cases.operations import outside
from comity.cases.rules import figures as rules
from comity.jobs.models import Job
from comity.records import reading, seal, write
from comity.records.kind import kind_named
from comity.records.trail import Actor
from comity.records.write import NotAllowed, NotReadable, Refused


def settle() -> None:
    """What the worker does: seal, tell, count."""
    while seal.drain():
        pass
    for job in Job.objects.filter(name="comity.cases.figures.jobs.count", state="ready").order_by("pk"):
        counting.take(*job.args, timezone.now())
        job.delete()
    counting.look()


def raw(where: str = "1=1") -> int:
    """Counted by hand-written SQL, past everything of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cases_case WHERE classification = 'complaint' AND origin = 'customer'"
            f" AND archived_at IS NULL AND close_ground <> 'reclassified' AND {where}"
        )
        return int(cursor.fetchone()[0])


def everything() -> Scope:
    return Scope(date(2000, 1, 1), date(2100, 12, 1))


def test_what_is_done_at_the_desk_is_counted(desk):
    case = desk.at("resolved", topic="billing")
    desk.register(origin="internal", topic="billing")
    desk.register(classification="enquiry", topic="")
    settle()
    found = read(everything())
    assert found.total == raw() == 1
    assert found.counts["standing"] == {"in_time": 1}
    assert found.counts["topic"] == {str(case.topic_id): 1}
    assert {stage for stage in rules.STAGES if stage in found.counts} == {*rules.STAGES} - {"closed"}
    assert counting.drift(timezone.now()) == {}


def test_a_request_writes_no_figure(desk):
    desk.register()
    assert not Fact.objects.exists() and not Tally.objects.exists()
    settle()
    assert Fact.objects.exists() and Tally.objects.exists()


def test_time_alone_makes_late(desk):
    case = desk.register()
    settle()
    assert read(everything()).counts["standing"] == {"open": 1}
    desk.until(case.resolve_due_at)
    counting.look()
    assert read(everything()).counts["standing"] == {"open_late": 1}
    desk.later(days=8)
    counting.look()
    assert read(everything()).counts["age"] == {
        str(rules.age_class((day_of(timezone.now()) - day_of(case.received_at)).days)): 1
    }
    assert counting.drift(timezone.now()) == {}


def test_reclassified_ones_leave_and_are_told_beside(desk):
    case = desk.at("acknowledged")
    settle()
    desk.move(case, "propose_reclassification", note="A request.", proposed_classification="service_request")
    values = {"outcome_reasons": "It is a request.", "cause_area": "customer_side", "improvement_need": False}
    desk.move(Case.objects.get(pk=case.pk), "reclassify", "process_manager", **values)
    settle()
    found = read(everything())
    assert (found.total, found.reclassified, raw()) == (0, 1, 0)
    assert counting.drift(timezone.now()) == {}


def step(desk, case, dice):
    """Whatever may come next at the desk; a refusal is part of life."""
    actor, handler = desk.world.actor("complaint_handler"), desk.world.email("complaint_handler")
    match dice.choice(("on", "on", "on", "severity", "reject", "withdraw", "escalate", "topic", "archive", "assign")):
        case "on":
            desk.step(case)
        case "severity":
            desk.move(case, "change_severity", "process_manager", "Worse.", severity=dice.choice(("major", "critical")))
        case "reject":
            desk.move(case, "reject", "customer_contact", "Not enough.")
        case "withdraw":
            ending = {"outcome_reasons": "Withdrawn.", "cause_area": "customer_side", "improvement_need": False}
            desk.move(case, "withdraw", "complaint_handler", "He said so.", communication=desk.heard(case), **ending)
        case "escalate":
            desk.move(case, "escalate", "customer_contact", "Too slow.")
        case "topic":
            write.update(case, {"topic": dice.choice(("billing", "availability"))}, actor=actor)
        case "archive":
            write.archive(case, actor=actor, note="Twice.") if dice.random() < 0.3 else None
        case "assign":
            desk.move(case, "assign", handler=handler)


@pytest.mark.parametrize("seed", range(4))
def test_sums_equal_a_recount_whatever_happens(desk, seed):
    """Random acts at the desk, counted in between at random: the sums are those of a count of all cases."""
    dice = random.Random(seed)
    topics = ("billing", "availability", "")
    for _n in range(50):
        with contextlib.suppress(Refused, ValidationError, NotAllowed, NotReadable, AssertionError):
            if dice.random() < 0.25 or not Case.objects.exists():
                origin = dice.choice(("customer", "customer", "internal"))
                desk.register(topic=dice.choice(topics), channel=dice.choice(("phone", "email")), origin=origin)
            elif dice.random() < 0.1:
                desk.later(days=dice.choice((0.2, 3, 20)))
                desk.sweep()
            else:
                step(desk, dice.choice(list(Case.objects.order_by("pk"))), dice)
        if dice.random() < 0.2:
            settle()
            assert counting.drift(timezone.now()) == {}
    settle()
    assert counting.drift(timezone.now()) == {}
    assert read(everything()).total == raw() > 3
    before = list(Tally.objects.exclude(n=0).order_by("pk").values_list("dimension", "value", "n"))
    counting.recount()
    assert Counter(before) == Counter(Tally.objects.exclude(n=0).values_list("dimension", "value", "n"))


def test_a_whole_count_stops_and_goes_on_anywhere(desk, monkeypatch):
    """From customer to customer, those without one first, whatever the batch; nothing is left out or counted twice."""
    here = desk.world
    for customer, contact in ((here.child, here.child_contact), (here.customer, here.contact)) * 2:
        desk.register(customer=customer.ref, contact=contact.ref)
    outside.take_in(
        outside.Sender("Stranger", "x@elsewhere.example"),
        {"classification": "complaint", "channel": "email", "title": "Late", "description": "Late."},
        actor=Actor.system("mail_intake", "mail"),
    )
    settle()
    before = sorted(Tally.objects.exclude(n=0).values_list("customer_id", "dimension", "value", "n"))
    monkeypatch.setattr(counting, "ALL_AT_ONCE", 2)
    Tally.objects.all().delete()
    Fact.objects.all().delete()
    Count.objects.update(customer_to=0, counted_to=0, complete=False)
    assert [counting.go_on(0) for _n in range(4)] == [False, False, False, True]
    assert sorted(Tally.objects.exclude(n=0).values_list("customer_id", "dimension", "value", "n")) == before
    assert Fact.objects.filter(customer_id=0).count() == 1 and counting.drift(timezone.now()) == {}


def test_a_wrong_sum_is_found_and_mended(desk):
    desk.register()
    settle()
    Tally.objects.filter(dimension="standing", customer_id=0).update(n=7)
    assert counting.drift(timezone.now())
    with pytest.raises(CommandError):
        call_command("recount", check=True)
    call_command("recount", verbosity=0)
    assert counting.drift(timezone.now()) == {} and Count.objects.get().complete


def test_the_register_says_the_same_standing_as_the_rule(desk):
    """Each complaint is found under exactly the standing that `Case.figure` gives it."""
    late = desk.at("resolved")
    desk.register()
    waits = desk.at("acting")
    desk.later(days=40)
    desk.sweep()
    desk.at("investigating")
    desk.at("closed")
    now = timezone.now()
    rows = Case.objects.filter(counted())
    for case in rows:
        found = [value for value, _label in STANDINGS if rows.filter(standing(value), pk=case.pk).exists()]
        assert found == [case.figure(now).value], case.ref
    assert {case.figure(now).value for case in rows} >= {"in_time", "open", "open_late"}
    assert late and waits


def test_customer_and_service_together_are_counted_from_the_facts(desk):
    here = desk.world
    desk.at("acknowledged")
    desk.register(service=here.other_service.ref)
    desk.register(customer=here.child.ref, contact=here.child_contact.ref)
    settle()
    both = Scope(date(2000, 1, 1), date(2100, 12, 1), here.customer.pk, here.service.pk)
    assert read(both).total == 1 == raw(f"customer_id = {here.customer.pk} AND service_id = {here.service.pk}")
    assert read(Scope(both.first, both.last, here.customer.pk)).total == 2
    assert read(Scope(both.first, both.last, service=here.service.pk)).total == 2
    assert read(Scope(both.first, both.last, units=frozenset({0}))).total == 0


def test_days_are_those_of_the_organisation(desk, monkeypatch):
    """Whoever reads: the month begins where the organisation is, on the page as in the register behind it."""
    monkeypatch.setattr(facts, "zone", lambda: ZoneInfo("Asia/Shanghai"))
    case = desk.register(received_at=datetime(2026, 1, 31, 16, 30, tzinfo=UTC), by="process_manager")
    assert day_of(case.received_at) == date(2026, 2, 1)
    kind, reader = kind_named("case"), desk.world.person("process_manager")
    assert reading.register(kind, reader, {"day_from": "2026-02-01", "day_to": "2026-02-01"}).count == 1
    assert reading.register(kind, reader, {"day_from": "2026-01-01", "day_to": "2026-01-31"}).count == 0
    settle()
    assert read(Scope(date(2026, 2, 1), date(2026, 2, 1))).total == 1


def test_the_scale_tells_percentiles_within_five_per_cent():
    dice = random.Random(5)
    times = sorted(dice.lognormvariate(6, 2) + 1 for _n in range(5000))
    steps = Counter(rules.scale(one) for one in times)
    for share in (0.5, 0.9, 0.95):
        exact = times[int(len(times) * share) - 1]
        assert abs(rules.percentile(steps, share) - exact) / exact < 0.055
    assert rules.percentile({}, 0.5) is None


def test_classes_of_age_and_their_days_agree():
    today = date(2026, 3, 15)
    for days in range(400):
        of = rules.age_class(days)
        first, last = rules.age_span(of, today)
        received = today - timedelta(days=days)
        assert (first is None or first <= received) and received <= last
        if (left := rules.ages_from(days)) is not None:
            assert rules.age_class(days + left) == of + 1 and rules.age_class(days + left - 1) == of


def test_few_show_no_direction():
    assert [rules.direction(*pair) for pair in ((4, 40), (40, 4), (50, 10), (10, 50), (20, 22))] == [
        "", "", "down", "up", "level",
    ]  # fmt: skip
