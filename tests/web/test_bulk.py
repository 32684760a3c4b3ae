"""Acts on many: at once while they are few; otherwise by a job that reports, stops, goes on, and does nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from comity.jobs import schedule
from comity.jobs.models import Job
from comity.jobs.worker import Worker
from comity.parties.models import Customer
from comity.records.bulk import create_many
from comity.records.kind import kind_named
from comity.records.models import Entry
from comity.web import bulk
from comity.web.models import Bulk
from tests.web.visitors import visitor
from tests.worlds import World

pytestmark = pytest.mark.django_db
MANY = 130


@pytest.fixture
def manager(world: World) -> Client:
    """The relationship manager's browser."""
    return visitor(world.person("relationship_manager"))


@pytest.fixture
def many(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """More fresh customers than a request does at once, and a worker with nothing else to do."""
    monkeypatch.setattr(schedule, "SCHEDULE", {})
    settings.TASKS = {"default": {"BACKEND": "comity.jobs.backend.DatabaseBackend"}}
    made = create_many(
        kind_named("customer"),
        [{"name": f"Fresh {n}"} for n in range(MANY)],
        actor=world.actor("relationship_manager"),
    )
    Job.objects.all().delete()  # of the search words
    return [record.ref for _row, record in made.created]


def begun(manager: Client, refs: list[str], act: str = "step:activate", **more: Any) -> Bulk:
    asked = manager.post("/customers/bulk/", {"do": act, "refs": ",".join(refs)})
    assert asked.status_code == 200 and "in the background" in asked.content.decode()
    answer = manager.post("/customers/bulk/", {"do": act, "refs": ",".join(refs), "confirm": "1", **more})
    run = Bulk.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/bulk/{run.pk}/")
    return run


def active(refs: list[str]) -> int:
    return Customer.objects.filter(ref__in=refs, status="active").count()


def page(client: Client, run: Bulk) -> str:
    return client.get(f"/bulk/{run.pk}/").content.decode()


def test_many_are_done_by_a_job_with_a_list_of_refusals(world: World, manager: Client, many: list[str]) -> None:
    run = begun(manager, [*many, world.customer.ref])
    assert active(many) == 0 and 'value="0"' in page(manager, run) and "every 2s" in page(manager, run)
    assert Worker().step()
    run.refresh_from_db()
    assert (run.state, run.done, run.changed, active(many)) == ("done", MANY + 1, MANY, MANY)
    shown = page(manager, run)
    assert world.customer.ref in shown and "not possible" in shown and "every 2s" not in shown
    assert run.label in manager.get("/bulk/").content.decode()
    lines = Entry.objects.filter(kind="customer", act="activate", actor_id=world.person("relationship_manager").pk)
    assert lines.filter(via="web").count() >= MANY


def test_it_is_ones_own(world: World, manager: Client, many: list[str]) -> None:
    run = begun(manager, many)
    other = visitor(world.person("process_manager"))
    for answer in (other.get(f"/bulk/{run.pk}/"), other.post(f"/bulk/{run.pk}/act/", {"act": "stop"})):
        assert answer.status_code == 404
    run.refresh_from_db()
    assert run.state == "running" and f"/bulk/{run.pk}/" not in other.get("/bulk/").content.decode()


def test_it_stops_and_goes_on_without_doing_anything_twice(world: World, manager: Client, many: list[str]) -> None:
    run = begun(manager, many)

    def stop_after_three(done: int, total: int) -> None:
        if done == 3 * bulk.TOGETHER:
            manager.post(f"/bulk/{run.pk}/act/", {"act": "stop"})

    bulk.work_off(Bulk.objects.get(pk=run.pk), stop_after_three)
    run.refresh_from_db()
    assert (run.state, run.done, active(many)) == ("stopped", 30, 30)
    assert Worker().step()  # the job finds it stopped and leaves it so
    assert active(many) == 30 and 'value="resume"' in page(manager, run)
    manager.post(f"/bulk/{run.pk}/act/", {"act": "resume"})
    while Worker().step():
        pass
    run.refresh_from_db()
    assert (run.state, run.done, run.failed, active(many)) == ("done", MANY, [], MANY)
    assert Entry.objects.filter(kind="customer", act="activate", ref__in=many).count() == MANY


def test_a_worker_that_dies_leaves_a_checkpoint(manager: Client, many: list[str]) -> None:
    run = begun(manager, many)

    class Killed(BaseException):
        pass

    def die(done: int, total: int) -> None:
        if done == 50:
            raise Killed

    with pytest.raises(Killed):
        bulk.work_off(Bulk.objects.get(pk=run.pk), die)
    assert active(many) == 50
    assert Worker().step()
    run.refresh_from_db()
    assert (run.state, run.failed, active(many)) == ("done", [], MANY)


def test_who_comes_late_changes_nothing(manager: Client, many: list[str]) -> None:
    """Two workers at the same run: the one that lags finds the checkpoint moved, and its batch is undone."""
    run = begun(manager, many)
    late = Bulk.objects.get(pk=run.pk)
    assert Worker().step()
    told: list[int] = []
    bulk.work_off(late, lambda done, total: told.append(done))
    run.refresh_from_db()
    assert (told, run.state, run.failed) == ([0], "done", [])


def test_refusals_are_in_the_persons_language(world: World, manager: Client, many: list[str]) -> None:
    person = world.person("relationship_manager")
    type(person).objects.filter(pk=person.pk).update(language="zh-hans")
    run = begun_in_chinese(manager, [*many, world.customer.ref])
    assert Worker().step()
    run.refresh_from_db()
    [[ref, [reason]]] = run.failed
    assert ref == world.customer.ref and any("\u4e00" <= sign <= "\u9fff" for sign in reason)


def begun_in_chinese(manager: Client, refs: list[str]) -> Bulk:
    manager.post("/customers/bulk/", {"do": "step:activate", "refs": ",".join(refs), "confirm": "1"})
    return Bulk.objects.get()


def test_a_hundred_are_done_at_once(manager: Client, many: list[str]) -> None:
    answer = manager.post(
        "/customers/bulk/", {"do": "edit:location", "refs": ",".join(many[:100]), "confirm": "1", "location": "Kiel"}
    )
    assert answer.status_code == 200 and "Done for 100 records" in answer.content.decode()
    assert not Bulk.objects.exists() and not Job.objects.exists()
    assert Customer.objects.filter(location="Kiel").count() == 100
