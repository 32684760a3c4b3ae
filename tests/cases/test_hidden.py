"""Who complains stays hidden at every door: page, timeline, form, interface, export, answers of steps, letters."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Grant
from comity.records import reading, write
from comity.records.access import NotReadable, readable_record
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


@pytest.fixture
def told(desk: Desk, hidden: Any) -> tuple[Any, str, Client]:
    """The hidden case after talks that name the complainant: about it, about its action, and one that proves a step."""
    case, reader, client = hidden
    named = {"direction": "inbound", "summary": "Grace Gray called.", "body": "I am Grace Gray.", "purpose": "other"}
    if case.contact_id:
        named["contact"] = case.contact.ref
    by, actor = "complaint_handler", desk.world.actor("complaint_handler")
    values = {"title": "Look into it", "source_ref": case.ref, "due_on": timezone.localdate(), "owner": actor.person}
    action = write.create(kind_named("action"), values, actor=desk.rule())
    about = [write.create(kind_named("communication"), {**named, "subject_ref": one.ref}, actor=desk.rule())
             for one in (case, action)]  # fmt: skip
    if reader != "auditor" or not case.restricted:
        proof = desk.world.create("communication", by, **named, customer=desk.world.customer.ref)
        write.assign(case, {"clarification": proof}, actor=desk.rule())
        about.append(proof)
    return about, reader, client


def test_the_log_shows_that_it_was_said_but_not_by_whom(desk: Desk, told: Any) -> None:
    said, _, client = told
    for one in said:
        page = client.get(one.url)
        assert page.status_code == 200 and one.ref in page.content.decode()
        addresses = [one.url, f"{one.url}?show=changes", f"/api/v1/communications/{one.ref}", "/communications/",
                     f"/api/v1/communications/{one.ref}/timeline", "/api/v1/communications", "/",
                     "/communications/?cols=ref,contact,summary", "/communications/export/?cols=ref,contact,summary",
                     f"/lookup/communication/?q={one.ref}", f"/cases/?q={one.ref}"]  # fmt: skip
        for address in addresses:
            answer = client.get(address)
            text = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
            assert shows(text.decode()) == [], address


def test_the_words_of_the_log_do_not_find_it(desk: Desk, told: Any) -> None:
    said, _, client = told
    for address in ("/communications/?q=Gray", "/api/v1/communications?q=Gray", "/search/?q=Gray", "/palette/?q=Gray"):
        text = client.get(address).content.decode()
        assert not [one.ref for one in said if one.ref in text], address
    entitled, desk_client = "senior_manager" if said[0].restricted else "process_manager", Client()
    desk_client.force_login(desk.world.person(entitled), backend="comity.accounts.sign_in.CurrentPeople")
    text = desk_client.get("/communications/?q=Gray").content.decode()
    assert said[0].ref in text and "Grace Gray called." in text


def test_who_took_part_or_logged_it_still_sees_it(desk: Desk) -> None:
    case, _ = secret(desk, "senior_manager")
    values = {
        "direction": "inbound",
        "summary": "Grace Gray called.",
        "subject_ref": case.ref,
        "contact": case.contact.ref,
    }
    logged = desk.world.create("communication", "relationship_manager", **values)
    for reader, sees in (("relationship_manager", True), ("process_manager", True), ("internal_assessor", False)):
        shown = readable_record(kind_named("communication"), fresh(desk, reader), logged.ref)
        assert (shown.contact is not None, bool(shown.hidden)) == (sees, not sees), reader


def test_another_contact_of_the_customer_does_not_learn_who_complains(desk: Desk) -> None:
    case, _ = secret(desk, "senior_manager")
    notice = desk.told(case)[0]
    person = fresh(desk, "customer_contact")
    with pytest.raises(NotReadable):  # the words of a small organisation tell whose they are
        readable_record(kind_named("case"), person, case.ref)
    shown = readable_record(kind_named("communication"), person, notice.ref)
    assert (shown.contact, "contact" in shown.hidden) == (None, True)
    own = desk.register(confidential=True)
    shown = readable_record(kind_named("case"), person, own.ref)
    assert (shown.contact, bool(shown.hidden)) == (desk.world.contact, False)


def test_a_letter_is_not_printed_for_whom_it_would_tell(desk: Desk, hidden: Any) -> None:
    case, _, client = hidden
    for notice in desk.told(case):
        assert client.get(f"/cases/{case.ref}/letter/{notice.ref}/").status_code == 404
    assert case.restricted or desk.told(case)


def test_what_is_said_about_a_restricted_case_is_restricted(desk: Desk) -> None:
    case = internal(desk)
    values = {"direction": "inbound", "summary": "A colleague called.", "subject_ref": case.ref}
    logged = desk.world.create("communication", "service_desk", **values)
    assert logged.restricted
    with pytest.raises(NotReadable):
        readable_record(kind_named("communication"), fresh(desk, "relationship_manager"), logged.ref)


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
