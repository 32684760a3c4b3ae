"""Who complains stays hidden at every door: page, timeline, form, interface, export, answers of steps, letters."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.accounts.models import Grant
from comity.records import reading, write
from comity.records.access import readable_record
from comity.records.forms import form_class
from comity.records.kind import kind_named
from comity.records.trail import Actor
from comity.web.writing import opened
from tests.cases.conftest import Desk
from tests.cases.test_access import fresh, internal

NAMES = ("A colleague", "Grace Gray", "Her son", "Theo Tell")


def secret(desk: Desk, what: str) -> tuple[Any, str]:
    """A case whose complainant a reader must not see, and that reader's role."""
    if what == "restricted":
        return internal(desk, agent="Her son"), "auditor"
    teller = desk.world.create(
        "contact", "relationship_manager", name="Theo Tell", customer=desk.world.customer.ref, email="t@aster.example"
    )
    case = desk.register(confidential=True, contact=teller.ref, complainant="Grace Gray", agent="Her son")
    return desk.step(case), what


def shows(text: str) -> list[str]:
    return [name for name in (*NAMES, "CON-00003") if name in text]


@pytest.fixture(params=["restricted", "auditor", "senior_manager", "internal_assessor"])
def hidden(desk: Desk, request: Any) -> tuple[Any, str, Client]:
    case, reader = secret(desk, request.param)
    client = Client()
    client.force_login(desk.world.person(reader), backend="comity.accounts.sign_in.CurrentPeople")
    return case, reader, client


def test_the_page_and_its_timeline(desk: Desk, hidden: Any) -> None:
    case, _, client = hidden
    for address in (case.url, f"{case.url}?show=changes", f"{case.url}?tab=said"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert shows(answer.content.decode()) == []


def test_the_interface_shows_neither_record_nor_past(desk: Desk, hidden: Any) -> None:
    case, _, client = hidden
    for address in ("cases", f"cases/{case.ref}", f"cases/{case.ref}/timeline", f"cases/{case.ref}/links"):
        answer = client.get(f"/api/v1/{address}")
        assert answer.status_code == 200, answer.content
        assert shows(answer.content.decode()) == []


def test_notes_and_files_that_may_tell_are_kept_back(desk: Desk, hidden: Any) -> None:
    case, _, client = hidden
    actor = Actor(case.entered_by)
    write.post(case, "I called Grace Gray.", actor=actor)
    kept = write.attach(case, SimpleUploadedFile("from Grace Gray.txt", b"Grace Gray"), actor=actor)
    for address in (case.url, f"/api/v1/cases/{case.ref}/timeline", f"/api/v1/cases/{case.ref}/files"):
        assert "Grace" not in client.get(address).content.decode()
    assert client.get(f"{case.url}files/{kept.pk}/").status_code == 404
    assert client.get(f"/api/v1/cases/{case.ref}/files/{kept.pk}").status_code == 404


def test_exports_and_search(desk: Desk, hidden: Any) -> None:
    case, _, client = hidden
    for address in (
        "/cases/export/?cols=ref,complainant,agent,contact,title",
        "/cases/?cols=ref,complainant,agent,contact",
        "/search/?q=down", "/search/?q=Grace", f"/lookup/case/?q={case.ref}",
    ):  # fmt: skip
        answer = client.get(address)
        text = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
        assert shows(text.decode().replace("q=Grace", "").replace('value="Grace"', "")) == []


def test_lines_of_the_trail_keep_what_else_was_entered(desk: Desk, hidden: Any) -> None:
    case, reader, _ = hidden
    shown = readable_record(kind_named("case"), fresh(desk, reader), case.ref)
    [line] = [one for one in reading.timeline(shown) if one.act == "create"]
    assert not {"complainant", "agent", "contact"} & set(line.changes)
    assert line.changes["description"][1] == "The line was down."
    assert any("complainant" in one.changes for one in reading.timeline(type(case).objects.get(pk=case.pk)))


def test_a_step_answers_without_the_names_and_loses_none(desk: Desk, hidden: Any) -> None:
    case, reader, client = hidden
    if reader == "auditor":
        return
    body = {"version": case.version, "note": "Slow.", "data": {}}
    answer = client.post(f"/api/v1/cases/{case.ref}/transitions/escalate_inside", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert shows(answer.content.decode()) == []
    case.refresh_from_db()
    assert (case.complainant, case.contact.name) == ("Grace Gray", "Theo Tell")


def test_a_form_neither_shows_nor_changes_them(desk: Desk) -> None:
    case = internal(desk, handler=desk.world.email("senior_manager"))
    person = desk.world.person("senior_manager")
    Grant.objects.create(person=person, unit=desk.world.root, role="auditor")
    Grant.objects.create(person=person, unit=desk.world.root, role="complaint_handler")
    shown = readable_record(kind_named("case"), fresh(desk, "senior_manager"), case.ref)
    assert shown.hidden
    for form in (opened(kind_named("case"), shown, person), form_class(kind_named("case"))({}, instance=shown)):
        assert not {"complainant", "agent", "contact"} & set(form.fields)
    actor = Actor(fresh(desk, "senior_manager"))
    case = write.update(shown, {"title": "Line down"}, actor=actor)
    assert (case.title, type(case).objects.get(pk=case.pk).complainant) == ("Line down", "A colleague")
    with pytest.raises(ValidationError):
        write.update(shown, {"complainant": "X"}, actor=actor)
