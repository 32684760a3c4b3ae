"""What hangs on a record: asked anew each time, but for a page that has looked; then not asked again."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.records import write
from comity.records.hanging import has, look
from comity.records.models import writing
from tests.worlds import World


def test_it_is_seen_as_soon_as_it_hangs_there_and_asked_once_for_a_page(world: World) -> None:
    record, other = world.customer, world.child
    assert not has(record, "files") and not has(record, "links")
    write.attach(record, SimpleUploadedFile("a.txt", b"a"), actor=world.actor("process_manager"))
    assert has(record, "files") and not has(record, "links") and not has(other, "files")
    write.link(record, "relates_to", other, actor=world.actor("process_manager"))
    assert has(record, "links") and has(other, "links")
    with CaptureQueriesContext(connection) as asked:
        look(record)
        assert has(record, "files") and has(record, "links") and not has(record, "raised")
    assert len(asked) == 1


def test_a_page_knows_whom_a_record_names(world: World) -> None:
    given = {
        "service": world.service.ref,
        "channel": "phone",
        "description": "It is down.",
        "wanted_remedy": "Mend it.",
    }
    case = world.create("case", "service_desk", customer=world.customer.ref, contact=world.contact.ref, **given)
    named = world.person("complaint_handler")
    for expected in ([], [named]):
        with writing():
            case.about.set(expected)
        fresh = type(case).objects.get(pk=case.pk)
        look(fresh)
        with CaptureQueriesContext(connection) as asked:
            assert list(fresh.about.all()) == expected and fresh.named == {one.pk for one in expected}
        assert not asked.captured_queries
