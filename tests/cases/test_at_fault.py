"""The supplier at fault: named on a complaint, and everybody who signs in for it kept away from it (BRM-3.3-4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.accounts.models import ApiToken, Grant, Person
from comity.accounts.roles import Role
from comity.cases.models import Case, Escalation
from comity.communications.models import Communication
from comity.notices.models import Notification
from comity.records import search, write
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.records.write import Actor, Refused
from tests.cases.conftest import FOUND, RATED, Desk
from tests.notices.conftest import drained
from tests.worlds import LONG_AGO, person

HANDLER = "complaint_handler"


def investigated(desk: Desk, **more: Any) -> Case:
    case = desk.move(desk.register(**more), "acknowledge", "service_desk")
    case = desk.move(case, "assess", **RATED, handler=desk.world.email(HANDLER))
    return desk.move(case, "investigate", investigator=desk.world.email(HANDLER))  # type: ignore[no-any-return]


def netco(desk: Desk, *people: Person) -> Any:
    """A supplier, and one contact for each of these people."""
    supplier = desk.world.create("supplier", "supplier_manager", name="NetCo", tier="tactical")
    for one in people:
        desk.world.create(
            "contact", "process_manager", name=one.name, type="supplier", supplier=supplier.ref, person=one.email,
            email=one.email,
        )  # fmt: skip
    return supplier


def seconded(desk: Desk, name: str) -> Person:
    """Somebody of a supplier who works at our desk as well, and reads all of it."""
    made = person(name, desk.world.root, Role.COMPLAINT_HANDLER)
    Grant.objects.create(person=made, unit=desk.world.root, role=Role.SENIOR_MANAGER, starts_on=LONG_AGO)
    return made


def test_only_a_supplier_is_named_and_its_contacts_belong_to_it(desk: Desk) -> None:
    world, supplier = desk.world, netco(desk)
    case = investigated(desk)
    with pytest.raises(ValidationError, match="not known here"):
        desk.move(case, "name_supplier", at_fault=world.contact.ref)
    assert Case.objects.get(pk=case.pk).at_fault is None
    assert desk.move(case, "name_supplier", at_fault=supplier.ref).at_fault == supplier
    for wrong in ({"type": "supplier"}, {"type": "customer", "customer": world.customer.ref, "supplier": supplier.ref}):
        with pytest.raises(ValidationError, match="supplier"):
            world.create("contact", "process_manager", name="Nobody", **wrong)
    for wrong in ({"type": "customer_acting"}, {"customer": world.customer.ref}):
        with pytest.raises(ValidationError, match="customer"):
            world.create("supplier", "supplier_manager", name="No one", **wrong)
    assert not readable(kind_named("contact"), world.person("process_manager")).filter(name="Nobody").exists()
    assert not readable(kind_named("supplier"), world.person("process_manager")).filter(name="No one").exists()


def test_everybody_of_the_supplier_is_kept_from_the_complaint_at_every_door(desk: Desk, client: Client) -> None:
    world, kind = desk.world, kind_named("case")
    ours, theirs = world.person(HANDLER), [seconded(desk, "nora_netco"), seconded(desk, "nils_netco")]
    supplier, case = netco(desk, *theirs), investigated(desk, description="Packets get lost in Zwickau.")
    colleague = theirs[1]
    write.follow(case, Actor(colleague))
    file = write.attach(case, SimpleUploadedFile("d.txt", b"d"), actor=world.actor(HANDLER))
    escalation = Escalation.objects.filter(case=case).first()
    client.force_login(colleague)
    assert client.get(case.url).status_code == 200
    drained()
    Notification.objects.all().delete()
    case = desk.move(case, "name_supplier", at_fault=supplier.ref)
    assert case.named == {one.pk for one in theirs}

    fresh = Person.objects.get(pk=colleague.pk)
    token = ApiToken.issue(fresh, "t", ["read", "write"], 1)[1]
    api = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    for address in (case.url, f"{case.url}why/resolve/", f"{case.url}edit/", f"{case.url}files/{file.pk}/"):
        assert client.get(address).status_code == 404, address
    assert client.get(f"/api/v1/cases/{case.ref}", **api).status_code == 404
    for listed in ("/cases/", f"/cases/?restricted=0&customer={case.customer.ref}", "/cases/export/"):
        answer = client.get(listed)
        text = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
        assert answer.status_code == 200 and case.ref not in text.decode(), listed
    assert case.ref not in client.get("/api/v1/cases/", **api).content.decode()
    assert not search.search_all(fresh, "Zwickau") and search.search_all(ours, "Zwickau")
    said = Communication.objects.filter(subject_ref=case.ref, purpose="acknowledgement").get()
    seen = readable(kind_named("communication"), fresh).filter(pk=said.pk).sole()
    assert seen is None or not seen.body
    if escalation is not None:
        assert not readable(kind_named("escalation"), fresh).filter(pk=escalation.pk).exists()
    promise = {"action": "Mend it", "action_owner": ours.email, "action_due_on": "2099-01-01"}
    desk.move(case, "act", **FOUND, **promise)
    drained()
    assert not Notification.objects.filter(person=colleague, kind="case", record_id=case.pk).exists()

    # nor do they act: not by the step, nor as handler or investigator of somebody else's naming
    with pytest.raises(Refused, match="about you"):
        write.transition(Case.objects.get(pk=case.pk), "ask_customer", {"text": "Over?"}, actor=Actor(fresh))
    for part in ("handler", "investigator"):
        with pytest.raises(Refused, match="complained about"):
            desk.move(Case.objects.get(pk=case.pk), "assign", **{part: colleague.email})
    assert Case.objects.get(pk=case.pk).status == "acting"
    assert Case.objects.get(pk=case.pk).handler == ours
    assert readable(kind, ours).filter(pk=case.pk).exists()


def test_a_handler_who_signs_in_for_the_supplier_is_replaced_first(desk: Desk) -> None:
    theirs = seconded(desk, "nora_netco")
    supplier, case = netco(desk, theirs), investigated(desk)
    case = desk.move(case, "assign", handler=theirs.email, investigator=theirs.email)
    with pytest.raises(Refused, match="complained about"):
        write.transition(case, "name_supplier", {"at_fault": supplier.ref}, actor=desk.world.actor(HANDLER))
    assert Case.objects.get(pk=case.pk).at_fault is None


def test_a_contact_of_a_supplier_reads_no_case_and_only_its_own_supplier(desk: Desk) -> None:
    world, outside = desk.world, desk.world.person("supplier_contact")
    mine, other = netco(desk, outside), netco(desk)
    case = desk.move(investigated(desk), "name_supplier", at_fault=mine.ref)
    assert not readable(kind_named("case"), outside).exists()
    assert list(readable(kind_named("supplier"), outside)) == [mine] != [other]
    Grant.objects.create(person=outside, unit=world.root, role=Role.COMPLAINT_HANDLER, starts_on=LONG_AGO)
    fresh = Person.objects.get(pk=outside.pk)
    assert not readable(kind_named("case"), fresh).filter(pk=case.pk).exists()
