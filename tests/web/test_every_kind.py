"""What the generic pages promise, held for every kind there is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.records import bulk, write
from comity.records.kind import Kind
from comity.records.models import Entry
from comity.web.registers import columns_offered
from comity.web.writing import as_text
from tests.web.visitors import HTMX, KINDS, NAMES, creator, editor, one, only_reader, some, staff, stranger, visitor
from tests.worlds import World

every_kind = pytest.mark.parametrize("kind", KINDS, ids=NAMES)


@every_kind
def test_register_answers_with_every_column_filter_and_sort(world: World, kind: Kind) -> None:
    found = one(world, kind)
    client = visitor(found[1] if found else world.person("process_manager"))
    columns = columns_offered(kind)
    assert client.get(kind.url, {"cols": ",".join(columns)}).status_code == 200
    for column in columns.values():
        if column.sort:
            assert client.get(kind.url, {"sort": f"-{column.sort}"}).status_code == 200
    for name in kind.filters:
        assert client.get(kind.url, {str(name): "none", "q": "nothing at all"}).status_code == 200
    part = client.get(kind.url, headers={**HTMX, "HX-Target": "list"})
    assert part.status_code == 200 and b"<html" not in part.content


@every_kind
def test_record_page_shows_the_record_and_hides_it_from_strangers(one_of_each: World, kind: Kind) -> None:
    record, reader = some(one_of_each, kind)
    page = visitor(reader).get(record.url)
    assert page.status_code == 200 and record.ref in page.content.decode()
    outsider = visitor(stranger())
    assert outsider.get(record.url).status_code == 404
    assert outsider.get(f"{record.url}edit/").status_code == 404
    assert outsider.post(f"{record.url}post/", {"body": "x"}).status_code == 404
    assert visitor(reader).get(f"{kind.url}{kind.ref}-99999/").status_code == 404


@every_kind
def test_who_only_reads_cannot_write(one_of_each: World, kind: Kind) -> None:
    record, _reader = some(one_of_each, kind)
    reader = only_reader(one_of_each, record)
    if reader is None:
        pytest.skip("everybody who reads it may change it")
    client, before = visitor(reader), Entry.objects.count()
    assert client.get(f"{record.url}edit/").status_code == 403
    assert client.post(f"{record.url}edit/", {"version": record.version}).status_code == 403
    for move in kind.workflow.moves if kind.workflow else ():
        if not set(move.by) & {reader.grants.get().role}:
            assert client.post(f"{record.url}{move.name}/", {"note": "x"}).status_code == 403
    assert Entry.objects.count() == before
    assert type(record).objects.get(pk=record.pk).version == record.version


@every_kind
def test_forms_are_drawn_and_an_empty_one_is_refused_with_what_is_missing(one_of_each: World, kind: Kind) -> None:
    maker = creator(one_of_each, kind)
    if maker is None:
        pytest.skip("nobody registers it by hand")
    client, before = visitor(maker), kind.model.objects.count()
    assert client.get(f"{kind.url}new/").status_code == 200
    answer = client.post(f"{kind.url}new/", {})
    if answer.status_code == 303:
        assert kind.model.objects.count() == before + 1
    else:
        assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
        assert kind.model.objects.count() == before


@every_kind
def test_a_form_that_is_sent_back_untouched_changes_nothing(one_of_each: World, kind: Kind) -> None:
    record, _reader = some(one_of_each, kind)
    changer = editor(one_of_each, record)
    if changer is None:
        pytest.skip("nobody changes it by hand")
    client = visitor(changer)
    page = client.get(f"{record.url}edit/")
    assert page.status_code == 200 and "[&#x27;" not in page.content.decode()
    form = page.context["form"]
    sent = {bound.html_name: value for bound in form if (value := as_text(bound))}
    answer = client.post(f"{record.url}edit/", {**sent, "version": record.version})
    if answer.status_code == 422:  # the room forbids any change in this state, and says so
        errors = answer.context["form"].errors.as_data()
        assert "unknown" not in [error.code for found in errors.values() for error in found], errors
    assert type(record).objects.get(pk=record.pk).version == record.version


@every_kind
def test_every_step_is_asked_for_in_a_dialog_or_refused(one_of_each: World, kind: Kind) -> None:
    if kind.workflow is None:
        pytest.skip("it has no steps")
    record, _reader = some(one_of_each, kind)
    for person in staff(one_of_each):
        client = visitor(person)
        for move in kind.workflow.moves:
            status = client.get(f"{record.url}{move.name}/", headers=HTMX).status_code
            assert status in (200, 403, 404, 409), (move.name, status)


@pytest.mark.parametrize("name", ["customer", "segment", "channel"])
def test_queries_do_not_grow_with_rows(world: World, name: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    rows = {
        "customer": {"name": "Quantity", "category": world.category.ref, "parent": world.customer.ref},
        "segment": {"name": "Quantity", "type": "category"},
        "channel": {"name": "Quantity", "type": "phone"},
    }[name]
    client = visitor(world.person("relationship_manager"))

    def queries() -> int:
        client.get(kind.url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(kind.url).status_code == 200
        return len(captured)

    actor = world.actor("relationship_manager")
    made = bulk.create_many(kind, [rows] * 6, actor=actor)
    assert not made.errors
    few = queries()
    bulk.create_many(kind, [rows] * 60, actor=actor)
    assert few <= 8
    assert queries() <= few + 1  # the count, which is known where one page shows all


def test_queries_do_not_grow_with_the_timeline(world: World) -> None:
    client, actor = visitor(world.person("relationship_manager")), world.actor("relationship_manager")

    def queries() -> int:
        client.get(world.customer.url)
        with CaptureQueriesContext(connection) as captured:
            client.get(world.customer.url)
        return len(captured)

    few = queries()
    for n in range(20):
        write.post(world.customer, f"Note {n}", actor=actor)
    assert queries() == few
