"""Problems behind cases: joined to one that is open or raised from the case, by whoever reads both (CSMS:2003 11.1)."""

from __future__ import annotations

from typing import Any

from comity.cases.models import Case, Escalation
from comity.improvement.models import Finding
from comity.notices.webhooks import sending
from comity.notices.webhooks.models import Delivery
from comity.records.models import Entry, Link
from tests.cases.conftest import Desk
from tests.cases.test_path import refused
from tests.web.visitors import visitor


def problem(desk: Desk, by: str = "service_desk", **more: Any) -> Any:
    values = {"title": "The exchange drops calls", "type": "problem", "nature": "corrective", **more}
    values = {"owner": desk.world.email(by), "subject_ref": desk.world.service.ref, **values}
    return desk.world.create("finding", by, **values)


def joined(found: Finding) -> list[str]:
    ties = Link.objects.filter(verb="same_cause", to_kind="finding", to_id=found.pk)
    return list(ties.order_by("from_ref").values_list("from_ref", flat=True))


def test_a_name_raises_the_problem_once_and_joins_it_afterwards(desk: Desk) -> None:
    first, second, third = (desk.register() for _n in range(3))
    desk.move(first, "join_problem", "service_desk", problem="Lost calls")
    raised = Finding.objects.get()
    assert (raised.type, raised.nature, raised.source_ref) == ("problem", "corrective", first.ref)
    assert (raised.owner, raised.unit) == (desk.world.person("service_desk"), first.unit)
    desk.move(second, "join_problem", "service_desk", problem="Lost calls")
    desk.move(third, "join_problem", "service_desk", problem=f"{raised.ref} · Lost calls")
    assert Finding.objects.get() == raised
    assert joined(raised) == [first.ref, second.ref, third.ref]
    [line] = Entry.objects.filter(kind="case", record_id=second.pk, act="link")
    assert (line.changes, line.actor_id) == ({"same_cause": [None, raised.ref]}, desk.world.person("service_desk").pk)
    assert Case.objects.get(pk=second.pk).status == second.status


def test_what_is_no_open_problem_of_ones_own_sight_is_refused(desk: Desk) -> None:
    case, mine = desk.register(), problem(desk)
    other = problem(desk, "relationship_manager")
    plain = problem(desk, type="observation", nature="", title="Two lists")
    for wrong in ("", other.ref, plain.ref, "FND-99999"):
        refused(desk, case, "join_problem", "service_desk", problem=wrong)
    desk.world.move(mine, "reject", "process_manager", note="No such thing.")
    assert "closed" in refused(desk, case, "join_problem", "service_desk", problem=mine.ref)
    desk.move(case, "join_problem", "process_manager", problem=other.ref)
    assert "already" in refused(desk, case, "join_problem", "process_manager", problem=other.ref)
    for stranger in ("auditor", "senior_manager", "customer_contact"):
        refused(desk, case, "join_problem", stranger, problem=other.ref)
    about = desk.register(about=[desk.world.email("complaint_handler")])
    refused(desk, about, "join_problem", problem="Lost calls")
    assert Finding.objects.count() == 3


def test_both_pages_tell_of_it(desk: Desk) -> None:
    by = "complaint_handler"
    first, hidden = desk.register(description="Down."), desk.register(by, origin="internal", description="A secret.")
    desk.move(first, "join_problem", problem="Lost calls")
    raised = Finding.objects.get()
    desk.move(hidden, "join_problem", problem=raised.ref)
    others = visitor(desk.world.person("process_manager")).get(raised.url).content.decode()
    assert "1 case." in others
    assert "A secret." not in others
    mine = visitor(desk.world.person(by))
    assert "2 cases." in mine.get(raised.url).content.decode()
    case_page = mine.get(first.url).content.decode()
    assert "Same cause</small>" in case_page
    assert case_page.count(raised.url) == 2  # among what follows from it, and among the linked records


def test_many_at_once_each_with_its_result(desk: Desk) -> None:
    cases = [desk.register() for _n in range(3)]
    desk.move(cases[0], "join_problem", "service_desk", problem="Lost calls")
    refs = ",".join(case.ref for case in cases)
    asked = {"do": "problem:of", "refs": refs, "confirm": "1", "problem": "Lost calls"}
    page = visitor(desk.world.person("service_desk")).post("/cases/bulk/", asked).content.decode()
    assert "Done for 2 records." in page
    assert "The case is with this problem already." in page
    assert joined(Finding.objects.get()) == [case.ref for case in cases]
    refused_page = visitor(desk.world.person("auditor")).post("/cases/bulk/", asked)
    assert (refused_page.status_code, Link.objects.count()) == (403, 3)


def test_a_bundle_leads_to_one_problem_in_one_step(desk: Desk) -> None:
    """The process manager raises it though others register findings; the cases say where they are looked into."""
    cases = [desk.register() for _n in range(3)]
    desk.sweep()
    bundle = Escalation.objects.get(type="topic_bundle", service=desk.world.service)
    for stranger in ("complaint_handler", "senior_manager", "auditor"):
        refused(desk, bundle, "raise_problem", stranger)
    assert not Finding.objects.exists()
    desk.world.move(bundle, "raise_problem", "process_manager")
    raised = Finding.objects.get()
    assert (raised.type, raised.nature, raised.source_ref) == ("problem", "corrective", bundle.ref)
    assert (raised.subject_ref, raised.topic) == (desk.world.service.ref, str(bundle.topic))
    assert raised.owner == desk.world.person("process_manager")
    assert joined(raised) == [case.ref for case in cases]
    bundle.refresh_from_db()
    assert bundle.status == "open"
    assert raised.ref in refused(desk, bundle, "raise_problem", "operations_director")
    alone = desk.move(cases[0], "escalate_inside", "complaint_handler", "I am stuck.").escalations.get()
    assert "bundle" in refused(desk, alone, "raise_problem", "process_manager")
    assert Finding.objects.count() == 1


def test_a_timeline_names_no_record_that_its_reader_may_not_see(desk: Desk) -> None:
    """On the page, at the interface, and in what is delivered; whoever may see the record finds its number there."""
    case, other = desk.register(), problem(desk, "relationship_manager")
    desk.move(case, "join_problem", "process_manager", problem=other.ref)
    reader, keeper = desk.world.person("service_desk"), desk.world.person("process_manager")
    doors = (case.url, f"/api/v1/cases/{case.ref}/timeline")
    for person, seen in ((reader, False), (keeper, True)):
        for address in doors:
            told = visitor(person).get(address)
            assert (told.status_code, other.ref in told.content.decode()) == (200, seen), address
        line = Entry.objects.get(kind="case", record_id=case.pk, act="link")
        delivered = sending.message(Delivery(entry_id=line.pk, kind="case", record_id=case.pk, at=line.at), person)
        assert (other.ref.encode() in delivered, b"same_cause" in delivered) == (seen, True)
    assert Entry.objects.get(pk=line.pk).changes == {"same_cause": [None, other.ref]}
