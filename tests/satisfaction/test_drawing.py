"""Who is drawn, who is left out and why, that the draw can be repeated, and that nobody has a hand in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Grant, Person
from comity.accounts.roles import Role
from comity.parties import consents
from comity.parties.models import Contact
from comity.records import write
from comity.records.access import NotAllowed, NotReadable
from comity.records.models import Entry
from comity.records.trail import Actor, Refused
from comity.satisfaction import drawing
from comity.satisfaction.models import Invitation, Survey, SurveySample
from tests.worlds import World


def people(world: World, customer: Any, n: int, type: str = "user") -> list[Contact]:
    """So many contacts more, without the one write path: the drawing alone is looked at."""
    like, first = world.contact, Contact.objects.order_by("-pk")[0].pk + 1
    rows: Any = QuerySet(Contact)
    made = [
        Contact(
            ref=f"CON-{pk:05}", name=f"Person {pk}", type=type, customer=customer, email=f"p{pk}@x.example",
            unit=like.unit, entered_by=like.entered_by, entered_at=like.entered_at, changed_at=like.changed_at,
        )
        for pk in range(first, first + n)
    ]  # fmt: skip
    return list(rows.bulk_create(made))


def planned(world: World, **more: Any) -> Survey:
    day = timezone.localdate()
    values = {"title": "Once a year", "planned_on": day, "closes_on": day + timedelta(days=20), "population": "All."}
    survey: Survey = world.create("survey", "process_manager", **(values | more))
    return survey


def test_chance_draws_within_strata_and_everybody_left_out_is_counted(world: World) -> None:
    users = people(world, world.customer, 360)
    people(world, world.customer, 38, "customer")
    out, lately, silent = users[:3], users[3], users[4]
    for one in out:
        consents.choose(one, "surveys", False, Actor.system("opt_out"))
    QuerySet(Contact).filter(pk=silent.pk).update(email="")
    before = planned(world, title="Another")
    Invitation.objects.create(survey=before, contact=lately, at=timezone.now() - timedelta(days=20))
    world.move(users[5], "end", "process_manager", note="Gone.")
    survey = planned(world)
    for name in ("relationship_manager", "complaint_handler", "customer_contact", "auditor"):
        with pytest.raises((NotAllowed, NotReadable)):
            world.move(survey, "sample", name)
    both = world.person("process_manager")
    grant = Grant.objects.create(person=both, role=Role.RELATIONSHIP_MANAGER, unit=world.root)
    with pytest.raises(Refused, match="does not draw"):
        write.transition(survey, "sample", actor=Actor(Person.objects.get(pk=both.pk)))
    grant.delete()
    assert not SurveySample.objects.exists() and Invitation.objects.count() == 1

    survey = world.move(survey, "sample", "process_manager")
    sample = SurveySample.objects.get()
    active = Contact.objects.filter(status="active", customer__status="active", type__in=("customer", "user"))
    assert sample.frame_size == active.count() == sum(one["frame"] for one in sample.strata) == 399
    assert sample.exclusions == {"opted_out": 3, "asked_lately": 1, "no_address": 1, "left": 1}
    drawn = set(Invitation.objects.filter(survey=survey).values_list("contact", flat=True))
    assert drawn.isdisjoint({one.pk for one in (*out, lately, silent, users[5])})
    assert len(drawn) == sample.selected == sum(one["selected"] for one in sample.strata)
    assert sample.wanted == 78 and sample.type == "random"
    by_stratum = {one["name"]: one for one in sample.strata}
    assert {one["role"] for one in sample.strata} == {"customer", "user"}
    assert by_stratum[f"{world.customer.ref}/user"]["selected"] > 200, "every third is expected to answer"
    assert all(one["selected"] >= 1 for one in sample.strata)
    assert world.customer in sample.customers.all()


def test_too_few_to_hide_among_are_not_asked_without_names(world: World) -> None:
    survey = planned(world, anonymous=True)
    for _twice in range(2):
        with pytest.raises(Refused, match="at least 5"):
            world.move(survey, "sample", "process_manager")
        assert Survey.objects.get(pk=survey.pk).status == "planned" and not Invitation.objects.exists()
    people(world, world.customer, 5)
    assert world.move(survey, "sample", "process_manager").status == "sampled"


def test_the_draw_can_be_repeated_and_shows_when_somebody_had_a_hand_in_it(world: World) -> None:
    people(world, world.customer, 60)
    survey = world.move(planned(world), "sample", "process_manager")
    sample = SurveySample.objects.get(survey=survey)
    assert sample.seed == survey.seed and drawing.same_again(sample)
    line = Entry.objects.get(kind="survey_sample", act="create")
    assert line.rule == "ISO20000-7.1-28", "chance drew, no person"
    taken = Invitation.objects.filter(survey=survey).first()
    assert taken is not None
    Invitation.objects.filter(pk=taken.pk).delete()
    assert not drawing.same_again(sample)


def test_a_small_frame_is_asked_as_a_whole_and_a_thousand_in_few_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    whole = world.move(planned(world), "sample", "process_manager")
    assert SurveySample.objects.get().type == "census"
    assert SurveySample.objects.get().selected == Invitation.objects.filter(survey=whole).count()
    Invitation.objects.all().delete()
    people(world, world.customer, 1000)
    survey = planned(world)
    with django_assert_max_num_queries(60):
        world.move(survey, "sample", "process_manager")
    sample = SurveySample.objects.get(survey=survey)
    assert sample.wanted == 88 and Invitation.objects.count() == sample.selected >= 88 / 0.3


def test_who_opts_out_in_the_portal_is_not_drawn_and_counted(world: World) -> None:
    outside, desk = Client(), Client()
    outside.force_login(world.person("customer_contact"))
    assert outside.post("/portal/me/", {"purpose": "surveys", "wanted": "0"}).status_code == 303
    survey = world.move(planned(world), "sample", "process_manager")
    assert not Invitation.objects.filter(survey=survey, contact=world.contact).exists()
    assert Invitation.objects.filter(survey=survey).exists()
    desk.force_login(world.person("process_manager"))
    page = desk.get(survey.url).content.decode()
    assert "Does not wish to be asked</dt><dd>1</dd>" in page
    assert "Does not wish to be asked" in desk.get(f"{survey.url}results/").content.decode()
