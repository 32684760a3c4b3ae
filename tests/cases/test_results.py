"""One's own results: promises kept and missed in one's own cases, each figure with its cases, nobody else's."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from comity.cases import results
from comity.cases.models import Case
from tests.cases.conftest import Desk
from tests.web.visitors import visitor

PAGE = "/cases/results/"


def mine(desk: Desk, person: str = "complaint_handler") -> dict[str, list[tuple[int, int]]]:
    found = results.own(desk.world.person(person))["steps"]
    return {str(label): [(one.kept, one.missed) for one in row] for label, row in found}


def refs(client: Client, url: str) -> set[str]:
    return set(re.findall(r"CMP-\d{5}", client.get(url).content.decode()))


def test_kept_and_missed_by_period_each_opens_its_cases(desk: Desk) -> None:
    handler: Any = desk.world.person("complaint_handler")
    early, late = desk.at("assessed"), desk.at("assessed")
    theirs = desk.move(desk.at("assessed", unit="North"), "assign", handler=desk.world.email("northerner"))
    early = desk.move(early, "answer", text="A technician is on the way.")
    desk.until(late.answer_due_at)
    late = desk.move(late, "answer", text="A technician is on the way.")
    now = mine(desk)
    assert now["Substantive answer"][1] == (1, 1)
    assert now["Acknowledged"][1] == (2, 0)
    assert now["Substantive answer"][0] == (0, 1)  # the other was answered days ago
    assert mine(desk, "northerner")["Acknowledged"][1] == (1, 0)
    found, client = results.own(handler), visitor(handler)
    steps = {str(label): row for label, row in found["steps"]}
    assert refs(client, steps["Substantive answer"][1].kept_url) == {early.ref}
    assert refs(client, steps["Substantive answer"][1].missed_url) == {late.ref}
    assert (found["open"][0], refs(client, found["open"][1])) == (2, {early.ref, late.ref})
    assert found["late"][0] == len(refs(client, found["late"][1]))
    page = client.get(PAGE).content.decode()
    assert theirs.ref not in page
    assert "%</b>" not in page  # two are too few


def test_a_share_is_told_of_five_and_no_other_persons(desk: Desk) -> None:
    for _n in range(5):
        desk.at("assessed")
    page = visitor(desk.world.person("complaint_handler")).get(f"{PAGE}?person=northerner&handler=northerner")
    assert ">100 %</b>" in page.content.decode()
    other = visitor(desk.world.person("northerner")).get(PAGE).content.decode()
    assert "%</b>" not in other


def test_what_began_anew_stays_missed(desk: Desk) -> None:
    case = desk.at("acting")
    desk.until(case.resolve_due_at)
    desk.sweep(case)
    case = desk.step(Case.objects.get(pk=case.pk))
    case = desk.move(case, "reject", "customer_contact", "No.")
    case = desk.step(desk.step(case))
    assert case.resolved_at <= case.resolve_due_at
    assert mine(desk)["Resolved"][0] == (0, 1)


def test_who_works_on_no_cases_has_none(desk: Desk) -> None:
    for name in ("auditor", "senior_manager", "supplier_manager"):
        assert visitor(desk.world.person(name)).get(PAGE).status_code == 403
    assert visitor(desk.world.person("customer_contact")).get(PAGE).status_code in (302, 403, 404)
    assert PAGE in visitor(desk.world.person("service_desk")).get("/").content.decode()
    assert PAGE not in visitor(desk.world.person("auditor")).get("/").content.decode()


def test_one_count_whatever_is_asked(desk: Desk, django_assert_max_num_queries: Any) -> None:
    person = desk.world.person("complaint_handler")
    desk.at("assessed")
    with django_assert_max_num_queries(6):
        results.own(person)
