"""Registers: every row once in every order, within the reader's rights, with bounded counts and few queries."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.parties.models import Customer
from comity.records import jobs, reading, search, sql
from comity.records.bulk import create_many
from comity.records.kind import kind_named
from comity.records.reading import BadQuery
from tests.worlds import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(world: World) -> World:
    rows = [
        {"name": f"Customer {n % 7} 停电 café", "type": "ad_hoc" if n % 3 else "agreement",
         "reconfirmed_at": date(2026, 1, 1 + n % 9) if n % 4 else None}
        for n in range(60)
    ]  # fmt: skip
    made = create_many(kind_named("customer"), rows, actor=world.actor("process_manager"))
    ids = [record.pk for _index, record in made.created]
    jobs.index_range.call("customer", min(ids), max(ids))
    return world


@pytest.mark.parametrize("sort", ["-entered_at", "entered_at", "ref", "-ref", "name", "-name"])
def test_keyset_pages_give_each_row_once_and_turn_back(many: World, sort: str) -> None:
    kind, person = kind_named("customer"), many.person("process_manager")
    pages, params = [], {"sort": sort}
    while True:
        page = reading.register(kind, person, params, size=7)
        pages.append([row.ref for row in page.rows])
        if not page.older:
            break
        params = {"sort": sort, "after": page.older}
    everything = [ref for page in pages for ref in page]
    assert len(everything) == len(set(everything)) == Customer.objects.count()
    for number in range(len(pages) - 1, 0, -1):
        back = reading.register(kind, person, {"sort": sort, "before": page.newer}, size=7)
        assert [row.ref for row in back.rows] == pages[number - 1]
        page = back
    assert not page.newer


def test_rows_without_a_value_come_last_in_either_direction(many: World) -> None:
    kind, person = kind_named("agreement_version"), many.person("process_manager")
    for sort in ("next_due", "-next_due"):
        rows = list(reading.every(kind, person, {"sort": sort}, most=1000, chunk=1))
        values = [row.next_due for row in rows]
        filled = [value for value in values if value is not None]
        assert values == [*filled, *[None] * (len(values) - len(filled))]
        assert filled == sorted(filled, reverse=sort.startswith("-")) and len(rows) == kind.model.objects.count()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=agreement", 22), ("type=agreement&type=ad_hoc", 62), ("type=nonsense", 0), ("category=SEG-00001", 1),
        ("category=SEG-77777", 0), ("owner=none", 61), ("status=prospect", 60), ("q=停电", 60), ("q=cafe", 60),
        ("q=%22a%27(*", 0), ("q=停电&type=agreement", 20), ("archived=yes", 0),
    ],
)  # fmt: skip
def test_filters_and_search(many: World, query: str, found: int) -> None:
    rows = reading.every(kind_named("customer"), many.person("process_manager"), QueryDict(query), most=1000, chunk=9)
    assert len(list(rows)) == found


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "password"},
        {"sort": "-unit__name"},
        {"after": "x"},
        {"after": "WyJ4Il0"},
        {"before": "e30"},
        {"after": "W251bGwsMV0"},
    ],
)
def test_a_broken_cursor_or_sort_is_a_bad_query(many: World, params: dict[str, str]) -> None:
    with pytest.raises(BadQuery):
        reading.register(kind_named("customer"), many.person("process_manager"), params)


def test_a_page_costs_the_same_few_queries_however_long_it_is(many: World) -> None:
    counts = []
    for size in (5, 50):
        person = type(many.person("process_manager")).objects.get(pk=many.person("process_manager").pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = reading.register(kind_named("customer"), person, {}, size=size)
            for row in page.rows:
                for column in page.columns:
                    reading.value_of(row, column)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


def test_counts_are_bounded(many: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "COUNT_AT_MOST", 20)
    page = reading.register(kind_named("customer"), many.person("process_manager"), {}, size=5)
    assert (page.count, page.more) == (20, True)


def test_rows_are_counted_without_reading_them(many: World) -> None:
    rows = Customer.objects.order_by("name").select_related("owner")
    assert sql.count(rows) == len(rows) > sql.count(rows, 7) == 7
    assert sql.count(rows.filter(type="ad_hoc")) == len(rows.filter(type="ad_hoc")) < len(rows)
    assert sql.count(rows.filter(pk__in=())) == 0


def test_search_stays_within_the_readers_rights(many: World) -> None:
    hits = dict(search.search_all(many.person("process_manager"), "停电"))
    assert len(hits[kind_named("customer")]) == 10
    assert not list(search.search_all(many.person("supplier_contact"), "停电"))
    contact = many.contact.person
    search.index(kind_named("customer"), [many.customer])
    assert [row.ref for row in dict(search.search_all(contact, "aster")).get(kind_named("customer"), [])]
    assert not list(search.search_all(contact, "停电"))


def test_a_changed_record_is_found_by_its_new_words_only(many: World) -> None:
    from comity.records import write

    write.update(many.customer, {"name": "Zephyr 电梯"}, actor=many.actor("process_manager"))

    def hits(text: str) -> list[int]:
        page = reading.register(kind_named("customer"), many.person("process_manager"), {"q": text})
        return [row.pk for row in page.rows]

    assert hits("电梯") == hits("zeph") == [many.customer.pk]
    assert many.customer.pk not in hits("group")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_no_query_breaks_the_search(world: World, text: str) -> None:
    reading.register(kind_named("customer"), world.person("process_manager"), {"q": text})


def test_columns_that_were_not_read_come_when_they_are_asked_for(many: World) -> None:
    whole = type(many.customer).objects.get(pk=many.customer.pk)
    part = type(many.customer).objects.only("ref").get(pk=whole.pk)
    assert part.get_deferred_fields() and not whole.get_deferred_fields() and not part._state.adding
    assert part.name == whole.name and part == whole and part.unit == whole.unit
