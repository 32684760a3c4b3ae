"""What an outcome tells: its counts, its first gap in each language, and what is not recorded."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from comity.accounts.models import Grant
from comity.compliance import reasons
from comity.compliance.catalogue import Use
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Outcome, Single
from comity.compliance.pages.requirement import Sight
from comity.compliance.rules.verdicts import Verdict
from comity.parties.models import Customer
from comity.records.models import writing
from tests.worlds import World, days_ago, moment


def ask(**arguments: object) -> Outcome:
    return answer(Inquiry(), Use("register_complete", arguments))


def test_the_first_gap_says_in_each_language_what_is_wrong_with_it(world: World) -> None:
    found = ask(population="customers_active", fields=["location"])
    label, told = reasons.first(found)
    assert (label, found.gaps) == (world.customer.ref, 2)
    assert told["en"] == "location is empty"
    assert set(told) == set(reasons.LANGUAGES)
    assert reasons.read(told) == "location is empty"


def test_the_last_review_of_all_access_is_told_of_each_grant(world: World) -> None:
    with writing():
        Grant.objects.update(starts_on=days_ago(400))
    by = {"type": "access_review", "result": "passed", "run_at": moment(300)}
    world.create("control_run", "process_manager", **by)
    arguments = {"kind": "control_run", "type": "access_review", "per": "access_grants_active"}
    found = answer(Inquiry(), Use("planned_interval", {**arguments, "every": "access_review_days"}))
    assert found.verdict == Verdict.GAP
    assert f"{days_ago(300):%m/%d/%Y}" in reasons.read(reasons.first(found)[1])


def test_why_many_are_gaps_takes_one_question_whatever_is_wrong_with_them(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with writing():
        Customer.objects.filter(pk=world.child.pk).update(location="Berlin", name="")
    (lot,) = ask(population="customers_active", fields=["location", "name"]).lots
    rows = list(lot.gaps.order_by("pk"))
    assert lot.detail and lot.details and len(rows) == 2
    with django_assert_num_queries(1):
        told = lot.details(rows)
    assert told == {row.pk: lot.detail(row) for row in rows} and len(set(map(str, told.values()))) == 2


def test_rules_about_the_same_rows_read_them_once(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with writing():
        Customer.objects.filter(pk=world.child.pk).update(location="Berlin")
    rules = [{"population": "customers_active", "fields": [name]} for name in ("location", "name")]
    parts = [{"rule": "register_complete", "with": rule} for rule in rules]
    both = answer(Inquiry(), Use("all_of", {"parts": parts}))
    with django_assert_num_queries(1):
        assert (both.verdict, both.population, both.gaps, both.pending) == (Verdict.GAP, 4, 1, 0)
    alone = [lot.counts for rule in rules for lot in ask(**rule).lots]
    assert [lot.counts for lot in both.every_lot] == alone == [(2, 1, 0), (2, 0, 0)]


def test_a_population_of_few_is_searched_for_once(world: World) -> None:
    """Counting its gaps and naming them looks at the rows that were found, not at the whole kind again."""
    inquiry = Inquiry()
    with CaptureQueriesContext(connection) as asked:
        found = answer(inquiry, Use("register_complete", {"population": "customers_active", "fields": ["location"]}))
        assert [lot.named for lot in found.lots] == [(world.customer.ref, world.child.ref)]
    searches = [query["sql"] for query in asked if '"parties_customer"."status"' in query["sql"].partition("WHERE")[2]]
    assert len(searches) == 1, searches


def test_where_nothing_falls_short_nothing_is_looked_for(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    some, none = (ask(population="customers_active", fields=[name]) for name in ("location", "name"))
    assert (some.gaps, none.gaps) == (2, 0)
    with django_assert_num_queries(0):
        assert Sight.of(none, past=True).ids == [[]]
    assert Sight.of(some, past=True).ids == [[world.customer.pk, world.child.pk]]


def test_a_record_is_named_before_a_thing(world: World) -> None:
    records = ask(population="customers_active", fields=["location"])
    both = Outcome(records.lots, (Single("policy", "no version in force"),))
    assert reasons.first(both)[0] == world.customer.ref
    assert reasons.first(Outcome((), both.singles))[0] == "policy"


def test_what_one_kind_lacks_hides_no_other(world: World) -> None:
    """Where suppliers are is not recorded; a gap among the customers is one all the same."""
    asked = {"population": "parties_at_risk", "fields": ["topic"]}
    with_gap = ask(population="customers_and_suppliers", fields=["location"])
    assert (with_gap.verdict, with_gap.gaps, with_gap.lacks) == (Verdict.GAP, 2, ("supplier.location",))
    with writing():
        Customer.objects.update(location="Berlin")
    without = ask(population="customers_and_suppliers", fields=["location"])
    assert (without.verdict, without.population, without.lacks) == (Verdict.NOT_ASSESSED, 2, ("supplier.location",))
    assert ask(**asked).verdict is Verdict.NOT_ASSESSED


def test_an_argument_that_nobody_heeds_is_refused(world: World) -> None:
    found = ask(population="customers_active", fields=["name"], swiftly=True)
    assert (found.verdict, found.lacks) == (Verdict.NOT_ASSESSED, ("swiftly of register_complete",))


def test_a_row_counts_once_however_many_values_it_has(world: World) -> None:
    """Both customers are tied to two services each; each is one customer."""
    with writing():
        world.other_service.customers.set([world.customer, world.child])
    found = ask(population="customers_under_agreement", fields=["name"])
    assert found.population == Customer.objects.filter(pk=world.customer.pk).count()
    served = answer(Inquiry(timezone.now()), Use("linked", {"population": "customers_active", "to": "services_active"}))
    assert (served.population, served.gaps) == (2, 0)
