"""The clocks on a case: the agreement's promises, reasons of a date, columns that follow, batches that stay cheap."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comity.cases.models import Case, timing
from comity.cases.operations import explaining, sweeping
from comity.cases.rules.deadlines import Clock
from comity.records import write
from comity.records.bulk import create_many
from comity.records.kind import kind_named
from tests.cases.conftest import Desk
from tests.web.visitors import visitor


def spent(case: Any, column: str) -> float:
    return timing.calendar_of(case).between(case.received_at, getattr(case, column)) / 3600


def test_the_agreement_at_receipt_sets_limits_and_calendar(desk: Desk) -> None:
    case = desk.register()  # 5 bd of 12 hours, acknowledge 4 bh
    assert (spent(case, "ack_due_at"), spent(case, "resolve_due_at")) == (4, 60)
    assert spent(case, "answer_due_at") == 3 * 12  # not promised: the parameter, in the agreement's calendar
    early = desk.register(received_at=(timezone.now() - timedelta(days=100)).isoformat())
    assert (spent(early, "ack_due_at"), spent(early, "resolve_due_at")) == (8, 80)  # the version of that time
    critical = desk.register(severity="critical")
    assert spent(critical, "resolve_due_at") == 12


def test_without_an_agreement_the_charter_binds(desk: Desk) -> None:
    world = desk.world
    case = desk.register(customer=world.child.ref, contact=world.child_contact.ref)
    assert (spent(case, "ack_due_at"), spent(case, "resolve_due_at")) == (16, 160)


@pytest.mark.parametrize("severity", ["minor", "normal", "major", "critical"])
def test_warning_and_top_lie_around_the_deadline(desk: Desk, severity: str) -> None:
    case = desk.register(severity=severity)
    whole = spent(case, "resolve_due_at")
    assert spent(case, "warn_at") == pytest.approx(0.8 * whole)
    assert spent(case, "far_over_at") == pytest.approx(1.5 * whole)


def test_why_a_date_adds_up(desk: Desk) -> None:
    case = desk.at("investigating")
    case = desk.move(case, "ask_customer", text="Which line?")
    desk.later(days=1)
    case = desk.move(case, "reply", "customer_contact", note="Line 3.")
    for clock, column in timing.COLUMN.items():
        why = timing.why(case, clock)
        assert why is not None
        assert why.due == getattr(case, column)
    resolve = timing.why(case, Clock.RESOLVE)
    assert resolve is not None
    assert sum(step.seconds for step in resolve.steps) == 60 * 3600
    assert any(step.pauses for step in resolve.steps)


def test_the_next_deadline_moves_with_the_work(desk: Desk) -> None:
    case = desk.register()
    seen = []
    while case.status != "closed":
        seen.append(case.next_due_at)
        case = desk.step(case)
    assert None not in seen
    assert seen[0] == case.ack_due_at
    assert case.next_due_at is None


def test_a_changed_service_reckons_anew(desk: Desk) -> None:
    case = desk.register()
    due = case.resolve_due_at
    case = write.update(case, {"service": desk.world.other_service.ref}, actor=desk.world.actor("service_desk"))
    assert case.resolve_due_at != due


def test_registering_asks_few_queries(desk: Desk) -> None:
    desk.register()
    with CaptureQueriesContext(connection) as asked:
        desk.register()
    assert len(asked) <= 18, "\n".join(query["sql"][:150] for query in asked)


def test_the_rules_read_a_new_complaint_again_only_where_they_changed_it(desk: Desk) -> None:
    case = desk.register()
    with CaptureQueriesContext(connection) as asked:
        sweeping.sweep(case.pk)
    case.refresh_from_db()
    assert case.topic_checked_at
    reads = [query["sql"] for query in asked if query["sql"].startswith('SELECT "cases_case"."id", "cases_case"."ref"')]
    assert len(reads) == 3, reads  # found, locked for the change, and read after it


def test_a_batch_asks_a_handful_of_queries_for_each_row_at_most(desk: Desk) -> None:
    rows = [desk.intake(description=f"Number {n}") for n in range(200)]
    with CaptureQueriesContext(connection) as asked:
        result = create_many(kind_named("case"), rows, actor=desk.world.actor("service_desk"))
    assert not result.errors
    assert len(asked) < 120, len(asked)
    one, many = desk.register(description="One"), Case.objects.get(title="Number 7")
    for column in ("ack_due_at", "resolve_due_at", "answer_due_at", "next_due_at", "definition_id", "tell_at"):
        assert getattr(one, column) == getattr(many, column)
    assert [case.ref for case in Case.objects.order_by("pk")][:3] == ["CMP-00001", "CMP-00002", "CMP-00003"]


def test_a_batch_judges_a_choice_the_same_each_time(desk: Desk) -> None:
    channels = ("phone", "pigeon", "phone", "pigeon", "letter")
    rows = [desk.intake(channel=channel) for channel in channels]
    result = create_many(kind_named("case"), rows, actor=desk.world.actor("service_desk"))
    assert [index for index, why in result.errors if set(why) == {"channel"}] == [1, 3]
    assert [case.channel for _index, case in result.created] == ["phone", "phone", "letter"]
    assert Case.objects.count() == 3


def test_every_date_of_a_case_says_why(desk: Desk) -> None:
    """Besides the clocks: our waiting, the news asked for, the answer to an escalation, the time to confirm."""
    case = desk.move(desk.at("investigating"), "ask_customer", text="Which line?")
    desk.later(hours=5)
    case = desk.move(case, "ask_news", "customer_contact", note="Well?")
    case = desk.move(case, "escalate", "customer_contact", note="Nobody calls back.")
    raised = case.escalations.get()
    dates = {"wait": case.pause_ends_at, "news": case.news_due_at, raised.ref: raised.due_at}
    reader = visitor(desk.world.person("complaint_handler"))
    page = reader.get(case.url).content.decode()
    for name, date in dates.items():
        assert explaining.why(case, name).due == date, name
        assert f"{case.url}why/{name}/" in page
        assert f"{date:%Y-%m-%d}" in reader.get(f"{case.url}why/{name}/").content.decode()
    case = desk.step(desk.step(desk.move(case, "resume")))
    assert explaining.why(case, "confirm").due == case.confirm_due_at
    for name in ("wait", "ESC-99999", "nonsense"):
        assert reader.get(f"{case.url}why/{name}/").status_code == 404
    desk.until(case.confirm_due_at)
    case = desk.sweep(case)  # the reminder itself is late, and leaves time
    assert case.status == "resolved" and explaining.why(case, "confirm").due == case.confirm_due_at
