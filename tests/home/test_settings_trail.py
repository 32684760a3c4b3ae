"""The trail over everything: filters, older pages, the seal, and nothing about records that the reader may not read."""

import pytest
from django.utils import timezone

from comity.accounts import operations
from comity.accounts.models import Grant
from comity.accounts.roles import Role
from comity.home.administration import trail
from comity.jobs.models import Job
from comity.jobs.worker import Worker
from comity.records import seal
from comity.records.kind import kind_named
from comity.records.models import Entry, Outbox
from comity.records.trail import Thing, log
from tests.worlds import LONG_AGO


def shown(client, **asked):
    page = client.get("/settings/trail/", asked)
    assert page.status_code == 200
    return [line.entry for line in page.context["lines"] if line.entry]


@pytest.fixture
def secret(world):
    """Customers whose name says so are hidden from everybody but the relationship manager."""
    kind = kind_named("customer")

    def narrow(rows, person, rights):
        return rows if Role.RELATIONSHIP_MANAGER in rights.roles else rows.exclude(name="Hidden")

    object.__setattr__(kind, "narrow", narrow)  # kinds are frozen
    yield world.create("customer", "relationship_manager", name="Hidden")
    object.__setattr__(kind, "narrow", None)


def test_hidden_records_leave_no_trace(world, as_, secret):
    client = as_("auditor")
    text = client.get("/settings/trail/").content.decode()
    assert secret.ref not in text and "Hidden" not in text
    assert "1 entry about a record that you may not read" in text
    for asked in ({"kind": "customer"}, {"person": world.email("relationship_manager")}, {"act": "create"}):
        page = client.get("/settings/trail/", asked)
        assert secret.ref not in page.content.decode()
        assert "may not read" not in page.content.decode()
    person = world.person("relationship_manager")
    Grant.objects.create(person=person, unit=world.root, role=Role.AUDITOR, starts_on=LONG_AGO)
    assert secret.ref in as_("relationship_manager").get("/settings/trail/").content.decode()


def test_values_of_records_stay_on_their_own_page(world, as_):
    world.create("customer", "relationship_manager", name="Birch Ltd")
    assert "Birch Ltd" not in as_("auditor").get("/settings/trail/").content.decode()


def test_acts_on_accounts_are_in_the_trail(world, as_):
    ann, admin = world.person("service_desk"), world.person("administrator")
    operations.set_active(ann, False, admin)
    line = Entry.objects.get(kind="person")
    assert (line.act, line.ref, line.actor_id, line.record_id) == ("deactivated", f"person-{ann.pk}", admin.pk, ann.pk)
    assert line.changes == {"is_active": [True, False]}
    assert Outbox.objects.filter(entry_id=line.pk).exists()
    assert line in shown(as_("auditor"), kind="person")
    assert "deactivated" in as_("auditor").get("/settings/trail/?kind=person").content.decode()


def test_an_act_on_an_account_that_fails_leaves_no_line(world, monkeypatch):
    ann = world.person("service_desk")
    monkeypatch.setattr(type(ann), "save", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        operations.set_active(ann, False, world.person("administrator"))
    assert not Entry.objects.filter(kind="person").exists()


def test_filters(world, as_):
    client, today = as_("internal_assessor"), timezone.localdate()
    log(Thing("job", 1, "job-1"), "retry", world.actor("administrator"))
    every = shown(client)
    assert {e.kind for e in shown(client, kind="customer")} == {"customer"}
    assert {e.actor for e in shown(client, person=world.email("administrator"))} == {world.person("administrator").name}
    assert {e.act for e in shown(client, act="retry")} == {"retry"}
    assert shown(client, since=str(today), until=str(today)) == every
    assert shown(client, until="2001-01-01") == []
    assert client.get("/settings/trail/?person=nobody@x.example").status_code == 422
    assert client.get("/settings/trail/?since=soon").status_code == 422


def test_older_pages_join_without_gap(world, as_, monkeypatch):
    monkeypatch.setattr(trail, "SIZE", 7)
    monkeypatch.setattr(trail, "BATCH", 5)
    client, found, older = as_("auditor"), [], ""
    while True:
        page = client.get(f"/settings/trail/?{older}")
        found += [line.entry.pk for line in page.context["lines"] if line.entry]
        older = page.context["older"]
        if not older:
            break
    there = Entry.objects.filter(pk__lte=found[0])  # an auditor's own looks are lines, too
    readable = trail.known_to(world.person("auditor"), there)
    assert found == sorted(readable, reverse=True)


def test_the_seal_is_verified_by_the_worker(world, as_):
    while seal.drain():
        pass
    client = as_("internal_assessor")
    assert client.get("/settings/trail/").context["seal"].verified is None
    client.post("/settings/trail/verify/")
    client.post("/settings/trail/verify/")
    assert Job.objects.filter(name="comity.records.jobs.verify").count() == 1
    _work_off()
    state = client.get("/settings/trail/").context["seal"]
    assert (state.verified.state, state.waiting, state.broken) == ("done", 0, False)
    assert state.verified.result["sealed"] == state.sealed == Entry.objects.count()


def test_a_broken_seal_is_a_failed_job(world, as_):
    seal.drain(3)
    Outbox.objects.all().delete()
    as_("auditor").post("/settings/trail/verify/")
    worker = Worker()
    worker.do(_claimed(worker))
    page = as_("auditor").get("/settings/trail/")
    assert page.context["seal"].broken
    assert "Broken" in page.content.decode()


def _claimed(worker):
    from comity.jobs.models import claim

    return claim(worker.name, 60)


def _work_off():
    """Do what waits: draining the outbox asks for jobs, too."""
    worker = Worker()
    while job := _claimed(worker):
        worker.do(job)


@pytest.mark.parametrize("name", ["relationship_manager", "complaint_handler", "project_manager", "service_desk"])
def test_who_reads_own_lines_only_has_no_global_trail(world, as_, name):
    assert as_(name).get("/settings/trail/").status_code == 403
    assert as_(name).post("/settings/trail/verify/").status_code == 403
    assert not Job.objects.exists()


def test_an_internal_complaint_is_in_the_trail_of_few(world, as_):
    case = world.create(
        "case", "service_desk", origin="internal", complainant="A colleague", description="Bullied by the lead.",
        channel="phone", wanted_remedy="An apology.", service=world.service.ref, topic="availability",
    )  # fmt: skip
    assert case.restricted
    for name in ("administrator", "internal_assessor"):
        text = as_(name).get("/settings/trail/").content.decode()
        assert case.ref not in text, name
        assert case.ref not in as_(name).get("/settings/trail/?kind=case").content.decode(), name
        assert case.ref not in as_(name).get("/settings/trail/?kind=case&act=create").content.decode(), name
    for name in ("senior_manager", "auditor"):
        text = as_(name).get("/settings/trail/?kind=case").content.decode()
        assert case.ref in text, name
        assert "A colleague" not in text and "Bullied" not in text
