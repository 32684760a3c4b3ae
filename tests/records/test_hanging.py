"""What hangs on a record: asked anew each time, but for a page that has looked; then not asked again."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.records import write
from comity.records.hanging import has, look
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
