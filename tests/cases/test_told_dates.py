"""Customers are told one date: what was promised is what is shown, and what has passed is called late."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from comity.cases.models import Case
from comity.cases.operations.seen_outside import Awaited, day
from comity.cases.operations.seen_outside import dates as told_dates
from tests.cases.conftest import RATED, Desk, desk, world

__all__ = ["desk", "world"]


def page(desk: Desk, case: Any) -> str:
    client = Client()
    client.force_login(desk.world.person("customer_contact"), backend="comity.accounts.sign_in.CurrentPeople")
    return client.get(f"/portal/cases/{case.ref}/").content.decode()


def result(case: Any) -> Awaited:
    return next(one for one in told_dates(Case.objects.get(pk=case.pk)) if "result" in one.words)


def test_the_page_says_what_the_receipt_said(desk: Desk) -> None:
    case = desk.step(desk.register())
    letter = desk.told(case, "acknowledgement")[0].body
    said = re.search(r"resolve it by (\d{4}-\d\d-\d\d)", letter)
    assert said and str(result(case).day) == said[1]
    assert f"<dd>{said[1]}" in page(desk, case)
    handler = desk.world.email("complaint_handler")
    graver = desk.move(case, "assess", **RATED | {"severity": "critical", "handler": handler})
    assert graver.resolve_due_at < case.resolve_due_at, "the clock moved"
    assert str(result(graver).day) == said[1] and f"<dd>{said[1]}" in page(desk, graver)


def test_a_new_promise_takes_its_place_and_a_new_clock_begins_anew(desk: Desk) -> None:
    case = desk.at("investigating")
    asked = desk.move(case, "ask_customer", text="Which night?")
    desk.later(days=5)
    back = desk.move(asked, "reply", "customer_contact", "The first.")
    assert back.told_due_at and result(back).day == day(back, back.resolve_due_at) > day(back, back.told_due_at)
    promised = back.resolve_due_at + timedelta(days=9)
    told = desk.move(
        back, "extend", promised_at=promised, extension_reason="Parts are late.", outside_body="The ombudsman"
    )
    assert result(told).day == day(told, promised)


def test_what_has_passed_is_called_late(desk: Desk) -> None:
    case = desk.register("customer_contact", channel="portal")
    assert not any(one.late for one in told_dates(case)) and "We are late" not in page(desk, case)
    desk.later(days=60)
    late = {one.words for one in told_dates(Case.objects.get(pk=case.pk)) if one.late}
    assert {"We confirm that we have it by", "You have a first answer by", "You have the result by"} <= late
    assert page(desk, case).count("That was promised. We are late") == len(late)


def test_no_letter_names_a_next_date_that_has_passed(desk: Desk) -> None:
    late = desk.step(desk.register(received_at=(timezone.now() - timedelta(days=60)).isoformat()))
    [receipt] = desk.told(late, "acknowledgement")
    assert "We want to resolve it by" not in receipt.body
    case = desk.step(desk.register())
    for known, (said, unsaid) in enumerate((("Next date: ", "is late"), ("is late", "Next date: "))):
        case = desk.sweep(case)
        desk.until(case.tell_at if not known else max(case.tell_at, case.resolve_due_at + timedelta(days=1)))
        desk.sweep(case)
        letter = desk.told(case, "progress")[-1].body
        assert said in letter and unsaid not in letter and str(day(case, case.resolve_due_at)) in letter


def test_what_we_wait_for_is_never_our_being_late(desk: Desk) -> None:
    case = desk.at("resolved")
    desk.later(days=60)
    assert [one.late for one in told_dates(Case.objects.get(pk=case.pk))] == [False]
