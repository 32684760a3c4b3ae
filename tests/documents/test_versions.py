"""Document versions, and which definition holds for whom (F-030)."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils import timezone

from comity.accounts.models import Grant
from comity.documents.jobs import release_due
from comity.documents.models import DocumentVersion
from comity.documents.operations import Definitions, agreed_by, definition_for, next_draft
from comity.records import write
from comity.records.access import NotAllowed, readable
from comity.records.bulk import create_many
from comity.records.kind import kind_named
from comity.records.trail import Refused
from tests.web.visitors import visitor
from tests.worlds import days_ago, moment, publish


def draft(world, document, **more):
    data = {"document": document.ref, "body": "New text.", "author": world.email("process_manager"), **more}
    return world.create("document_version", "process_manager", change_reason="Clearer.", **data)


def handed_in(world, document, at=None, **more):
    return world.move(draft(world, document, **more), "submit", "process_manager", at)


def test_the_customers_own_then_the_segments_then_the_organisations(world):
    assert definition_for(world.customer) == world.own_definition
    assert definition_for(world.child) == world.definition
    assert definition_for(None) == world.definition
    assert definition_for(world.customer, days_ago(301)) == world.definition
    assert definition_for(None, days_ago(701)) is None
    segment = publish(
        world, 400, "For key accounts.", title="Key accounts", type="complaint_definition", segment=world.category.ref
    )
    assert definition_for(world.customer, days_ago(350)) == segment
    assert definition_for(world.customer) == world.own_definition
    assert definition_for(world.child) == world.definition


def test_old_cases_keep_the_old_version(world):
    new = handed_in(world, world.own_definition.document, moment(11))
    new = world.move(new, "approve", "operations_director", moment(10), effective_on=days_ago(10))
    assert definition_for(world.customer) == new
    assert definition_for(world.customer, moment(11)) == world.own_definition
    world.own_definition.refresh_from_db()
    assert (new.status, world.own_definition.status) == ("effective", "superseded")


def test_consent_lapses_with_a_new_version(world):
    assert agreed_by(world.own_definition, world.customer).contact == world.contact
    assert agreed_by(world.own_definition, world.customer, moment(1)) is None
    assert agreed_by(world.own_definition, world.child) is None
    new = handed_in(world, world.own_definition.document)
    new = world.move(new, "approve", "operations_director", effective_on=timezone.localdate())
    assert agreed_by(new, world.customer) is None


def test_batch_and_single_question_agree(world, django_assert_num_queries):
    Definitions.load()
    with django_assert_num_queries(1):  # has anything changed?
        loaded = Definitions.load()
        answers = [
            loaded.of(c, days_ago(d)) for c in (world.customer, world.child, None) for d in (0, 300, 301, 700, 701)
        ]
    single = [
        definition_for(c, days_ago(d)) for c in (world.customer, world.child, None) for d in (0, 300, 301, 700, 701)
    ]
    assert answers == single
    with django_assert_num_queries(1):
        definition_for(world.customer)


def test_the_author_does_not_approve(world):
    version = handed_in(world, world.definition.document, author=world.email("operations_director"))
    with pytest.raises(Refused):
        world.move(version, "approve", "operations_director", effective_on=timezone.localdate())
    with pytest.raises(NotAllowed):
        world.move(version, "approve", "process_manager", effective_on=timezone.localdate())
    version.refresh_from_db()
    assert (version.status, version.approver) == ("review", None)


@pytest.mark.parametrize("contributed", ["text", "file"])
def test_whoever_wrote_of_it_does_not_approve_it_in_anothers_name(world, contributed):
    """Named as author is somebody else: the words, or a file that is approved with them, are the approver's own."""
    director = world.actor("operations_director")
    Grant.objects.create(person=director.person, unit=world.root, role="process_manager")
    if contributed == "text":
        data = {"document": world.definition.document.ref, "body": "Mine.", "change_reason": "Clearer.",
                "author": world.email("process_manager")}  # fmt: skip
        version = world.create("document_version", "operations_director", **data)
    else:
        version = draft(world, world.definition.document)
        write.attach(version, File(BytesIO(b"Mine."), "mine.txt"), actor=director)
    version = world.move(version, "submit", "process_manager")
    with pytest.raises(Refused, match="author"):
        world.move(version, "approve", "operations_director", effective_on=timezone.localdate())
    version.refresh_from_db()
    assert (version.status, version.approver) == ("review", None)


def test_pressing_twice_begins_one_draft(world):
    document, author = world.definition.document, world.actor("process_manager")
    first = next_draft(document, author)
    assert next_draft(document, author) == first
    assert next_draft(document, world.actor("assistant")) != first
    assert document.versions.filter(status="draft").count() == 2


def test_what_no_later_step_could_bear_is_refused_at_once(world):
    document = world.definition.document
    with pytest.raises(ValidationError, match="100000"):
        draft(world, document, version_no=2**62)
    with pytest.raises(ValidationError, match="200000"):
        draft(world, document, sections={"purpose": {"text": "long " * 50_000}})
    with pytest.raises(ValidationError, match="months"):
        write.update(document, {"review_interval": 10**6}, actor=world.actor("process_manager"))
    world.move(document, "retire", "operations_director", note="Over.")
    with pytest.raises(ValidationError, match="retired"):
        draft(world, document)
    assert document.versions.count() == 1


def test_an_approved_version_no_longer_changes(world):
    for change in ({"body": "Softer."}, {"effective_on": timezone.localdate()}):
        with pytest.raises(ValidationError) as refused:
            write.update(world.own_definition, change, actor=world.actor("process_manager"))
        assert "Draft the next one" in refused.value.message_dict[next(iter(change))][0]
    page = visitor(world.person("process_manager")).get(f"{world.own_definition.url}edit/")
    assert set(page.context["form"].fields) == {"review_due_on"}
    assert world.own_definition.body in page.content.decode()
    later = timezone.localdate() + timedelta(days=90)
    assert (
        write.update(world.own_definition, {"review_due_on": later}, actor=world.actor("process_manager")).next_due
        == later
    )


def test_nothing_takes_effect_before_its_approval(world):
    version = handed_in(world, world.definition.document)
    with pytest.raises(Refused):
        world.move(version, "approve", "operations_director", effective_on=days_ago(1))
    with pytest.raises(ValidationError):
        world.move(version, "approve", "operations_director")


def test_takes_effect_on_its_day(world, time_machine):
    version = handed_in(world, world.definition.document)
    day = timezone.localdate() + timedelta(days=3)
    version = world.move(version, "approve", "operations_director", effective_on=day)
    assert version.status == "approved"
    assert definition_for(world.child) == world.definition
    time_machine.move_to(timezone.now() + timedelta(days=3))
    assert definition_for(world.child) == version
    release_due.call()
    version.refresh_from_db()
    world.definition.refresh_from_db()
    assert (version.status, world.definition.status) == ("effective", "superseded")


def test_a_withdrawn_version_held_until_then(world):
    world.move(world.own_definition, "withdraw", "operations_director", note="Wrong.")
    assert definition_for(world.customer) == world.definition
    assert definition_for(world.customer, days_ago(1)) == world.own_definition


def test_versions_are_numbered(world):
    assert draft(world, world.definition.document).version_no == 2
    assert draft(world, world.definition.document).version_no == 3
    row = {"document": world.definition.document.ref, "body": "x", "author": world.email("process_manager")}
    rows = [{**row, "version_no": 7}, {**row, "version_no": 8}]
    result = create_many(kind_named("document_version"), rows, actor=world.actor("process_manager"))
    assert not result.errors
    assert set(DocumentVersion.objects.filter(version_no__in=(7, 8)).values_list("status", flat=True)) == {"draft"}


def test_contacts_see_no_drafts_and_nobody_elses(world):
    version = draft(world, world.own_definition.document)
    seen = readable(kind_named("document_version"), world.person("customer_contact"))
    assert set(seen) == {world.own_definition}
    assert version not in seen


def test_a_document_is_for_one_level(world):
    with pytest.raises(ValidationError):
        world.create(
            "document", "process_manager", title="x", type="relationship_plan", customer=world.customer.ref,
            segment=world.category.ref,
        )  # fmt: skip
