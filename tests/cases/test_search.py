"""A case is found by what is known of it, and by each reader only by what that reader sees of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comity.records import write
from tests.cases.conftest import Desk, desk, world

__all__ = ["desk", "world"]

WHO = {
    "complainant": "Quintus Quill",
    "agent": "Zelda Zorn",
    "address": "xenia@far.example",
    "reach": "Yonder Lane 55507",
}
TOLD = {"description": "Blackout in the cellar", "wanted_remedy": "Lanterns, please"}
WORK = {
    "facts": "A gerbil gnawed",
    "views_of_parties": "Guards deny",
    "outcome": "Kennel built",
    "outcome_reasons": "Vermin",
}
DOORS = {
    "search": lambda text: f"{reverse('web:search')}?q={text}",
    "register": lambda text: f"/cases/?q={text}",
    "palette": lambda text: f"{reverse('web:palette')}?q={text}",
    "interface": lambda text: f"/api/v1/cases?q={text}",
}


@pytest.fixture
def case(desk: Desk) -> Any:
    made = desk.register("customer_contact", channel="portal", title="Night", **TOLD)
    return _with(desk, made, **WHO, **WORK)


def _with(desk: Desk, case: Any, **values: Any) -> Any:
    """As the desk would find it out, without the steps."""
    from comity.records import search
    from comity.records.models import writing

    with writing():
        type(case).objects.filter(pk=case.pk).update(**values)
    case.refresh_from_db()
    search.index(case.kind, [case])
    return case


def finds(desk: Desk, who: str, case: Any, text: str) -> set[str]:
    """The doors at which this reader finds the case by these words."""
    client = Client()
    client.force_login(desk.world.person(who), backend="comity.accounts.sign_in.CurrentPeople")
    found = set()
    for door, address in DOORS.items():
        answer = client.get(address(text), headers={"Accept": "application/json"})
        assert answer.status_code in (200, 302), (door, answer.status_code)
        body = answer.content.decode()
        if case.ref in body:
            found.add(door)
        else:
            assert "Night" not in body
            assert door != "interface" or answer.json()["count"] == 0, "a number tells, too"
    return found


@pytest.mark.parametrize("text", [*WHO.values(), *TOLD.values(), *WORK.values(), "quill blackout gerb"])
def test_the_desk_finds_it_by_whatever_is_known(desk: Desk, case: Any, text: str) -> None:
    assert finds(desk, "service_desk", case, text) == set(DOORS)
    assert finds(desk, "service_desk", case, f"{text} elsewhere") == set()


def test_a_case_is_found_by_its_contact_as_it_is_by_who_else_complains(desk: Desk, case: Any) -> None:
    assert finds(desk, "service_desk", case, "ada aster") == finds(desk, "auditor", case, "ada") == set(DOORS)
    _with(desk, case, confidential=True)
    assert finds(desk, "service_desk", case, "ada") == set(DOORS)
    assert finds(desk, "auditor", case, "ada") == finds(desk, "senior_manager", case, "ada aster") == set()
    write.update(case, {"contact": "", "anonymous": True}, actor=desk.world.actor("complaint_handler"))
    assert finds(desk, "service_desk", case, "ada") == set()


@pytest.mark.parametrize("text", ["quill", "zorn", "xenia", "yonder", "555", "blackout quill"])
@pytest.mark.parametrize("who", ["senior_manager", "auditor"])
def test_who_complains_is_not_found_by_whom_it_is_kept_from(desk: Desk, case: Any, who: str, text: str) -> None:
    assert finds(desk, who, case, text) == set(DOORS)
    _with(desk, case, confidential=True)
    assert finds(desk, who, case, text) == set()
    assert finds(desk, who, case, "blackout") == finds(desk, "service_desk", case, text) == set(DOORS)


def test_nor_by_an_auditor_in_a_restricted_case_nor_by_whom_it_is_about(desk: Desk, case: Any) -> None:
    _with(desk, case, restricted=True)
    assert finds(desk, "auditor", case, "quill") == set()
    _with(desk, case, restricted=False)
    assert finds(desk, "relationship_manager", case, "quill") == set(DOORS)
    case.about.set([desk.world.person("relationship_manager")])
    assert finds(desk, "relationship_manager", case, "quill") == set()


def test_a_contact_finds_by_what_was_told_and_not_by_what_we_found_out(desk: Desk, case: Any) -> None:
    client = Client()
    client.force_login(desk.world.person("customer_contact"), backend="comity.accounts.sign_in.CurrentPeople")

    def listed(text: str) -> bool:
        page = client.get("/portal/cases/", {"q": text, "show": "all"})
        assert page.status_code == 200
        assert page.context["found"].count == len(page.context["rows"])
        return case.ref in page.content.decode()

    assert all(listed(text) for text in (*TOLD.values(), "Night", "cell"))
    assert not any(listed(text) for text in (*WORK.values(), *WHO.values(), "night gerbil"))
