"""The analysis as a record: filled lists, a conclusion for each point, the next one dated (BRM-3.3-16 to 3.3-22)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from comity.accounts.models import ApiToken
from comity.cases.models import Case
from comity.cases.rules import figures as rules
from comity.communications.models import Communication
from comity.improvement.models import Improvement
from comity.jobs.models import Job, asked_by
from comity.records import write
from comity.records.files import files_of
from comity.records.models import Entry
from comity.records.write import NotAllowed, Refused
from comity.reviews.jobs import keep_report
from comity.reviews.models import Review, ReviewPoint
from comity.reviews.review_report import of_review
from tests.cases.conftest import staffed
from tests.cases.test_figures import settle
from tests.standing import layer, stood
from tests.web.visitors import visitor
from tests.worlds import assign

PR = "process_manager"
ENDING = {"outcome_reasons": "It is so.", "cause_area": "service", "improvement_need": False}


def planned(desk, leader=PR, **changed):
    """An analysis of the months up to the last one."""
    this = timezone.localdate().replace(day=1)
    values = {
        "starts_on": timezone.localdate(), "period_from": rules.after(this, -3), "period_to": this - timedelta(days=1),
        "leader": desk.world.email(leader), **changed,
    }  # fmt: skip
    return desk.world.create("review", PR, **values)


def next_month():
    return (timezone.now().replace(day=1) + timedelta(days=32)).replace(day=1)


@layer
def reviewed_month(world):
    """Three complaints on one point, one of them without agreement, one grave, one reopened; the month has ended."""
    with staffed(world) as desk:
        first = next_month()
        desk.clock.move_to(first + timedelta(days=-first.weekday() % 7))  # what falls due does so within the month
        cases = [desk.at("closed", topic="billing") for _n in range(3)]
        grave = desk.register(severity="critical", topic="")
        fine = desk.at("closed", topic="availability")
        desk.register(origin="internal", severity="critical", topic="billing")
        desk.move(Case.objects.get(pk=cases[0].pk), "reopen", "process_manager", "It came back.")
        desk.until(next_month())
        desk.sweep()
        return planned(desk), {"cases": cases, "grave": grave, "fine": fine}, timezone.now()


@pytest.fixture(name="reviewed_month")
def _reviewed_month(world):
    return stood("reviewed_month", world)


@pytest.fixture
def review(desk, reviewed_month):
    made, made.cast, now = reviewed_month
    desk.clock.move_to(now)
    return made


def held(desk, review, **data):
    return desk.world.move(review, "hold", PR, trend="Billing goes up.", **data)


def point(review, name):
    return ReviewPoint.objects.filter(review=review, list=name).order_by("pk")


def conclude_all(desk, review):
    for one in review.points.filter(status="open"):
        desk.world.move(one, "conclude", PR, conclusion="Seen and judged.", outcome="none")


def test_the_lists_are_filled(desk, review):
    cast = review.cast
    review = desk.world.move(review, "fill", PR)
    [recurring] = point(review, "recurring")
    assert (recurring.service_id, recurring.topic.code, recurring.number) == (desk.world.service.pk, "billing", 3)
    assert {one.case_id for one in point(review, "grave")} == {cast["grave"].pk}
    unsettled = {one.case_id: one.why for one in point(review, "unsettled")}
    assert unsettled[cast["cases"][0].pk] == "reopened" and cast["fine"].pk not in unsettled
    assert unsettled[cast["grave"].pk] == "open past its time"
    assert review.complaints == 5 and review.left_over == 0
    assert Entry.objects.filter(kind="review", record_id=review.pk, rule="BRM-3.3-16").exists()
    before = ReviewPoint.objects.count()
    desk.world.move(review, "fill", PR)
    assert ReviewPoint.objects.count() == before


def test_it_is_not_held_before_its_period_has_ended(desk):
    this = timezone.localdate().replace(day=1)
    review = planned(desk, period_from=this, period_to=rules.after(this) - timedelta(days=1))
    with pytest.raises(Refused, match="period has not ended"):
        held(desk, review)
    assert Review.objects.get(pk=review.pk).status == "planned" and not ReviewPoint.objects.exists()


@pytest.mark.parametrize("leader, why", [("complaint_handler", "no process manager"), ("assistant", "worked on")])
def test_a_leader_is_a_process_manager_who_handled_nothing(desk, review, leader, why):
    if leader == "assistant":
        case = Case.objects.get(pk=review.cast["cases"][1].pk)
        write.assign(case, {"investigator": desk.world.person("assistant")}, actor=desk.rule())
    review = desk.world.create("review", PR, leader=desk.world.email(leader), starts_on=review.starts_on,
                               period_from=review.period_from, period_to=review.period_to)  # fmt: skip
    with pytest.raises(Refused, match=why):
        held(desk, review)
    assert Review.objects.get(pk=review.pk).status == "planned"


def test_no_point_stays_without_conclusion(desk, review):
    review = held(desk, review)
    closing = {"conclusions": "Two things.", "next_on": timezone.localdate() + timedelta(days=60)}
    with pytest.raises(Refused) as refused:
        desk.world.move(review, "close", PR, **closing)
    first = review.points.order_by("pk").first()
    assert f"{review.points.count()} points have no conclusion" in refused.value.missing[0]
    assert first.ref in refused.value.missing[0]
    assert Review.objects.get(pk=review.pk).status == "held"
    conclude_all(desk, review)
    assert desk.world.move(review, "close", PR, **closing).status == "closed"


def test_the_next_one_is_dated_soon_enough(desk, review):
    review = held(desk, review)
    conclude_all(desk, review)
    for days in (0, 93, 400):
        then = timezone.localdate() + timedelta(days=days)
        with pytest.raises(Refused, match="within 92 days"):
            desk.world.move(review, "close", PR, conclusions="Done.", next_on=then)
    assert Review.objects.count() == 1


def test_closing_plans_the_next(desk, review):
    review = held(desk, review)
    conclude_all(desk, review)
    desk.world.move(review, "close", PR, conclusions="Done.", next_on=timezone.localdate() + timedelta(days=80))
    following = Review.objects.exclude(pk=review.pk).get()
    assert following.status == "planned" and following.starts_on == timezone.localdate() + timedelta(days=80)
    assert following.period_from == review.period_to + timedelta(days=1) and following.period_to < following.starts_on
    assert following.leader == review.leader and following.next_due == following.starts_on


def test_a_root_cause_needs_the_owner_of_the_process(desk, review):
    review = held(desk, review)
    [one] = point(review, "recurring")
    owner = desk.world.email("project_manager")
    asked = {"conclusion": "The bills are wrong.", "outcome": "root_cause"}
    with pytest.raises(Refused, match="Name the owner"):
        desk.world.move(one, "conclude", PR, **asked)
    with pytest.raises(Refused, match="answers for no process"):
        desk.world.move(one, "conclude", PR, **asked, process_owner=owner)
    assert ReviewPoint.objects.get(pk=one.pk).status == "open" and not Improvement.objects.exists()
    assign(desk.world, "process_owner", "project_manager")
    one = desk.world.move(one, "conclude", PR, **asked, process_owner=owner)
    made = one.improvement
    assert (made.type, made.source_ref, made.owner.email) == ("corrective", one.ref, owner)
    conclude_all(desk, review)
    closing = {"conclusions": "Done.", "next_on": timezone.localdate() + timedelta(days=60)}
    with pytest.raises(Refused, match="no participant"):
        desk.world.move(review, "close", PR, **closing)
    assert desk.world.move(review, "close", PR, **closing, participants=[owner]).status == "closed"


def test_an_improvement_is_proposed_or_named(desk, review):
    review = held(desk, review)
    first, *_rest = point(review, "unsettled")
    one = desk.world.move(first, "conclude", PR, conclusion="Better.", outcome="improvement")
    assert one.improvement.type == "preventive" and one.improvement.status == "proposed"
    [two] = point(review, "grave")
    two = desk.world.move(
        two, "conclude", PR, conclusion="Same.", outcome="improvement", improvement=one.improvement.ref
    )
    assert two.improvement == one.improvement and Improvement.objects.count() == 1


def test_what_is_concluded_is_reconsidered_before_it_changes(desk, review):
    review = held(desk, review)
    [one] = point(review, "grave")
    one = desk.world.move(one, "conclude", PR, conclusion="Nothing.", outcome="none")
    with pytest.raises(ValidationError):
        write.update(one, {"conclusion": "Something."}, actor=desk.world.actor(PR))
    assert ReviewPoint.objects.get(pk=one.pk).conclusion == "Nothing."
    one = desk.world.move(one, "reconsider", PR, note="New facts.")
    assert desk.world.move(one, "conclude", PR, conclusion="Something.", outcome="none").conclusion == "Something."


def test_others_conclude_and_close_nothing(desk, review):
    review = held(desk, review)
    [one] = point(review, "grave")
    for name in ("complaint_handler", "relationship_manager", "operations_director", "auditor"):
        for record, step, data in ((one, "conclude", {"conclusion": "x", "outcome": "none"}), (review, "close", {})):
            with pytest.raises((NotAllowed, write.NotReadable)):
                desk.world.move(record, step, name, **data)
    assert ReviewPoint.objects.get(pk=one.pk).status == "open" and Review.objects.get(pk=review.pk).status == "held"


def test_a_period_is_of_whole_months(desk):
    for wrong in ({"period_from": date(2026, 1, 2)}, {"period_to": date(2026, 3, 30)},
                  {"period_from": date(2026, 5, 1), "period_to": date(2026, 4, 30)}):  # fmt: skip
        with pytest.raises(ValidationError):
            planned(desk, **{"period_from": date(2026, 1, 1), "period_to": date(2026, 3, 31), **wrong})
    assert not Review.objects.exists()


def test_the_report_is_issued_and_kept(desk, review):
    review = held(desk, review)
    conclude_all(desk, review)
    review = desk.world.move(review, "close", PR, conclusions="Bills are to be checked.",
                             next_on=timezone.localdate() + timedelta(days=60))  # fmt: skip
    review = desk.world.move(review, "issue", PR, audience="Operations director, customers' council")
    said = Communication.objects.get(purpose="complaint_report")
    assert said.subject_ref == review.ref and "customers' council" in said.body and review.published_at
    job = Job.objects.get(name="comity.reviews.jobs.keep_report")
    settle()
    keep_report.call(*job.args)
    [file] = files_of(review)
    assert file.name == f"{review.ref}.pdf" and file.size > 10_000
    texts = [block.text for block in of_review(review, desk.world.person(PR)).blocks if hasattr(block, "text")]
    assert "Bills are to be checked." in texts


def test_its_pages(desk, review):
    review = held(desk, review)
    settle()
    client = visitor(desk.world.person(PR))
    page = client.get(review.url).content.decode()
    assert "without conclusion" in page and f"/review-points/?review={review.ref}&amp;list=grave" in page
    assert client.get(f"/reviews/{review.ref}/paper/")["Content-Type"] == "application/pdf"
    assert client.get(f"/reviews/{review.ref}/workbook/").status_code == 200
    [one] = point(review, "grave")
    assert one.ref in client.get(one.case.url).content.decode()
    handler = visitor(desk.world.person("complaint_handler"))
    assert handler.get(f"/reviews/{review.ref}/paper/").status_code == 404
    assert one.ref not in handler.get(one.case.url).content.decode()


def test_whoever_issues_it_through_the_interface_asked_for_the_job(desk, review):
    review = held(desk, review)
    conclude_all(desk, review)
    review = desk.world.move(review, "close", PR, conclusions="Done.",
                             next_on=timezone.localdate() + timedelta(days=60))  # fmt: skip
    person = desk.world.person(PR)
    token = ApiToken.issue(person, "press", ["read", "write"], 1)[1]
    path = f"/api/v1/{review.kind.path}/{review.ref}/transitions/issue"
    body = {"version": review.version, "data": {"audience": "Everybody"}}
    told = {"authorization": f"Bearer {token}"}
    assert Client().post(path, body, content_type="application/json", headers=told).status_code == 200
    assert Job.objects.get(name="comity.reviews.jobs.keep_report").person == person.pk
    assert asked_by.get() is None, "and nobody else's after that"
