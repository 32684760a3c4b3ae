"""What the words of requirements mean on a review and its points, and what these hang together with."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from comity.clocks.parameters import number
from comity.communications.models import Communication
from comity.measures.models import Kpi
from comity.records.facts import Fact, Rows, tie, vocabulary
from comity.reviews.models import Agenda, Review, ReviewPoint

S, N = Review.Status, ReviewPoint.Nature
HELD = (S.MINUTED.value, S.REPORTED.value, S.FOLLOWED_UP.value, S.CLOSED.value)
"""A review counts as held with its minutes: people were there, and it is written down what they said (7.1)."""

SAID = ~Q(conclusion="")
_KPIS = Kpi.objects.filter(process_ref=OuterRef("process__ref"), status=Kpi.Status.ACTIVE).order_by()
_SCORES = ReviewPoint.objects.filter(SAID, review=OuterRef(OuterRef("pk")), subject_ref=OuterRef("ref"))
SCORED = Q(Exists(_KPIS)) & ~Q(Exists(_KPIS.filter(~Exists(_SCORES))))
"""Each active indicator of the process under review has a point of the review that says how it stands."""


def attended(as_of: datetime) -> Q:
    """Somebody of a customer took part."""
    return Q(pk__in=Review.attended.through.objects.values("review"))


def shared(as_of: datetime) -> Q:
    """Somebody of a customer got word of it (ISO/IEC 20000-1:2011 7.1)."""
    told = Communication.objects.filter(
        subject_kind="review", direction="outbound", status="recorded", contact__isnull=False, occurred_at__lte=as_of
    )
    return Q(ref__in=told.order_by().values("subject_ref"))


def before(versions: Rows) -> Q:
    """Reviews of a document, or of a version of it, that were held before one of these versions was released."""
    newer = versions.filter(released_at__gt=OuterRef("held_at"))
    of_document = newer.filter(document__ref=OuterRef("subject_ref"))
    return Q(Exists(of_document)) | Q(Exists(newer.filter(document__versions__ref=OuterRef("subject_ref"))))


def entry(*natures: str) -> Fact:
    """A point that says something of this nature."""
    return Fact("conclusion", filled=SAID & Q(nature__in=natures))


vocabulary(
    "review", Review,
    status=Fact("status", words={"held": HELD}), occurred_at="held_at", starts_at="starts_on",
    tags="occasion", process="process__tag", minutes_approval="minutes_approved_at",
    leader=Fact("leader", to="staff"), owner=Fact("leader", to="staff"),  # who leads a review owns it
    attendees=Fact("participants", to="staff"),
    preparer=Fact("preparer", to="staff"), host=Fact("host", to="staff"),
    invited_customer_contact=Fact("invited", to="contact"), contacts=Fact("attended", to="contact"),
    customer_attended=Fact(holds=attended),
    customers=Fact("customers", to="customer"), services=Fact("services", to="service"),
    subject=Fact("subject_ref", by_ref=True), conclusions=Fact("conclusions"), shared_with=Fact(holds=shared),
    newer_versions=Fact(to="document_version", of=before),
    minute_points=Fact("points", to="review_point"), concerns=Fact("points", to="customer_concern"),
    needs=Fact("points", to="review_need"), kpi_scores=Fact("points", filled=SCORED),
)  # fmt: skip
vocabulary(
    "review_point", ReviewPoint,
    review=Fact("review", to="review"), type="review__type", topic="agenda", author=Fact("entered_by", to="staff"),
    subject=Fact("subject_ref", by_ref=True), none="nothing", case_topic="topic",
    notes=Fact("conclusion", filled=SAID), conclusion=Fact("conclusion", filled=SAID & ~Q(nature=N.NOTES)),
    decision=entry(N.DECISION), verdict=entry(N.VERDICT, N.DECISION), input_report=entry(N.INPUT_REPORT),
    direction=Fact(
        "conclusion",
        filled=SAID & (Q(nature=N.DIRECTION) | Q(agenda__in=(Agenda.TREND.value, Agenda.PREVENTIVE_TREND.value))),
    ),
)  # fmt: skip
vocabulary("customer_concern", ReviewPoint, Q(agenda=Agenda.CUSTOMER_CONCERNS.value, nothing=False))
vocabulary("review_need", ReviewPoint, Q(agenda=Agenda.NEED_CHANGES.value, nothing=False))

tie("review", "customer", "customers")
tie("review", "service", "services")
tie("review", "contact", "attended")
tie("review", "process", "process")
for _kind in ("review_point", "customer_concern", "review_need"):
    tie(_kind, "review", "review")
    tie(_kind, "case", "case")
    tie(_kind, "service", "service")
    tie(_kind, "improvement", "improvement")


def held(as_of: datetime, *types: str) -> QuerySet[Review]:
    """The held reviews of these types, newest first."""
    return Review.objects.filter(type__in=types, status__in=HELD, held_at__lte=as_of).order_by("-held_at", "-pk")


def lately(as_of: datetime) -> datetime:
    """Since when verdicts look back."""
    return as_of - timedelta(days=number("evidence_window_days", as_of))


def day_of(at: datetime) -> date:
    return timezone.localtime(at).date()
