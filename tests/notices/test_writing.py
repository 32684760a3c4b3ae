"""A mail written from a record, and the pages of texts."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.communications.models import Communication, Mail
from comity.records import write
from tests.notices.conftest import Desk, drained, read, text_of
from tests.worlds import World

pytestmark = pytest.mark.django_db


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.person(name))
    return client


def answer_text(world: World, language: str = "en", **values: str) -> Any:
    given = {"name": f"Thanks {language}", "use": "answer", "language": language, "subject": "About {ref}",
             "body": "Dear {contact},\n\nthank you. [We do it by {due}.]\n\n{handler}"}  # fmt: skip
    made = world.create("template", "process_manager", **(given | values))
    return world.move(made, "adopt", "process_manager")


def test_a_mail_is_written_previewed_and_sent_from_a_case(desk: Desk) -> None:
    case, client = desk.at("assessed"), signed_in(desk.world, "complaint_handler")
    assert f"/cases/{case.ref}/write/" in client.get(case.url).content.decode()
    page = client.get(f"{case.url}write/").content.decode()
    assert "Ada Aster &lt;ada@aster.example&gt;" in page
    given = {"contact": desk.world.contact.ref, "purpose": "answer", "summary": "Our view", "body": "It was us.",
             "substantive": "on"}  # fmt: skip
    before = Communication.objects.count()
    preview = client.post(f"{case.url}write/", given | {"act": "preview"}).content.decode()
    assert "Preview" in preview and "It was us." in preview and Communication.objects.count() == before
    files = {"files": SimpleUploadedFile("view.pdf", b"%PDF-1.7")}
    answer = client.post(f"{case.url}write/", given | files | {"act": "send"})
    assert answer.status_code == 303
    said = Communication.objects.latest("pk")
    assert (said.subject_ref, said.delivery, said.purpose, said.substantive) == (case.ref, "mail", "answer", True)
    assert said.entered_by == desk.world.person("complaint_handler")
    drained()
    mail = Mail.objects.get(communication=said)
    assert mail.recipients == ["ada@aster.example"] and text_of(mail).startswith("It was us.")
    assert [part.get_filename() for part in read(mail).iter_attachments()] == ["view.pdf"]
    assert "Waiting" in client.get(said.url).content.decode()


def test_a_text_is_filled_by_the_server(desk: Desk) -> None:
    english, chinese = answer_text(desk.world), answer_text(desk.world, "zh-hans")
    case, client = desk.at("assessed"), signed_in(desk.world, "complaint_handler")
    page = client.get(f"{case.url}write/").content.decode()
    assert page.index(english.name) < page.index(chinese.name), "the reader's language first"
    page = client.get(f"{case.url}write/?text={english.ref}").content.decode()
    assert f"About {case.ref}" in page and "Dear Ada Aster," in page and "We do it by 2" in page
    assert "Complaint Handler" in page


def test_texts_come_filled_to_be_inserted(desk: Desk) -> None:
    english = answer_text(desk.world)
    case, client = desk.at("assessed"), signed_in(desk.world, "service_desk")
    found = client.get(f"{case.url}texts/").content.decode()
    assert english.name in found and "Dear Ada Aster," in found and f'data-subject="About {case.ref}"' in found
    assert "<html" not in found


@pytest.mark.parametrize("name", ["auditor", "operations_director", "administrator"])
def test_who_may_log_nothing_writes_nothing(desk: Desk, name: str) -> None:
    case, client = desk.at("assessed"), signed_in(desk.world, name)
    before = Communication.objects.count()
    given = {"contact": desk.world.contact.ref, "purpose": "answer", "summary": "X", "body": "X", "act": "send"}
    assert client.get(f"{case.url}write/").status_code in (403, 404)
    assert client.get(f"{case.url}texts/").status_code in (403, 404)
    assert client.post(f"{case.url}write/", given).status_code in (403, 404)
    assert Communication.objects.count() == before


def test_what_is_missing_is_said_and_a_strange_contact_refused(desk: Desk) -> None:
    case, client = desk.at("assessed"), signed_in(desk.world, "complaint_handler")
    before = Communication.objects.count()
    given = {"contact": desk.world.child_contact.ref, "purpose": "answer", "summary": "X", "body": "", "act": "send"}
    answer = client.post(f"{case.url}write/", given)
    assert answer.status_code == 422 and {"contact", "body"} <= answer.context["form"].errors.keys()
    assert Communication.objects.count() == before


def test_a_mail_can_be_written_to_a_contact_and_to_a_customer(world: World) -> None:
    client = signed_in(world, "relationship_manager")
    given = {"contact": world.contact.ref, "purpose": "other", "summary": "Hello", "body": "Hello.", "act": "send"}
    for record in (world.contact, world.customer):
        assert client.post(f"{record.url}write/", given).status_code == 303
    drained()
    assert Mail.objects.filter(communication__isnull=False, ref="").count() == 2


def test_all_notices_with_what_they_say_now(world: World) -> None:
    client = signed_in(world, "process_manager")
    page = client.get("/templates/texts/").content.decode()
    assert "Make it our own" in page and "We have received your message" in page and "我们已收到" in page
    assert "use=acknowledged&amp;language=zh-hans" in page
    link = next(part.split('"')[0] for part in page.split('href="') if part.startswith("/templates/new/?"))
    begun = client.get(link.replace("&amp;", "&"))
    assert "{next_step}" in begun.content.decode()
    assert client.get("/").content.decode().count("/templates/texts/") == 1
    reader = signed_in(world, "complaint_handler").get("/templates/texts/")
    assert reader.status_code == 200 and "Make it our own" not in reader.content.decode()


def test_a_text_is_previewed_for_a_case_and_tested_on_oneself(desk: Desk) -> None:
    made, case = answer_text(desk.world), desk.at("assessed")
    client = signed_in(desk.world, "process_manager")
    assert "‹contact›" in client.get(made.url).content.decode()
    page = client.get(f"{made.url}?about={case.ref}").content.decode()
    assert "Dear Ada Aster," in page
    assert "no such record" in client.get(f"{made.url}?about=CMP-99999").content.decode()
    Mail.objects.all().delete()
    assert client.post(f"{made.url}test/", {"about": case.ref}).status_code == 303
    mail = Mail.objects.get()
    assert mail.recipients == ["process_manager@provider.example"] and mail.subject == f"Test: About {case.ref}"
    assert signed_in(desk.world, "complaint_handler").post(f"{made.url}test/").status_code == 403
    assert client.post(f"{case.url}test/").status_code == 404
    assert Mail.objects.count() == 1


def test_who_must_not_know_the_complainant_does_not_write_to_him(desk: Desk) -> None:
    case = desk.at("assessed", confidential=True)
    from comity.notices.operations.writing import may_write
    from comity.records.access import readable

    for name in ("relationship_manager", "project_manager", "complaint_handler"):
        person = desk.world.person(name)
        seen = readable(case.kind, person).filter(pk=case.pk).first()
        if seen is not None:
            assert may_write(person, seen) is not bool(seen.hidden), name
    assert write.may(desk.world.person("complaint_handler"), case, "read")
