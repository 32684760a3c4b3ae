"""Whom a complaint is about keeps away from it: no edit, no step, no sight of who complains (BRM-3.3-4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from comity.cases.models import Case
from comity.records import write
from comity.records.access import readable
from comity.records.kind import kind_named
from tests.cases.conftest import RATED, Desk
from tests.cases.test_access import fresh

NAMED = "complaint_handler"


@pytest.fixture
def about(desk: Desk) -> Any:
    """A complaint about the complaint handler."""
    return desk.register(about=[desk.world.email(NAMED)], complainant="Ada's brother")


@pytest.mark.parametrize("values", [{"about": []}, {"title": "It was nothing"}])
def test_the_person_complained_about_changes_nothing(desk: Desk, about: Case, values: dict[str, Any]) -> None:
    with pytest.raises(write.NotAllowed):
        write.update(about, values, actor=desk.world.actor(NAMED))
    with pytest.raises(write.NotAllowed):
        write.archive(about, actor=desk.world.actor(NAMED), note="Gone.")
    fresh_one = Case.objects.get(pk=about.pk)
    assert (fresh_one.named, fresh_one.title, fresh_one.archived_at) == (about.named, about.title, None)


def test_nor_by_a_step_that_asks_whom_it_is_about(desk: Desk, about: Case) -> None:
    case = desk.move(about, "acknowledge", "service_desk")
    with pytest.raises(ValidationError, match="about you"):
        desk.move(case, "assess", **RATED, handler=desk.world.email("northerner"), about=[])
    case = Case.objects.get(pk=about.pk)
    assert (case.status, case.named) == ("acknowledged", about.named)


def test_somebody_else_corrects_whom_it_is_about_and_leaves_a_line(desk: Desk, about: Case) -> None:
    case = write.update(about, {"about": []}, actor=desk.world.actor("service_desk"))
    assert case.named == frozenset()
    assert desk.lines(case, "update")[-1].changes["about"] == [[desk.world.email(NAMED)], []]


def test_the_person_complained_about_does_not_see_who_complains(desk: Desk, about: Case) -> None:
    other = desk.register(complainant="Bea's brother")
    rows = readable(kind_named("case"), fresh(desk, NAMED))
    shown = rows.get(pk=about.pk)
    assert (shown.contact, shown.complainant) == (None, "")
    assert rows.get(pk=other.pk).complainant == "Bea's brother"
    assert readable(kind_named("case"), fresh(desk, "service_desk")).get(pk=about.pk).complainant == "Ada's brother"
    client = Client()
    client.force_login(fresh(desk, NAMED), backend="comity.accounts.sign_in.CurrentPeople")
    page = client.get(about.url).content.decode()
    assert "brother" not in page and "/edit/" not in page
