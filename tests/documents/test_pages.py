"""The pages of documents: writing in blocks, comparing, reading, paper, the master list (CSMS:2003 13.1)."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from comity.accounts.models import Grant
from comity.clocks import parameters
from comity.documents import operations, starters
from comity.documents.models import Document, DocumentVersion
from comity.documents.reports import master_list, printed, reference
from comity.parties.models import Acceptance
from comity.records import write
from comity.records.trail import Refused
from tests.documents.test_versions import draft, handed_in
from tests.worlds import publish


@pytest.fixture
def as_(world):
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(world.person(name))
        return client

    return sign_in


@pytest.fixture
def procedure(world):
    return world.create("document", "process_manager", title="Complaints", type="complaint_procedure")


def test_one_block_for_each_section_of_the_type(world, as_, procedure):
    client, author = as_("process_manager"), world.email("process_manager")
    page = client.get(f"/document-versions/new/?document={procedure.ref}").content.decode()
    for one in starters.sections_of("complaint_procedure"):
        assert f'name="section.{one.tag}.text"' in page
    assert 'name="section.recording.time_limit"' in page
    answer = client.post(
        "/document-versions/new/",
        {"document": procedure.ref, "author": author, "section.recording.text": "At once.\r\nNow.",
         "section.recording.time_limit": "1 bd", "section.closure.text": ""},
    )  # fmt: skip
    assert answer.status_code == 303
    version = procedure.versions.get()
    assert version.sections == {"recording": {"text": "At once.\nNow.", "fields": {"time_limit": "1 bd"}}}
    page = client.get(f"{version.url}edit/").content.decode()
    assert "At once.\nNow.</textarea>" in page and 'value="1 bd"' in page
    same = {"document": procedure.ref, "author": author, "version": version.version, "version_no": 1,
            "section.recording.text": "At once.\r\nNow.", "section.recording.time_limit": "1 bd"}  # fmt: skip
    assert client.post(f"{version.url}edit/", same).status_code == 303
    version.refresh_from_db()
    assert version.version == 1  # nothing changed, nothing written
    assert client.post(f"{version.url}edit/", same | {"section.recording.text": "Later."}).status_code == 303
    version.refresh_from_db()
    assert version.sections["recording"]["text"] == "Later."


def test_sections_without_end_are_refused_on_the_page(world, as_, procedure):
    before = DocumentVersion.objects.count()
    told = {"document": procedure.ref, "author": world.email("process_manager"), "sections": "[" * 50_000}
    answer = as_("process_manager").post("/document-versions/new/", told)
    nothing = as_("process_manager").post("/document-versions/new/", {"document": "\x00"})
    assert (answer.status_code, nothing.status_code, DocumentVersion.objects.count()) == (422, 422, before)
    assert as_("process_manager").post("/document-versions/preview/", {"document": "\x00"}).status_code == 200


def test_the_preview_shows_and_keeps_nothing(as_, procedure):
    typed = {"document": procedure.ref, "body": "# Hello\n<script>x</script>", "section.closure.text": "**Bold**"}
    page = as_("process_manager").post("/document-versions/preview/", typed).content.decode()
    assert "<strong>Bold</strong>" in page and "Hello" in page and "<script>x" not in page
    assert not DocumentVersion.objects.filter(document=procedure).exists()


def test_a_page_of_a_version_shows_its_parts(world, as_, procedure):
    sections = {"closure": {"text": "Closed *then*.", "fields": {"time_limit": "ten days"}}}
    version = draft(world, procedure, body="Before.", sections=sections)
    page = as_("auditor").get(version.url).content.decode()
    for words in ("Before.", "<em>then</em>", "ten days", "Closure", "not approved"):
        assert words in page
    assert as_("service_desk").get(version.url).status_code == 404


def test_the_page_of_a_document_shows_what_holds(world, as_):
    old = publish(world, 20, "The old words.", title="Rules", type="other")
    new = handed_in(world, old.document, body="The new words.")
    page = as_("service_desk").get(old.document.url).content.decode()
    assert "The old words." in page and "The new words." not in page and new.ref not in page
    assert "next-draft" not in page
    page = as_("process_manager").get(old.document.url).content.decode()
    assert "next-draft" in page and new.url in page


def test_two_versions_side_by_side(world, as_):
    old = publish(world, 20, "Answer within three days.\nSame.", title="Rules", type="other")
    new = draft(world, old.document, body="Answer within two days.\nSame.")
    page = as_("auditor").get(f"{new.url}compare/").content.decode()
    assert "within <del>three</del> days" in page and "within <ins>two</ins> days" in page
    assert as_("auditor").get(f"{old.url}compare/?with={new.ref}").content.decode().count("<ins>two</ins>") == 1
    assert as_("auditor").get(f"{old.url}compare/").status_code == 404  # there is none before it
    assert as_("service_desk").get(f"{old.url}compare/?with={new.ref}").status_code == 404


def test_reading_is_confirmed_for_one_version(world, as_):
    old = publish(world, 20, "Words.", title="Rules", type="other", readers=["service_desk", "complaint_handler"])
    asked = operations.must_read(old.document)
    assert {one.email for one in asked} == {
        world.email(name) for name in ("service_desk", "complaint_handler", "northerner")
    }
    assert "confirm_reading/" in as_("service_desk").get(old.document.url).content.decode()
    assert as_("service_desk").post(f"{old.url}confirm_reading/", {}).status_code == 303
    given = Acceptance.objects.get(version_ref=old.ref)
    assert (given.type, given.person, given.status) == ("read", world.person("service_desk"), "given")
    with pytest.raises(Refused):
        world.move(old, "confirm_reading", "service_desk")
    assert Acceptance.objects.filter(version_ref=old.ref).count() == 1
    assert as_("auditor").post(f"{old.url}confirm_reading/", {}).status_code == 403
    page = as_("process_manager").get(old.document.url).content.decode()
    assert "1 of 3 who have to" in page and world.person("northerner").name in page
    new = handed_in(world, old.document)
    new = world.move(new, "approve", "operations_director", effective_on=timezone.localdate())
    assert not operations.readings(new).exists()
    assert "0 of 3" in as_("process_manager").get(old.document.url).content.decode()


def test_nobody_has_read_or_accepted_what_still_changes(world):
    version = draft(world, world.own_definition.document)
    before = Acceptance.objects.count()
    for data in ({"type": "read", "person": world.email("process_manager")},
                 {"type": "agreed", "contact": world.contact.ref}):  # fmt: skip
        with pytest.raises(ValidationError, match="not approved yet"):
            world.create("acceptance", "process_manager", version_ref=version.ref, **data)
    assert Acceptance.objects.count() == before


def test_everybody_finds_what_he_has_to_read(world, as_):
    version = publish(world, 20, "Words.", title="Rules", type="other", readers=["service_desk"])
    publish(world, 20, "Words.", title="For nobody", type="other")
    words = "You still have to confirm"
    assert operations.to_read(world.person("service_desk")) == [version]
    assert words in as_("service_desk").get("/documents/master-list/").content.decode()
    assert words not in as_("auditor").get("/documents/master-list/").content.decode()
    world.move(version, "confirm_reading", "service_desk")
    assert operations.to_read(world.person("service_desk")) == []
    new = handed_in(world, version.document)
    new = world.move(new, "approve", "operations_director", effective_on=timezone.localdate())
    assert operations.to_read(world.person("service_desk")) == [new]


def test_a_copy_says_until_when_it_is_valid(world, as_):
    version = publish(world, 20, "# Head\n\n* one\n* two\n\n|a|b|\n|-|-|\n|1|2|", title="Rules", type="other")
    today = timezone.localdate()
    days = int(parameters.number(operations.COPY_DAYS))
    assert (today + timedelta(days=days)).isoformat() in reference(version)
    sooner = today + timedelta(days=3)
    version = write.update(version, {"review_due_on": sooner}, actor=world.actor("process_manager"))
    assert sooner.isoformat() in reference(version) and sooner.isoformat() in printed(version).subtitle
    new = draft(world, version.document)
    assert "not valid" in reference(new) and "not valid" in printed(new).subtitle
    answer = as_("service_desk").get(f"{version.url}pdf/")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
    assert as_("service_desk").get(f"{new.url}pdf/").status_code == 404


def test_the_master_list_holds_what_one_may_read(world, as_):
    old = publish(world, 20, "Words.", title="Rules", type="other")
    new = draft(world, old.document)
    _heading, held, every = master_list(world.person("auditor")).blocks
    assert old.ref in [row[0] for row in held.rows] and new.ref not in [row[0] for row in held.rows]
    assert new.ref in [row[0] for row in every.rows]
    assert new.ref not in [row[0] for row in master_list(world.person("service_desk")).blocks[2].rows]
    page = as_("auditor").get("/documents/master-list/").content.decode()
    assert old.url in page and new.url in page
    book = as_("auditor").get("/documents/master-list/workbook/")
    sheets = CalamineWorkbook.from_filelike(BytesIO(b"".join(book.streaming_content)))
    assert any(old.ref in row for row in sheets.get_sheet_by_index(1).to_python())
    assert as_("auditor").get("/documents/master-list/pdf/").content.startswith(b"%PDF-")


def test_the_next_version_begins_with_the_words_of_the_last(world, as_):
    cited = publish(world, 30, "Cited.", title="Basis", type="other").document
    old = publish(world, 20, "Words.", title="Rules", type="other")
    with_cites = draft(world, old.document, cites=[cited.ref], body="Second.")
    with_cites = world.move(with_cites, "submit", "process_manager")
    world.move(with_cites, "approve", "operations_director", effective_on=timezone.localdate())
    answer = as_("process_manager").post(f"/documents/{old.document.ref}/next-draft/")
    new = old.document.versions.get(status="draft")
    assert answer["Location"] == f"{new.url}edit/"
    assert (new.body, list(new.cites.all()), new.author) == ("Second.", [cited], world.person("process_manager"))
    assert as_("service_desk").post(f"/documents/{old.document.ref}/next-draft/").status_code == 403
    assert old.document.versions.filter(status="draft").count() == 1


def test_a_starter_begins_a_document_in_one_press(world, as_):
    client = as_("process_manager")
    assert "complaint_procedure" in client.get("/documents/starters/").content.decode()
    answer = client.post("/documents/starters/", {"type": "complaint_procedure", "language": "zh-hans"})
    version = DocumentVersion.objects.get(document__type="complaint_procedure")
    assert answer["Location"] == f"{version.url}edit/"
    assert version.document.title == "投诉处理程序" and "投诉" in version.sections["recording"]["text"]
    assert set(version.sections) == {one.tag for one in starters.sections_of("complaint_procedure")}
    assert client.post("/documents/starters/", {"type": "no_such"}).status_code == 404
    assert as_("service_desk").post("/documents/starters/", {"type": "complaint_procedure"}).status_code == 403
    assert Document.objects.filter(type="complaint_procedure").count() == 1


def test_grants_that_ended_ask_nobody_to_read(world):
    version = publish(world, 20, "Words.", title="Rules", type="other", readers=["service_desk"])
    assert operations.must_read(version.document).exists()
    Grant.objects.filter(person=world.person("service_desk")).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert not operations.must_read(version.document).exists()
