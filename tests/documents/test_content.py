"""What a version contains: text, tagged sections, files; who reads it in which state (CSMS:2003 13.1)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from comity.documents import rules
from comity.documents.models import DocumentVersion
from comity.records import write
from comity.records.access import NotAllowed, NotReadable, may, readable
from comity.records.kind import kind_named
from comity.records.models import Entry
from comity.records.trail import Refused
from tests.documents.test_versions import draft, handed_in
from tests.worlds import publish

KIND = "document_version"
SECTIONS = {"recording": {"text": "Within a day.", "fields": {"responsible_role": "Desk", "time_limit": ""}}}


@pytest.fixture
def procedure(world):
    return world.create("document", "process_manager", title="Complaints", type="complaint_procedure")


def test_sections_are_kept_tidy(world, procedure):
    told = {**SECTIONS, "closure": {"text": "  ", "fields": {}}}
    version = draft(world, procedure, sections=told)
    version.refresh_from_db()
    assert version.sections == {"recording": {"text": "Within a day.", "fields": {"responsible_role": "Desk"}}}
    assert version.words == 5


@pytest.mark.parametrize(
    "wrong", [{"no_such": {"text": "x"}}, {"recording": "x"}, {"recording": {"text": 1}}, ["recording"], "{",
              {"recording": {"text": "x", "more": 1}}],
)  # fmt: skip
def test_other_sections_are_refused(world, procedure, wrong):
    with pytest.raises(ValidationError) as refused:
        draft(world, procedure, sections=wrong)
    assert "sections" in refused.value.message_dict
    assert not DocumentVersion.objects.filter(document=procedure).exists()


def test_a_version_in_review_waits_for_its_judge(world, procedure):
    version = handed_in(world, procedure, sections=SECTIONS)
    with pytest.raises(ValidationError):
        write.update(version, {"sections": {}}, actor=world.actor("process_manager"))
    version.refresh_from_db()
    assert version.sections["recording"]["text"] == "Within a day."
    version = world.move(version, "send_back", "operations_director", note="Say who.")
    write.update(version, {"body": "Other."}, actor=world.actor("process_manager"))
    version.refresh_from_db()
    assert (version.status, version.body) == ("draft", "Other.")


def test_nobody_hands_in_nothing(world, procedure):
    with pytest.raises(Refused):
        handed_in(world, procedure, body="")
    version = world.create(
        KIND, "process_manager", document=procedure.ref, body="x", author=world.email("process_manager")
    )
    with pytest.raises(Refused):
        world.move(version, "submit", "process_manager")
    assert set(DocumentVersion.objects.filter(document=procedure).values_list("status", flat=True)) == {"draft"}


def test_whoever_wrote_on_it_does_not_approve(world, procedure):
    """Also when somebody else is named as author."""
    version = draft(world, procedure, author=world.email("assistant"))
    chief = world.person("operations_director")
    from comity.accounts.models import Grant

    Grant.objects.create(person=chief, unit=world.root, role="process_manager")
    write.update(version, {"body": "Mine."}, actor=world.actor("operations_director"))
    version = world.move(version, "submit", "process_manager")
    with pytest.raises(Refused):
        world.move(version, "approve", "operations_director", effective_on=timezone.localdate())
    version.refresh_from_db()
    assert version.approver is None
    assert world.move(version, "approve", "senior_manager", effective_on=timezone.localdate()).status == "effective"


def test_approval_seals_the_content_and_names_the_next_review(world, procedure):
    write.update(procedure, {"review_interval": 12}, actor=world.actor("process_manager"))
    version = handed_in(world, procedure, sections=SECTIONS)
    day = timezone.localdate()
    version = world.move(version, "approve", "operations_director", effective_on=day)
    assert version.checksum == version.digest()
    assert version.review_due_on == rules.months_later(day, 12)
    assert version.replaces == "none"
    assert draft(world, procedure).replaces == version.ref
    with pytest.raises(ValidationError):
        write.update(version, {"sections": {}}, actor=world.actor("process_manager"))
    version.refresh_from_db()
    assert version.checksum == version.digest() and version.sections


def test_the_document_names_who_approves_it(world, procedure):
    write.update(procedure, {"approver_role": "senior_manager"}, actor=world.actor("process_manager"))
    version = handed_in(world, procedure)
    with pytest.raises(Refused):
        world.move(version, "approve", "operations_director", effective_on=timezone.localdate())
    version.refresh_from_db()
    assert (version.status, version.approver) == ("review", None)
    assert world.move(version, "approve", "senior_manager", effective_on=timezone.localdate()).status == "effective"


def test_readers_are_given_what_is_in_force(world, procedure):
    kind = kind_named(KIND)
    old = publish(world, 20, "Old.", title="Rules", type="other")
    new = handed_in(world, old.document)
    for name, sees in (("complaint_handler", False), ("service_desk", False), ("auditor", True)):
        assert readable(kind, world.person(name)).filter(pk=new.pk).exists() is sees
        assert readable(kind, world.person(name)).filter(pk=old.pk).exists()
    world.move(new, "approve", "operations_director", effective_on=timezone.localdate())
    handler = readable(kind, world.person("complaint_handler")).filter(document=old.document)
    assert [one.pk for one in handler] == [new.pk]
    own = draft(world, old.document, author=world.email("complaint_handler"))
    assert own in readable(kind, world.person("complaint_handler"))


def test_a_file_may_be_the_document(world, procedure):
    version = draft(world, procedure, body="")
    actor = world.actor("process_manager")
    write.attach(version, SimpleUploadedFile("rules.pdf", b"MZ no such thing"), actor=actor)
    with pytest.raises(Refused) as refused:
        world.move(version, "submit", "process_manager")
    assert "rules.pdf" in str(refused.value.missing)
    version.refresh_from_db()
    assert version.status == "draft"
    other = draft(world, procedure, body="")
    write.attach(other, SimpleUploadedFile("rules.pdf", b"%PDF-1.7 x"), actor=actor)
    other = world.move(other, "submit", "process_manager")
    other = world.move(other, "approve", "operations_director", effective_on=timezone.localdate())
    assert [one["name"] for one in other.files] == ["rules.pdf"]
    write.attach(other, SimpleUploadedFile("later.pdf", b"%PDF-1.7"), actor=actor)
    other.refresh_from_db()
    assert [one["name"] for one in other.files] == ["rules.pdf"] and other.checksum == other.digest()


@pytest.mark.parametrize(
    ("name", "beginning", "fits"),
    [("a.pdf", b"%PDF-1", True), ("a.pdf", b"<html>", False), ("a.docx", b"PK\x03\x04", True), ("a.exe", b"MZ", False),
     ("a.txt", b"hello", True), ("a.txt", b"he\0lo", False), ("a", b"%PDF-1", False), ("A.PDF", b"%PDF-1", True)],
)  # fmt: skip
def test_what_counts_as_a_document(name, beginning, fits):
    assert rules.is_document(name, beginning) is fits


def test_laid_out_and_taken_back(world, procedure):
    write.update(procedure, {"distribution": "Comity\nIntranet\nNotice board"}, actor=world.actor("process_manager"))
    version = handed_in(world, procedure)
    version = world.move(version, "approve", "operations_director", effective_on=timezone.localdate())
    assert set(version.published) == {"Comity"}
    version = world.move(version, "publish", "process_manager", places="Intranet")
    assert set(version.published) == {"Comity", "Intranet"}
    version = world.move(version, "publish", "process_manager")
    assert set(version.published) == {"Comity", "Intranet", "Notice board"}
    new = handed_in(world, procedure)
    world.move(new, "approve", "operations_director", effective_on=timezone.localdate())
    version.refresh_from_db()
    version = world.move(version, "take_back", "process_manager")
    assert version.status == "withdrawn" and version.withdrawn_at


def test_a_review_names_the_next_one(world, procedure):
    version = handed_in(world, procedure)
    version = world.move(version, "approve", "operations_director", effective_on=timezone.localdate())
    with pytest.raises(Refused):
        world.move(version, "reconfirm", "process_manager", note="Fine.", review_due_on=timezone.localdate())
    version.refresh_from_db()
    assert version.reviewed_at is None
    later = timezone.localdate() + timedelta(days=365)
    version = world.move(version, "reconfirm", "process_manager", note="Fine.", review_due_on=later)
    assert version.reviewed_at and version.next_due == later


def test_record_classes_name_kinds_and_roles_that_exist(world):
    made = world.create(
        "record_class", "process_manager", name="Cases", kinds=["case"], permitted_roles=["complaint_handler"]
    )
    assert (made.kinds, made.permitted_roles) == (["case"], ["complaint_handler"])
    for wrong in (
        {"permitted_roles": [["complaint_handler"]]},
        {"kinds": ["no_such"]},
        {"permitted_roles": ["king"]},
        {"kinds": {"case": 1}},
    ):
        with pytest.raises(ValidationError):
            world.create("record_class", "process_manager", name="Wrong", **wrong)
    with pytest.raises((NotAllowed, NotReadable)):
        world.create("record_class", "complaint_handler", name="Wrong")
    assert not type(made).objects.filter(name="Wrong").exists()
    assert not may(world.actor("complaint_handler"), made, "edit")


def test_reading_what_is_restricted_leaves_a_line(world):
    kept = world.create("record_class", "process_manager", name="Secret", restricted=True)
    version = publish(world, 20, "x", title="Secret", type="other", record_class=kept.ref)
    other = publish(world, 20, "x", title="Open", type="other")
    client = Client()
    client.force_login(world.person("service_desk"))
    for url in (version.url, other.url, version.document.url, other.document.url):
        assert client.get(url).status_code == 200
    reads = Entry.objects.filter(act="read", actor_id=world.person("service_desk").pk)
    assert set(reads.values_list("ref", flat=True)) == {version.ref, version.document.ref}
