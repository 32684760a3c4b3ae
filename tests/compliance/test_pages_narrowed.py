"""Both lists behind a verdict: the same registers, the same rights, narrowed to one requirement."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from comity.cases.models import Case
from comity.compliance import catalogue
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Waiver
from comity.compliance.operations.lists import rows_of
from comity.compliance.operations.scope import limit
from comity.parties.models import Customer
from comity.records.access import readable
from comity.records.kind import kind_of
from comity.records.models import writing
from comity.records.reading import BadQuery, register
from comity.records.trail import Actor
from tests.journeys.test_busy_morning import received
from tests.worlds import World, days_ago, moment


def entry_over(model: type, least: int = 1) -> catalogue.Requirement:
    """A requirement that looks at records of this model and finds gaps among them."""
    for one in catalogue.requirements().values():
        lots = [lot for lot in answer(Inquiry(), one.use).every_lot if lot.scope.model is model]
        if len(lots) == 1 and least <= lots[0].gap_count:
            return one
    raise AssertionError(f"nothing in the catalogue finds a gap of {model}")


def rows(page) -> set[str]:
    return {row.ref for row in page.context["register"].rows}


@pytest.fixture
def lacking(world: World) -> catalogue.Requirement:
    """A requirement with a customer that falls short."""
    for n in range(3):
        made = world.create("customer", "relationship_manager", name=f"Silent {n}")
        world.move(made, "activate", "relationship_manager")
    return entry_over(Customer)


def lot_of(one, model):
    return next(lot for lot in answer(Inquiry(), one.use).every_lot if lot.scope.model is model)


def test_a_register_shows_what_falls_short_and_what_was_looked_at(world, as_, lacking):
    client, lot = as_("process_manager"), lot_of(lacking, Customer)
    gaps = client.get("/customers/", {"gaps": lacking.id})
    assert rows(gaps) == set(lot.gaps.values_list("ref", flat=True))
    scope = client.get("/customers/", {"scope": lacking.id})
    assert rows(scope) == set(lot.scope.values_list("ref", flat=True))
    text = gaps.content.decode()
    assert f"/compliance/{lacking.standard}/{lacking.id}/" in text and "falls short" in text
    assert f'<input type="hidden" name="gaps" value="{lacking.id}">' in text


def test_it_goes_with_filters_sort_search_and_export(world, as_, lacking):
    client, lot = as_("process_manager"), lot_of(lacking, Customer)
    first = lot.gaps.order_by("pk").first()
    ordered = client.get("/customers/", {"gaps": lacking.id, "sort": "-name"})
    names = [row.name for row in ordered.context["register"].rows]
    assert names == sorted(names, reverse=True) and len(names) == lot.gap_count
    assert rows(client.get("/customers/", {"gaps": lacking.id, "q": first.name})) <= rows(ordered)
    assert rows(client.get("/customers/", {"gaps": lacking.id, "status": "ended"})) == set()
    file = b"".join(client.get("/customers/export/", {"gaps": lacking.id}).streaming_content).decode()
    assert file.count("\n") == lot.gap_count + 1


def test_pages_of_a_narrowed_register_hang_together(world, as_, lacking, monkeypatch):
    monkeypatch.setattr("comity.records.reading.PAGE", 2)
    monkeypatch.setattr("comity.records.reading.register.__defaults__", (2, True, None))
    client, lot = as_("process_manager"), lot_of(lacking, Customer)
    first = client.get("/customers/", {"gaps": lacking.id})
    assert len(rows(first)) == 2 and f"gaps={lacking.id}" in first.context["older"]
    second = client.get(f"/customers/?{first.context['older']}")
    assert rows(first) | rows(second) <= set(lot.gaps.values_list("ref", flat=True))
    assert not rows(first) & rows(second) and rows(second)


def test_long_lists_are_asked_of_each_record_and_say_the_same(world, as_, lacking, monkeypatch):
    client, lot = as_("process_manager"), lot_of(lacking, Customer)
    monkeypatch.setattr("comity.compliance.operations.lists.SOME", 0)
    gaps, scope = (client.get("/customers/", {name: lacking.id}) for name in ("gaps", "scope"))
    assert rows(gaps) == set(lot.gaps.values_list("ref", flat=True)) != set()
    assert rows(scope) == set(lot.scope.values_list("ref", flat=True))
    assert "not visible to you" not in gaps.content.decode()


def test_other_registers_have_none_of_it(world, as_, lacking):
    assert rows(as_("process_manager").get("/channels/", {"gaps": lacking.id})) == set()


@pytest.mark.parametrize("query", [{"gaps": "NONE-1"}, {"gaps": "BRM-3.3-9", "as_of": "2999-01-01"}])
def test_what_there_is_not_is_refused(world, as_, query):
    assert as_("process_manager").get("/customers/", query).status_code == 400


def test_rights_stay_and_only_readers_of_verdicts_hear_of_the_rest(world, as_, lacking):
    """Who reads verdicts hears how many more there are; whoever else sees own rows, and no number beside them."""
    reader = as_("process_manager").get("/customers/", {"gaps": lacking.id})
    assert "not visible to you" not in reader.content.decode()
    other = as_("complaint_handler").get("/customers/", {"gaps": lacking.id})
    assert rows(other) == rows(reader)
    assert f"/compliance/{lacking.standard}/" not in other.content.decode()


def test_lists_and_decisions_keep_to_the_standards_of_their_reader(world, as_, lacking):
    """Contacts hear of no verdict at whatever door; an auditor of one standard hears nothing of another."""
    waiver = world.create("waiver", "senior_manager", requirement=lacking.id, reason="Small.", ends_on=days_ago(-9))
    auditor, other = world.person("auditor"), next(one for one in catalogue.standards() if one != lacking.standard)
    assert set(readable(kind_of(Waiver), auditor)) == {waiver}
    assert as_("auditor").get("/customers/", {"gaps": lacking.id}).status_code == 200
    limit(auditor, [other], Actor.system("test"))
    for name in ("gaps", "scope"):
        assert as_("auditor").get("/customers/", {name: lacking.id}).status_code == 400
        with pytest.raises(BadQuery):
            register(kind_of(Customer), world.person("customer_contact"), {name: lacking.id})
    assert not readable(kind_of(Waiver), auditor).exists()


def test_what_a_reader_must_not_see_is_counted_and_not_shown(world, as_):
    """A restricted case falls short like any other: its reader hears that there is one more, and nothing of it."""
    case = received(world, received_at=moment(90))
    one = entry_over(Case)
    assert case.ref in set(lot_of(one, Case).gaps.values_list("ref", flat=True))
    with writing():
        Case.objects.filter(pk=case.pk).update(restricted=True)
    client = as_("internal_assessor")
    page = client.get("/cases/", {"gaps": one.id})
    assert case.ref not in page.content.decode()
    assert "not visible to you" in page.content.decode()
    text = client.get(f"/compliance/{one.standard}/{one.id}/").content.decode()
    assert case.ref not in text and "not visible to you" in text


def test_the_number_leads_to_the_register(world, as_, lacking):
    page = as_("auditor").get(f"/compliance/{lacking.standard}/{lacking.id}/records/")
    outcome = answer(Inquiry(), lacking.use)
    alone = len({lot.scope.model for lot in outcome.every_lot if lot.gap_count}) == 1
    alone = alone and not any(one.missing for one in outcome.every_single)
    shown = f"/compliance/{lacking.standard}/{lacking.id}/#found"
    assert page.headers["Location"] == (f"/customers/?gaps={lacking.id}" if alone else shown)


def test_a_list_of_a_day_that_has_passed(world, as_, lacking):
    """Who was no customer yet fell not short yet."""
    yesterday = timezone.localdate() - timedelta(days=1)
    page = as_("process_manager").get("/customers/", {"gaps": lacking.id, "as_of": yesterday})
    assert not {row.name for row in page.context["register"].rows} & {"Silent 0", "Silent 1", "Silent 2"}
    assert f"As of {yesterday}" in page.content.decode()


def test_rules_about_the_same_records_are_one_list(lacking):
    """Each row of a register is asked once whether it belongs to the list, however many rules look at its kind."""
    parts = [
        {"rule": "register_complete", "with": {"population": "customers_active", "fields": [name]}}
        for name in ("location", "name")
    ]
    both = replace(lacking, use=catalogue.Use("all_of", {"parts": parts}))
    with writing():
        Customer.objects.filter(name="Silent 0").update(location="Berlin", name="")
        Customer.objects.filter(name="Silent 1").update(location="Berlin")
    (wrong,) = rows_of(kind_of(Customer), both, True, Inquiry())
    (every,) = rows_of(kind_of(Customer), both, False, Inquiry())
    lots = answer(Inquiry(), both.use).every_lot
    assert set(wrong) == {row for lot in lots for row in lot.gaps} and set(every) == set(lots[0].scope)
    assert {"", "Silent 2"} <= {row.name for row in wrong} and set(every) - set(wrong)
