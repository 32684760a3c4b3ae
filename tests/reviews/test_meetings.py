"""Reviews with customers and of the management: planned, prepared, held, minuted, reported, followed up, closed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from comity.communications.models import Communication
from comity.parties.models import Acceptance
from comity.records import write
from comity.records.access import NotReadable, readable
from comity.records.kind import kind_named
from comity.records.models import writing
from comity.records.write import NotAllowed, Refused
from comity.reviews.confirming import answers_to
from comity.reviews.meetings import MANDATORY
from comity.reviews.models import Review, ReviewPoint, Type
from comity.web.writing import opened
from tests.worlds import World

PM, PR = "project_manager", "process_manager"


def planned(world: World, by: str = PM, **changed: Any) -> Any:
    """A service review with the customer, of today."""
    values = {
        "type": "service", "starts_on": timezone.localdate(), "leader": world.email(by),
        "customers": [world.customer.ref], "invited": [world.contact.ref], **changed,
    }  # fmt: skip
    return world.create("review", by, **values)


def met(world: World, review: Any, **changed: Any) -> Any:
    who = {"participants": [world.email(PM)], "attended": [world.contact.ref]}
    return world.move(review, "meet", PM, **{"mode": "meeting", **who, **changed})


def talked(world: World, review: Any, topic: str, **changed: Any) -> Any:
    values = {"review": review.ref, "list": "agenda", "agenda": topic, "conclusion": "As it was.", **changed}
    return world.create("review_point", PM, **values)


def whole_agenda(world: World, review: Any) -> None:
    for topic in MANDATORY[Type.SERVICE]:
        talked(world, review, topic)


def test_a_service_review_goes_its_way(world: World) -> None:
    review = planned(world)
    part: dict[str, Any] = {"preparer": world.email(PM), "host": world.email(PM)}
    review = world.move(review, "prepare", PM, agenda="Five topics and your concerns.", **part)
    review = met(world, review)
    whole_agenda(world, review)
    review = world.move(review, "minute", PM, minutes="1. Nothing changes.")
    review = world.move(review, "report", PM)
    told = Communication.objects.filter(subject_ref=review.ref, contact=world.contact)
    assert sorted(told.values_list("purpose", flat=True)) == ["minutes", "review_findings"]
    assert review.minutes_approved_by == world.person(PM)
    later = timezone.localdate() + timedelta(days=180)
    review = world.move(review, "follow_up", PM, next_on=later, conformity_checklist="All conforms.")
    following = Review.objects.get(type="service", status="planned")
    assert (following.starts_on, list(following.customers.all())) == (later, [world.customer])
    review = world.move(review, "complete", PR)
    assert review.status == "closed" and review.closed_at


def test_without_the_customer_it_was_not_held(world: World) -> None:
    review = planned(world)
    with pytest.raises(Refused, match="No contact of the customer took part"):
        met(world, review, attended=[])
    assert Review.objects.get(pk=review.pk).status == "planned"


def test_minutes_want_every_topic_or_an_express_nothing(world: World) -> None:
    review = met(world, planned(world))
    first, *others = MANDATORY[Type.SERVICE]
    for topic in others:
        talked(world, review, topic)
    with pytest.raises(Refused, match="no entry for: Changes of needs"):
        world.move(review, "minute", PM, minutes="1.")
    assert Review.objects.get(pk=review.pk).status == "held"
    talked(world, review, first, conclusion="", nothing=True)
    assert world.move(review, "minute", PM, minutes="1.").status == "minuted"


@pytest.mark.parametrize(("values", "field"), [({"agenda": ""}, "agenda"), ({"conclusion": ""}, "conclusion")])
def test_an_entry_has_its_topic_and_says_something(world: World, values: dict[str, str], field: str) -> None:
    review = met(world, planned(world))
    with pytest.raises(ValidationError) as refused:
        talked(world, review, **{"topic": values.get("agenda", "scope"), **values})
    assert list(refused.value.message_dict) == [field]
    assert not ReviewPoint.objects.exists()


def test_entries_of_a_closed_review_stay(world: World) -> None:
    review = met(world, planned(world))
    whole_agenda(world, review)
    review = world.move(review, "minute", PM, minutes="1.")
    review = world.move(review, "report", PM)
    review = world.move(review, "follow_up", PM, next_on=timezone.localdate() + timedelta(days=180))
    world.move(review, "complete", PR)
    with pytest.raises(ValidationError):
        talked(world, review, "outcomes")
    assert ReviewPoint.objects.count() == len(MANDATORY[Type.SERVICE])


def test_a_review_keeps_what_it_was_held_about(world: World) -> None:
    review = met(world, planned(world))
    who = world.actor(PM)
    with pytest.raises(ValidationError) as refused:
        write.update(review, {"leader": world.email(PR), "type": "operational"}, actor=who)
    assert set(refused.value.message_dict) == {"leader", "type"}
    with writing():
        Review.objects.filter(pk=review.pk).update(status="closed")
    with pytest.raises(ValidationError) as refused:
        write.update(review, {"minutes": "Better ones.", "audience": "The board"}, actor=who)
    assert set(refused.value.message_dict) == {"minutes"}
    found = Review.objects.get(pk=review.pk)
    assert (found.leader.email, found.type, found.minutes, found.audience) == (world.email(PM), "service", "", "")
    assert set(opened(found.kind, found, world.person(PM)).fields) == {"audience"}


def test_only_what_something_called_for_is_waived(world: World) -> None:
    regular, called_for = planned(world), planned(world, occasion="agreement_drafting")
    with pytest.raises(Refused, match="regular review is not waived"):
        world.move(regular, "waive", PM, note="No time.")
    assert Review.objects.get(pk=regular.pk).status == "planned"
    assert world.move(called_for, "waive", PM, note="One word changes.").status == "waived"


@pytest.mark.parametrize(
    ("by", "of"), [(PM, "complaint_analysis"), (PM, "management"), (PR, "service"), ("senior_manager", "service")]
)
def test_each_type_is_planned_by_those_who_answer_for_it(world: World, by: str, of: str) -> None:
    first = timezone.localdate().replace(day=1) - timedelta(days=1)
    months = {"period_from": first.replace(day=1), "period_to": first}
    with pytest.raises(NotAllowed):
        planned(world, by, type=of, **months)
    assert not Review.objects.exists()


def test_who_may_not_read_a_type_does_not_see_it(world: World) -> None:
    service, management = planned(world), planned(world, "senior_manager", type="management")
    seen = {name: set(readable(kind_named("review"), world.person(name))) for name in (PM, PR, "supplier_contact")}
    assert seen == {PM: {service}, PR: {service, management}, "supplier_contact": set()}


def test_steps_of_the_analysis_are_its_own(world: World) -> None:
    review = planned(world)
    with pytest.raises(Refused, match="belongs to the analysis"):
        world.move(review, "hold", PR, trend="Up.")
    assert Review.objects.get(pk=review.pk).status == "planned"


def test_the_page_shows_the_agenda_and_no_figures(world: World, client: Client) -> None:
    review = met(world, planned(world))
    talked(world, review, "scope", conclusion="The scope stays.")
    client.force_login(world.person(PM))
    page = client.get(review.url)
    assert page.status_code == 200 and "The scope stays." in page.content.decode()
    for path in ("paper/", "workbook/"):
        assert client.get(f"{review.url}{path}").status_code == 404
    assert client.get("/reviews/new/").status_code == 200


def test_a_closed_analysis_has_its_texts_on_the_agenda(world: World) -> None:
    first = timezone.localdate().replace(day=1) - timedelta(days=1)
    months = {"period_from": first.replace(day=1), "period_to": first}
    review = planned(world, PR, type="complaint_analysis", customers=[], invited=[], **months)
    review = world.move(review, "hold", PR, trend="Fewer than before.")
    following = timezone.localdate() + timedelta(days=60)
    world.move(review, "close", PR, ranking="Billing comes first.", conclusions="Go on.", next_on=following)
    said = dict(ReviewPoint.objects.filter(list="agenda").values_list("agenda", "conclusion"))
    assert said == {"trend": "Fewer than before.", "ranking": "Billing comes first."}


def test_minutes_are_confirmed_as_they_are_and_corrected_ones_anew(world: World, client: Client) -> None:
    review = met(world, planned(world))
    whole_agenda(world, review)
    review = world.move(review, "minute", PM, minutes="1. Nothing changes.", conclusions="INSIDE view.")
    reader, kind = world.person("customer_contact"), kind_named("review")
    assert not readable(kind, reader).exists()
    review = world.move(review, "report", PM)
    seen = readable(kind, reader).get(ref=review.ref)
    assert seen.minutes == "1. Nothing changes." and {"customer_state", "capability_rating"} <= seen.hidden
    assert set(readable(kind_named("review_point"), reader)) == set(review.points.all())

    # what was approved changes by a correction only
    with pytest.raises(ValidationError):
        write.update(review, {"minutes": "2."}, actor=world.actor(PM))
    with pytest.raises(ValidationError):
        talked(world, review, "outcomes")
    assert Review.objects.get(pk=review.pk).minutes == "1. Nothing changes." and not review.points.filter(
        agenda="outcomes"
    )

    # an objection in words, a correction, a confirmation of just this version
    review = world.move(review, "object", "customer_contact", note="Two things change.")
    assert [one.objection for one in answers_to(review)] == ["Two things change."]
    review = world.move(review, "correct", PM, minutes="1. Two things change.", note="The customer is right.")
    assert [one.at for one in answers_to(review)] == [None] and review.minutes_no == 2
    review = world.move(review, "confirm", "customer_contact")
    given = Acceptance.objects.get(version_ref=review.ref)
    assert (given.type, given.version_no, given.contact) == ("confirmed", 2, world.contact)
    with pytest.raises(Refused, match="have confirmed"):
        world.move(review, "confirm", "customer_contact")
    assert Acceptance.objects.filter(version_ref=review.ref).count() == 1
    client.force_login(world.person(PM))
    assert "Confirmed by the customer" in client.get(review.url).content.decode()
    told = Communication.objects.filter(subject_ref=review.ref, purpose="minutes").order_by("pk")
    assert [said.body[:12] for said in told] == ["1. Nothing c", "1. Two thing"]


def test_only_who_took_part_confirms(world: World) -> None:
    review = met(world, planned(world), attended=[world.child_contact.ref])
    whole_agenda(world, review)
    review = world.move(world.move(review, "minute", PM, minutes="1."), "report", PM)
    with pytest.raises(NotReadable):
        world.move(review, "confirm", "customer_contact")
    assert not Acceptance.objects.filter(version_ref=review.ref).exists()
    assert not readable(kind_named("review"), world.person("customer_contact")).exists()
