"""Risks that cases bring up: danger to people proposes one, once; it is taken up or dismissed with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from comity.records import write
from comity.records.models import Entry, Link
from comity.risks.models import Risk
from tests.cases.conftest import Desk
from tests.cases.test_path import refused
from tests.web.visitors import visitor


def assessed(desk: Desk, **more: Any) -> Any:
    return desk.step(desk.at("acknowledged"), **more)


def test_danger_proposes_a_risk_once_and_says_so(desk: Desk) -> None:
    case = assessed(desk, safety=True, likelihood="high", consequence="major")
    risk = Risk.objects.get()
    assert risk.status == "proposed"
    assert (risk.title, risk.description) == ("Danger to people: Hosting", case.title)
    assert (risk.subject_ref, risk.likelihood, risk.business_impact) == (case.service.ref, 4, 4)
    assert risk.delivery_impact is None and risk.rank == ""
    assert risk.owner == desk.world.person("process_manager") and risk.next_due
    assert Link.objects.filter(from_ref=case.ref, verb="same_danger", to_ref=risk.ref).count() == 1
    [line] = [one for one in desk.lines(case) if risk.ref in str(one.changes)]
    assert line.rule == "CSMS-8.4.5-a"
    case = desk.move(case, "change_severity", note="Worse.", severity="critical", safety=True)
    assert Risk.objects.count() == 1
    page = visitor(desk.world.person("process_manager")).get("/").content.decode()
    assert risk.url in page  # it waits for whoever manages risks


def test_without_danger_nothing_is_proposed_until_it_is_seen(desk: Desk) -> None:
    case = assessed(desk)
    assert not Risk.objects.exists()
    desk.move(case, "change_severity", note="A child was hurt.", severity="critical", safety=True)
    assert Risk.objects.get().business_impact == 2  # by its consequence, as it was rated


def test_a_restricted_case_is_not_retold(desk: Desk) -> None:
    case = desk.register("complaint_handler", origin="internal", description="A secret.")
    desk.step(desk.move(case, "acknowledge"), safety=True)
    risk = Risk.objects.get()
    assert "secret" not in risk.title + risk.description
    reader = desk.world.person("project_manager")
    assert "secret" not in visitor(reader).get(risk.url).content.decode()


def test_a_person_proposes_one_too(desk: Desk) -> None:
    case = desk.register()
    desk.move(case, "propose_risk", "service_desk", risk="The cable is old")
    risk = Risk.objects.get()
    assert (risk.title, risk.status, risk.entered_by) == (
        "The cable is old", "proposed", desk.world.person("service_desk"),
    )  # fmt: skip
    for stranger in ("auditor", "senior_manager", "customer_contact"):
        refused(desk, case, "propose_risk", stranger, risk="Another")
    refused(desk, case, "propose_risk", "service_desk", risk=" ")
    assert Risk.objects.get() == risk


def test_it_is_taken_up_or_dismissed_with_a_reason_by_those_who_manage_risks(desk: Desk) -> None:
    first, second = (assessed(desk, safety=True) for _n in range(2))
    taken, dropped = Risk.objects.order_by("pk")
    lines = Entry.objects.count()
    for by in ("complaint_handler", "service_desk", "auditor"):
        with pytest.raises((write.NotAllowed, write.NotReadable)):
            desk.move(taken, "take_up", by)
    with pytest.raises((write.Refused, ValidationError)):
        desk.move(dropped, "dismiss", "process_manager")
    assert {*Risk.objects.values_list("status", flat=True)} == {"proposed"}
    assert Entry.objects.count() == lines
    taken = desk.move(taken, "take_up", "process_manager", delivery_impact=3)
    assert (taken.status, taken.score) == ("identified", 3 * 3)
    dropped = desk.move(dropped, "dismiss", "process_manager", "The cable carries no current.")
    assert (dropped.status, dropped.next_due) == ("dismissed", None)
    [line] = Entry.objects.filter(kind="risk", record_id=dropped.pk, act="dismiss")
    assert line.note == "The cable carries no current."
    desk.move(second, "change_severity", note="Worse.", severity="critical", safety=True)
    assert Risk.objects.count() == 2  # a dismissed one is not proposed anew
    assert first != second
