"""Parameters: proposed by one person, approved by another, each step in the trail (CSMS:2003 12.1)."""

import pytest

from comity.accounts.models import Grant
from comity.clocks.models import Parameter
from comity.clocks.parameters import DEFINITIONS, number
from comity.home.administration import parameters
from comity.records.models import Entry, Outbox
from comity.records.trail import Refused
from tests.worlds import LONG_AGO

NAME = "complaint_ack_hours"
PATH = f"/settings/parameters/{NAME}/"
NEW = {"value": "6", "reason": "Customers asked for it."}


def state():
    return [list(model.objects.order_by("pk").values()) for model in (Parameter, Entry, Outbox)]


def acts():
    return list(Entry.objects.filter(kind="parameter").order_by("pk").values_list("act", "actor", "ref"))


def test_all_declared_parameters_are_listed(world, as_):
    page = as_("auditor").get("/settings/parameters/")
    text = page.content.decode()
    assert all(name in text for name in DEFINITIONS)
    assert "business hours" in text and "1 – 40" in text


@pytest.mark.parametrize("proposer", ["process_manager", "administrator"])
def test_a_change_is_proposed_then_approved(world, as_, proposer):
    assert as_(proposer).post(PATH, NEW).status_code == 303
    assert (number(NAME), Parameter.objects.count()) == (8, 0)
    seen = as_("auditor").get(PATH).content.decode()
    assert world.person(proposer).name in seen and NEW["reason"] in seen
    assert world.person(proposer).name in as_("auditor").get("/settings/parameters/").content.decode()
    assert as_("operations_director").post(f"{PATH}decide/", {"act": "approve"}).status_code == 303
    assert number(NAME) == 6
    row = Parameter.objects.get()
    director = world.person("operations_director").name
    assert (row.changed_by, row.reason) == (f"{world.person(proposer).name} → {director}", NEW["reason"])
    assert acts() == [("propose", world.person(proposer).name, "PAR-00001"), ("approve", director, "PAR-00001")]
    [proposed, approved] = Entry.objects.filter(kind="parameter").order_by("pk")
    assert proposed.changes == approved.changes == {NAME: [8.0, 6.0]}
    assert proposed.note == NEW["reason"]
    assert Outbox.objects.filter(entry_id__in=[proposed.pk, approved.pk]).count() == 2
    assert parameters.waiting() == {}


def test_nobody_approves_an_own_proposal(world, as_):
    person = world.person("process_manager")
    Grant.objects.create(person=person, unit=world.root, role="operations_director", starts_on=LONG_AGO)
    client = as_("process_manager")
    client.post(PATH, NEW)
    before = state()
    assert client.post(f"{PATH}decide/", {"act": "approve"}).status_code == 403
    assert client.post(f"{PATH}decide/", {"act": "reject"}).status_code == 403
    assert 'value="approve"' not in client.get(PATH).content.decode()
    assert state() == before


@pytest.mark.parametrize("name", ["administrator", "process_manager", "auditor", "senior_manager", "service_desk"])
def test_only_the_operations_director_decides(world, as_, name):
    as_("assistant").post(PATH, NEW)
    before = state()
    assert as_(name).post(f"{PATH}decide/", {"act": "approve"}).status_code == 403
    assert as_(name).post(f"{PATH}decide/", {"act": "reject"}).status_code == 403
    assert as_(name).post(f"{PATH}decide/", {"act": "withdraw"}).status_code == 403
    assert state() == before


@pytest.mark.parametrize(
    "name", ["operations_director", "auditor", "internal_assessor", "senior_manager", "service_desk"]
)
def test_others_propose_nothing(world, as_, name):
    before = state()
    assert as_(name).post(PATH, NEW).status_code == 403
    assert state() == before


def test_a_proposal_is_rejected_or_withdrawn(world, as_):
    manager, director = as_("process_manager"), as_("operations_director")
    manager.post(PATH, NEW)
    director.post(f"{PATH}decide/", {"act": "reject", "note": "Too short."})
    manager.post(PATH, NEW | {"value": "7"})
    manager.post(f"{PATH}decide/", {"act": "withdraw"})
    assert [(act, ref) for act, _actor, ref in acts()] == [
        ("propose", "PAR-00001"), ("reject", "PAR-00001"), ("propose", "PAR-00002"), ("withdraw", "PAR-00002")
    ]  # fmt: skip
    assert (number(NAME), Parameter.objects.count()) == (8, 0)
    before = state()
    director.post(f"{PATH}decide/", {"act": "approve"})
    assert state() == before


@pytest.mark.parametrize("wrong", [{"value": "41"}, {"value": "0"}, {"value": "8"}, {"value": "nan"}, {"reason": ""}])
def test_a_value_out_of_range_is_refused_with_the_range(world, as_, wrong):
    before = state()
    answer = as_("process_manager").post(PATH, NEW | wrong)
    assert answer.status_code == 422
    assert "1 and 40" in answer.content.decode()
    assert state() == before


def test_one_proposal_at_a_time(world, as_):
    as_("process_manager").post(PATH, NEW)
    before = state()
    answer = as_("administrator").post(PATH, NEW | {"value": "5"})
    assert (answer.status_code, state()) == (422, before)
    with pytest.raises(Refused):
        parameters.change(NAME, 5, "again", world.actor("administrator"))


def test_direct_change_is_a_setting_that_itself_needs_approval(world, as_):
    administrator = as_("administrator")
    administrator.post(f"/settings/parameters/{parameters.APPROVAL}/", {"value": "0", "reason": "We are three."})
    assert number(parameters.APPROVAL) == 1
    as_("operations_director").post(f"/settings/parameters/{parameters.APPROVAL}/decide/", {"act": "approve"})
    administrator.post(PATH, NEW)
    assert number(NAME) == 6
    assert acts()[-1][0] == "update"
    as_("process_manager").post(PATH, NEW | {"value": "5"})
    assert (number(NAME), acts()[-1][0]) == (6, "propose")


def test_an_unknown_act_is_not_found(world, as_):
    as_("process_manager").post(PATH, NEW)
    before = state()
    assert as_("operations_director").post(f"{PATH}decide/", {"act": "erase"}).status_code == 404
    assert state() == before
