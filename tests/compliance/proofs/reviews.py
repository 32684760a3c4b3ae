"""Rules over reviews: their life, their points, with whom they were held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.agreements.models import Agreement, AgreementVersion
from comity.communications.models import Communication
from comity.documents.models import DocumentVersion
from comity.improvement.models import Action, ChangeRequest
from comity.parties.models import Customer, Process
from comity.records import write
from comity.records.models import Entry
from comity.reviews.models import Review, ReviewPoint
from tests.compliance.proofs import membership, proof
from tests.compliance.proofs.agreements_requirements import requirement
from tests.compliance.proofs.cases import ago, complaint
from tests.improvement.test_change_request import change
from tests.measures.test_measures import kpi
from tests.worlds import World, days_ago

Sides = tuple[list[Any], list[Any]]
LEADER = {"service": "project_manager", "agreement": "project_manager", "management": "senior_manager"}


def review(world: World, of: str = "service", days: int = 20, **columns: Any) -> Any:
    """A review of the type that was held so many days ago, with minutes, unless the columns say otherwise."""
    by = LEADER.get(of, "process_manager")
    months = {"period_from": days_ago(400).replace(day=1), "period_to": days_ago(0).replace(day=1) - timedelta(days=1)}
    made = world.create(
        "review", by, type=of, leader=world.email(by), starts_on=days_ago(days), customers=[world.customer.ref],
        **(months if of == "complaint_analysis" else {}),
    )  # fmt: skip
    made.attended.set([world.contact])
    held = {"held_at": ago(days=days), "status": "closed"}
    Review.objects.filter(pk=made.pk).update(**{**held, **columns})
    return Review.objects.get(pk=made.pk)


def point(world: World, of: Any, **columns: Any) -> Any:
    """A point of a review, whatever state that is in."""
    made = ReviewPoint(
        review=of, unit=of.unit, entered_by=world.person("process_manager"), entered_at=timezone.now(),
        changed_at=timezone.now(), ref=f"RVP-{ReviewPoint.objects.count() + 1:05d}", **columns,
    )  # fmt: skip
    made.save()
    return made


@proof("path_followed", rule="path_followed", machine="service_review", population="reviews_closed",
       states=["planned", "held", "closed"])  # fmt: skip
class Path:
    """Closed, though nothing in the trail says that it took place."""

    def met(self, world: World) -> None:
        self._steps(review(world, closed_at=ago(days=1)), ("meet", 20), ("complete", 1))

    def gap(self, world: World) -> None:
        self.other = review(world, closed_at=ago(days=1))
        self._steps(self.other, ("complete", 1))

    def repair(self, world: World) -> None:
        self._steps(self.other, ("meet", 20))

    def _steps(self, of: Any, *steps: tuple[str, int]) -> None:
        for act, days in steps:
            Entry.objects.create(
                at=timezone.now(), happened_at=ago(days=days), actor_id=0, actor="Paula", via="web", kind="review",
                record_id=of.pk, ref=of.ref, act=act,
            )  # fmt: skip


@proof("review_mode_proven", rule="predicate", name="review_mode_proven")
class Mode:
    """A review in writing is none with the customer."""

    def met(self, world: World) -> None:
        self.review = review(world)

    def gap(self, world: World) -> None:
        Review.objects.filter(pk=self.review.pk).update(mode="written")

    def repair(self, world: World) -> None:
        Review.objects.filter(pk=self.review.pk).update(mode="video")


@proof("review_mode_proven", rule="predicate", name="review_mode_proven")
class Attended:
    """And a meeting that no contact attended neither."""

    def met(self, world: World) -> None:
        self.review = review(world)

    def gap(self, world: World) -> None:
        self.review.attended.clear()

    def repair(self, world: World) -> None:
        self.review.attended.set([world.contact])


@proof("extra_review_held", rule="predicate", name="extra_review_held", trigger="agreement_drafting")
class Drafting:
    """The second version of the agreement took effect thirty days ago; a regular review does not stand for the talk."""

    def met(self, world: World) -> None:
        AgreementVersion.objects.filter(pk=world.first.pk).update(effective_on=days_ago(500))
        self.review = review(world, days=40, occasion="agreement_drafting")

    def gap(self, world: World) -> None:
        Review.objects.filter(pk=self.review.pk).update(occasion="")

    def repair(self, world: World) -> None:
        review(world, days=35, occasion="agreement_drafting", status="waived", held_at=None)

    def empty(self, world: World) -> None:
        AgreementVersion.objects.update(agreed_at=None)


@proof("extra_review_held", rule="predicate", name="extra_review_held", trigger="major_change")
class MajorChange:
    """A change of three months was talked over before, after and meanwhile; then the last talk had another cause."""

    def met(self, world: World) -> None:
        row = change(world, object_ref=world.service.ref)
        at = {"approved_at": ago(days=140), "implemented_at": ago(days=40), "status": "implemented"}
        ChangeRequest.objects.filter(pk=row.pk).update(type="major", **at)
        world.service.customers.set([world.customer])
        held = [review(world, days=days, occasion="major_change") for days in (150, 30, 90)]
        self.between = Review.objects.filter(pk=held[-1].pk)

    def gap(self, world: World) -> None:
        self.between.update(occasion="")

    def repair(self, world: World) -> None:
        self.between.update(occasion="major_change")


@proof(
    "commitment_matches_requirements", rule="predicate", name="commitment_matches_requirements",
    population="internal_supply_in_force",
)  # fmt: skip
class Matches:
    """Reviewed since its requirement began; then a version of that begins; then it is looked at again."""

    def met(self, world: World) -> None:
        Agreement.objects.update(type="internal_supply")
        self.need = requirement(world, decided_at=ago(days=300), effective_on=days_ago(300))
        write.link(world.second, "serves", self.need, actor=world.actor("process_manager"))
        review(world, "agreement", days=200, subject_ref=world.second.ref)

    def gap(self, world: World) -> None:
        more = {"decided_at": ago(days=100), "effective_on": days_ago(100)}
        requirement(world, replaces=self.need, **more)

    def repair(self, world: World) -> None:
        write.link(review(world, "agreement"), "about", world.second, actor=world.actor("process_manager"))

    def empty(self, world: World) -> None:
        AgreementVersion.objects.update(agreed_at=None)


@membership("reviews_service_scheduled")
def reviews_service_scheduled(world: World) -> Sides:
    return [review(world, status="planned", held_at=None)], [
        review(world),
        review(world, "management", status="planned"),
    ]


@membership("reviews_since_previous")
def reviews_since_previous(world: World) -> Sides:
    review(world, "brm_analysis", 100)
    review(world, "brm_analysis", 10)
    between, before, after = review(world, days=50), review(world, days=150), review(world, days=5)
    return [between], [before, after, review(world, days=50, status="planned")]


@membership("reviews_operational_retained")
def reviews_operational_retained(world: World) -> Sides:
    return [review(world, "operational", 900)], [review(world, "operational", status="planned"), review(world)]


@membership("reviews_management_retained")
def reviews_management_retained(world: World) -> Sides:
    return [review(world, "management", 900)], [review(world, "management", status="planned"), review(world)]


@membership("complaint_topics_top")
def complaint_topics_top(world: World) -> Sides:
    """The newest complaint of each of the three most frequent points."""
    analysis = review(world, "complaint_analysis")
    codes = ("availability", "billing", "response", "behaviour")
    terms = [complaint(world).topic, *_terms(codes[1:])]
    older, newer = complaint(world), complaint(world)
    last = complaint(world)
    last._meta.model.objects.filter(pk=last.pk).update(topic=terms[3])
    for number, term in zip((9, 8, 7, 6), terms, strict=True):
        point(world, analysis, list="recurring", service=world.service, topic=term, number=number)
    return [newer], [older, last]


def _terms(codes: tuple[str, ...]) -> list[Any]:
    from comity.records.models import Term

    found = list(Term.objects.filter(list="case_topic").exclude(code="availability").order_by("pk")[: len(codes)])
    assert len(found) == len(codes)
    return found


@membership("complaint_groups_root_cause")
def complaint_groups_root_cause(world: World) -> Sides:
    analysis, planned = review(world, "complaint_analysis"), review(world, "complaint_analysis", status="planned")
    [other] = _terms(("billing",))
    older, newer, elsewhere = complaint(world), complaint(world), complaint(world, topic=other)
    group = {"service": world.service, "outcome": "root_cause"}
    point(world, analysis, list="recurring", topic=newer.topic, **group)
    point(world, planned, list="recurring", topic=other, **group)
    return [newer], [older, elsewhere]


@membership("actions_of_complaint_analysis")
def actions_of_complaint_analysis(world: World) -> Sides:
    newest, before = review(world, "complaint_analysis"), review(world, "complaint_analysis", 90)
    return [action(world, newest.ref)], [action(world, before.ref), action(world, review(world).ref)]


@membership("actions_of_operational_reviews")
def actions_of_operational_reviews(world: World) -> Sides:
    return [action(world, review(world, "operational").ref)], [action(world, review(world).ref)]


@membership("actions_of_management_reviews")
def actions_of_management_reviews(world: World) -> Sides:
    return [action(world, review(world, "management").ref)], [action(world, review(world).ref)]


def action(world: World, source: str) -> Any:
    """An action that names the review as its source, whoever of us may read that."""
    made = world.create("action", "complaint_handler", title="See to it", due_on=days_ago(-9))
    Action.objects.filter(pk=made.pk).update(source_ref=source, source_kind="review")
    return made


@membership("measurements_workload")
def measurements_workload(world: World) -> Sides:
    from tests.compliance.proofs.agreements import target

    limit, promise = target(world, type="workload_limit", metric="volume"), target(world, metric="volume")
    inside, old = measured(world, limit, 9), measured(world, limit, 900)
    return [inside], [old, measured(world, promise, 9)]


def measured(world: World, of: Any, days: int) -> Any:
    return world.create(
        "measurement", "process_manager", target_ref=of.ref, type="actual", value=7, period_end=days_ago(days),
        source="Ticket system",
    )  # fmt: skip


@membership("versions_newer")
def versions_newer(world: World) -> Sides:
    """What is released; a draft is not."""
    draft = world.create(
        "document_version", "process_manager", document=world.definition.document.ref, body="x",
        author=world.email("process_manager"),
    )  # fmt: skip
    return [world.definition], [draft]


@proof("linked", rule="linked", population="reviews_reissue", to="versions_newer")
class Reissued:
    """A review asked for a new version, and one came; the version that was looked at is none."""

    def met(self, world: World) -> None:
        about = {"subject_ref": world.definition.document.ref, "result": "reissued"}
        self.row = review(world, "document", **about)
        self.versions = DocumentVersion.objects.filter(pk=world.definition.pk)
        self.repair(world)

    def gap(self, world: World) -> None:
        self.versions.update(released_at=ago(days=21))

    def repair(self, world: World) -> None:
        self.versions.update(released_at=ago(days=19))


@proof("planned_interval", rule="planned_interval", kind="review", per="customers_active",
       every="understanding_interval_days", shared_with="customer_contact")  # fmt: skip
class Shared:
    """What a review came to was told to a contact of each customer."""

    def met(self, world: World) -> None:
        Customer.objects.update(entered_at=ago(days=700))
        row = review(world)
        row.customers.set([world.customer, world.child])
        self.told = world.create(
            "communication", "process_manager", direction="outbound", summary="What we found", subject_ref=row.ref,
            contact=world.contact.ref,
        )  # fmt: skip

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.told.pk).update(contact=None)

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.told.pk).update(contact=world.contact)

    def empty(self, world: World) -> None:
        Customer.objects.update(status="retired")


@proof("clock state_limit", rule="clock_met", clock="state_limit", population="reviews_open")
class Standstill:
    """A review that was reported long ago has no limit; one that is minuted for months without a report has."""

    def met(self, world: World) -> None:
        review(world, days=80, status="reported")
        self.row = Review.objects.filter(pk=review(world, days=60, status="reported").pk)

    def gap(self, world: World) -> None:
        self.row.update(status="minuted")

    def repair(self, world: World) -> None:
        self.row.update(status="reported")


@proof("planned_interval", rule="planned_interval", kind="review", per="processes_customer_facing", type="process",
       every="process_review_days", fields=["kpi_scores"])  # fmt: skip
class Scored:
    """The review of a process says how each of its indicators stands; then a second one is not spoken of."""

    def met(self, world: World) -> None:
        by = "process_manager"
        self.process = world.create("process", by, name="Repair", type="delivery", customer_facing=True)
        Process.objects.filter(pk=self.process.pk).update(entered_at=ago(days=500))
        self.review = review(world, "process", process=self.process)
        first = kpi(world, process_ref=self.process.ref)
        point(world, self.review, agenda="outcomes", subject_ref=first.ref, conclusion="4 of 4.", list="agenda")

    def gap(self, world: World) -> None:
        self.second = kpi(world, title="Time", process_ref=self.process.ref)

    def repair(self, world: World) -> None:
        point(world, self.review, agenda="outcomes", subject_ref=self.second.ref, conclusion="3.", list="agenda")
