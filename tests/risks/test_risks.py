"""Controls and their runs: the next one is due one rhythm after the last."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.records import write
from comity.records.access import NotAllowed
from comity.records.trail import Refused
from comity.risks.models import Control, ControlRun
from comity.risks.rules import rank
from tests.web.visitors import visitor
from tests.worlds import World, days_ago, moment

BY = "process_manager"


def control(world: World, **more: Any) -> Any:
    data = {"title": "Access list", "type": "detective", "purpose": "security", "frequency": "monthly"}
    return world.create("control", BY, **{**data, "owner": world.email(BY), **more})


def run(world: World, ago: int = 0, **more: Any) -> Any:
    return world.create("control_run", BY, run_at=moment(ago), **{"result": "passed", "evidence": "List.", **more})


def test_the_next_run_is_due_one_rhythm_after_the_last(world):
    row = control(world)
    assert row.next_due is None
    row = world.move(row, "activate", BY)
    assert row.next_due == timezone.localdate() + timedelta(days=31)
    run(world, 10, control=row.ref)
    run(world, 20, control=row.ref)
    row.refresh_from_db()
    assert (timezone.localdate(row.last_run_at), row.next_due) == (days_ago(10), days_ago(10) + timedelta(days=31))
    assert world.move(row, "retire", BY, note="Replaced.").next_due is None


def test_a_run_has_happened_and_is_about_something_there(world):
    for wrong in ({"run_at": timezone.now() + timedelta(days=1)}, {"subject_ref": "SVC-99999"}, {"result": ""}):
        with pytest.raises(ValidationError):
            run(world, **wrong) if "run_at" not in wrong else world.create("control_run", BY, result="passed", **wrong)
    assert not ControlRun.objects.exists()


def test_an_auditor_puts_no_control_to_use(world):
    row = control(world)
    with pytest.raises(NotAllowed):
        world.move(row, "activate", "auditor")
    assert Control.objects.get().status == "draft"


def test_runs_stand_beside_their_control(world):
    row = control(world)
    assert "It was never run." in visitor(world.person(BY)).get(row.url).content.decode()
    done = run(world, 3, control=row.ref, result="failed")
    page = visitor(world.person(BY)).get(row.url).content.decode()
    assert done.url in page
    assert "Failed" in page
    assert f"/control-runs/new/?control={row.ref}" in page


def test_a_run_stays_as_it_was(world):
    row = run(world, control=control(world).ref, result="failed")
    with pytest.raises(ValidationError):
        write.update(row, {"result": "passed"}, actor=world.actor(BY))
    row.refresh_from_db()
    assert row.result == "failed"
    assert write.update(row, {"evidence": "List, signed."}, actor=world.actor(BY)).evidence == "List, signed."


RATED = {"likelihood": 4, "business_impact": 2, "delivery_impact": 5}


def risk(world: World, **more: Any) -> Any:
    data = {"title": "The line fails", "subject_ref": world.service.ref, "owner": world.email("project_manager")}
    return world.create("risk", BY, **{**data, **more})


class TestRisk:
    def test_is_rated_by_its_heavier_impact(self, world):
        row = risk(world)
        assert (row.score, row.rank, row.next_due) == (None, "", timezone.localdate() + timedelta(days=14))
        row = risk(world, **RATED)
        assert (row.score, row.rank) == (20, "high")
        assert row.next_due == timezone.localdate() + timedelta(days=180)

    @pytest.mark.parametrize(("score", "named"), [(1, "low"), (5, "low"), (6, "medium"), (14, "medium"), (15, "high")])
    def test_has_the_rank_of_its_score(self, score, named):
        assert rank(score) == named

    def test_shows_the_controls_that_keep_it_small(self, world):
        row = risk(world, **RATED)
        page = visitor(world.person(BY)).get(row.url).content.decode()
        assert f"/controls/new/?subject_ref={row.ref}" in page and "score 20 of 25" in page
        kept = control(world, subject_ref=row.ref)
        assert kept.url in visitor(world.person(BY)).get(row.url).content.decode()

    def test_is_treated_only_when_rated(self, world):
        row = risk(world)
        with pytest.raises(ValidationError):
            world.move(row, "treat", "project_manager", treatment="A second line.")
        row.refresh_from_db()
        assert row.status == "identified"
        row = world.move(row, "treat", "project_manager", treatment="A second line.", **RATED)
        assert (row.status, row.reviewed_at is None) == ("treated", False)

    def test_if_high_is_accepted_by_a_senior_manager_alone(self, world):
        row = risk(world, **RATED)
        with pytest.raises(Refused):
            world.move(row, "accept", "operations_director", note="Too dear to mend.")
        row.refresh_from_db()
        assert row.status == "identified"
        assert world.move(row, "accept", "senior_manager", note="Too dear to mend.").status == "accepted"
        low = risk(world, likelihood=1, business_impact=1, delivery_impact=1)
        assert world.move(low, "accept", "operations_director", note="Small.").status == "accepted"

    def test_is_no_longer_accepted_once_it_has_grown(self, world):
        low = {"likelihood": 1, "business_impact": 1, "delivery_impact": 1}
        row = world.move(risk(world, **low), "accept", "operations_director", note="Small.")
        with pytest.raises(ValidationError, match="looking at it again"):
            write.update(row, {"likelihood": 5}, actor=world.actor(BY))
        row.refresh_from_db()
        assert row.likelihood == 1
        assert world.move(row, "look", BY, note="As it was.", **low).status == "accepted"
        row = world.move(row, "look", BY, note="It happened twice.", **RATED)
        assert (row.status, row.rank) == ("identified", "high")

    def test_closed_it_does_not_change(self, world):
        row = world.move(risk(world), "close", BY, note="The service ended.")
        with pytest.raises(ValidationError):
            write.update(row, {"title": "Something else"}, actor=world.actor(BY))
        row.refresh_from_db()
        assert (row.title, row.next_due) == ("The line fails", None)
