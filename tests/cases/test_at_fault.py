"""The supplier at fault: named on a complaint, counted on its page, kept away from the case (BRM-3.3-4)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Grant
from comity.accounts.roles import Role
from comity.cases.models import Case
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.records.models import writing
from comity.records.write import Refused
from tests.cases.conftest import RATED, Desk
from tests.cases.test_access import fresh
from tests.worlds import LONG_AGO

HANDLER = "complaint_handler"


def investigated(desk: Desk) -> Case:
    case = desk.move(desk.register(), "acknowledge", "service_desk")
    case = desk.move(case, "assess", **RATED, handler=desk.world.email(HANDLER))
    return desk.move(case, "investigate", investigator=desk.world.email(HANDLER))  # type: ignore[no-any-return]


def test_complaints_about_a_supplier_count_on_its_page(desk: Desk, client: Client) -> None:
    world = desk.world
    supplier = world.create("contact", "process_manager", name="NetCo", type="supplier", email="n@netco.example")
    case, old = investigated(desk), investigated(desk)
    with pytest.raises((ValidationError, Refused)):
        desk.move(case, "name_supplier", at_fault=world.contact.ref)
    assert Case.objects.get(pk=case.pk).at_fault is None
    for one in (case, old):
        desk.move(one, "name_supplier", at_fault=supplier.ref)
    with writing():
        Case.objects.filter(pk=case.pk).update(upheld="partly")
        Case.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=60))
    client.force_login(world.person(HANDLER))
    page = client.get(supplier.url).content.decode()
    table = page.partition("Complaints about this supplier")[2].partition("</table>")[0]
    assert [row.count("<td") for row in table.split("<tr>")[2:]] == [2, 2, 2]
    counts = [cell.partition("<")[0] for cell in table.split('<td class="num">')[1:]]
    assert counts == ["1", "1", "2", "1", "2", "1"]
    assert case.ref in page and old.ref in page and desk.register().ref not in client.get(supplier.url).content.decode()
    assert "Supplier at fault" in client.get(case.url).content.decode()
    assert "Complaints about this supplier" not in client.get(world.contact.url).content.decode()


def test_who_signs_in_for_the_supplier_keeps_away(desk: Desk) -> None:
    world, outside = desk.world, desk.world.person("supplier_contact")
    Grant.objects.create(person=outside, unit=world.root, role=Role.COMPLAINT_HANDLER, starts_on=LONG_AGO)
    supplier = world.create("contact", "process_manager", name="NetCo", type="supplier", person=outside.email)
    case = desk.move(investigated(desk), "name_supplier", at_fault=supplier.ref)
    assert outside.pk in case.named
    with pytest.raises(Refused, match="about you"):
        desk.move(case, "ask_customer", "supplier_contact", text="Is it over?")
    assert Case.objects.get(pk=case.pk).status == "investigating"
    Grant.objects.filter(person=outside, role=Role.COMPLAINT_HANDLER).delete()
    assert not readable(kind_named("case"), fresh(desk, "supplier_contact")).exists()
