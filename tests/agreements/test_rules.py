"""Which of several promises binds: plain values, no database."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from comity.agreements.rules import Promise, binding, current
from comity.parties.rules import Shelf, Standing, nearness

DAY = date(2026, 5, 4)


def promise(pk=1, *, agreement=1, no=1, since=0, until=None, charter=False, customers=(), segments=(), services=()):
    ends = None if until is None else DAY + timedelta(days=until)
    sets = (frozenset(customers), frozenset(segments), frozenset(services))
    return Promise(pk, agreement, no, DAY + timedelta(days=since), ends, charter, *sets)


def test_the_last_to_take_effect_holds_through_its_last_day():
    first, second = promise(1), promise(2, no=2, since=10, until=20)
    assert current([second, first], DAY - timedelta(days=1)) is None
    assert current([second, first], DAY + timedelta(days=9)) == first
    assert current([second, first], DAY + timedelta(days=20)) == second
    assert current([second, first], DAY + timedelta(days=21)) is None  # the old one does not come back
    assert current([promise(1), promise(2, no=2)], DAY).version_no == 2


def test_who_names_the_service_comes_before_who_means_all():
    broad, narrow = promise(1, customers={7}), promise(2, agreement=2, customers={7}, services={3})
    charter = promise(3, agreement=3, charter=True, customers={7})
    found = [[broad], [narrow], [charter]]
    customer = Standing(7)
    assert binding(found, customer, 3, DAY) == narrow
    assert binding(found, customer, 4, DAY) == broad
    assert binding([[charter], [broad]], customer, 4, DAY) == broad
    assert binding([[narrow]], customer, 4, DAY) is None
    assert binding(found, Standing(8), 3, DAY) is None


def test_category_comes_before_market_segment():
    customer = Standing(1, category_id=5, segment_id=6)
    assert nearness(customer, (), (6,)) > nearness(customer, (), (5,)) > nearness(customer, (1,), ())
    assert nearness(customer, (), ()) > nearness(customer, (), (6,))
    assert nearness(None, (1,), ()) is None


ids = st.integers(1, 4)
some = st.frozensets(ids, max_size=2)


@given(
    st.lists(st.tuples(some, some, some, st.integers(-5, 5)), max_size=8),
    st.none() | st.builds(Standing, ids, st.none() | ids, st.none() | ids),
    st.none() | ids,
)
def test_the_shelf_finds_what_a_search_through_everything_finds(rows, customer, service):
    every = [
        [promise(n, agreement=n, since=since, customers=customers, segments=segments, services=services)]
        for n, (customers, segments, services, since) in enumerate(rows)
    ]
    shelf = Shelf()
    for versions in every:
        shelf.put(versions, versions[0].customers, versions[0].segments)
    assert binding(shelf.concerning(customer), customer, service, DAY) == binding(every, customer, service, DAY)
