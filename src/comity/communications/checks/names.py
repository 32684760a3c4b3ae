"""The names of channels, communications and plans as requirements use them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from comity.communications.models import Channel, Communication, CommunicationPlan, PlanLine, PlanParty
from comity.records.facts import Fact, spoken, tie, vocabulary


def in_force(as_of: datetime) -> Q:
    """Plans that were approved by then, and neither replaced nor ended."""
    return Q(approved_at__lte=as_of) & (Q(over_at__isnull=True) | Q(over_at__gt=as_of))


def for_every_customer(as_of: datetime) -> Q:
    """Channels that name no customers are for all of them; those for our own people are not."""
    return Q(customers__isnull=True) & ~Q(audience=Channel.Audience.STAFF)


def for_all_staff(as_of: datetime) -> Q:
    return Q(audience=Channel.Audience.STAFF)


def lines_for_everybody(as_of: datetime) -> Q:
    """Lines of a plan that names no party count where no nearer one is needed."""
    return Q(plan__customer__isnull=True, plan__segment__isnull=True, plan__interested_party__isnull=True)


def plans_for_everybody(as_of: datetime) -> Q:
    return Q(customer__isnull=True, segment__isnull=True, interested_party__isnull=True)


def of_a_whole_period(as_of: datetime) -> Q:
    """Reports that came out of an analysis of complaints: its lists hold every complaint of its period (7.1)."""
    reviews = spoken("review")
    held = reviews.rows.filter(
        type="complaint_analysis", status__in=reviews.fact("status").words["held"], held_at__lte=as_of,
        period_to__isnull=False,
    )  # fmt: skip
    return Q(subject_ref__in=held.order_by().values("ref"))


def to_whom_it_concerns(as_of: datetime) -> Q:
    """Said to the customer of the improvement that it is about, or to many at once where that names none."""
    improvements = spoken("improvement").rows.filter(ref=OuterRef("subject_ref")).order_by()
    of_one = improvements.filter(customer__isnull=False)
    return Q(Exists(of_one.filter(customer=OuterRef("customer")))) | Q(bulk=True) & ~Q(Exists(of_one))


vocabulary(
    "channel", Channel,
    purposes="purposes__code", customers=Fact("customers", to="customer"),
    every_customer=Fact(holds=for_every_customer), every_staff=Fact(holds=for_all_staff),
)  # fmt: skip
vocabulary(
    "communication", Communication,
    party=Fact("customer", to="customer", filled=Q(customer__isnull=False) | Q(contact__isnull=False)),
    contact=Fact("contact", to="contact"), channel=Fact("channel", to="channel"),
    party_kind=Fact("contact__type", words={"customer": ("customer", "user"), "supplier": ("supplier",)}),
    interested_party=Fact("contact__interested_parties", to="interested_party"),
    supplier=Fact("contact__supplier", to="supplier"),
    subject=Fact("subject_ref", by_ref=True), version_carried=Fact("version_carried", by_ref=True),
    plan_line=Fact("plan_line", to="plan_line"), communication_plan=Fact("plan_line__plan", to="communication_plan"),
    tags="tags__code", named_audience="audience",
    released_at="occurred_at",  # what was said is out
    customers_concerned=Fact(holds=to_whom_it_concerns), covers=Fact(holds=of_a_whole_period), change="changes",
    recipients=Fact("recipients", to="staff"),
)  # fmt: skip
vocabulary(
    "communication_plan", CommunicationPlan,
    in_force=Fact(holds=in_force), lines=Fact("lines", to="plan_line"), parties=Fact("parties", to="plan_party"),
    party=Fact("customer", to="customer"), of_category=Fact("segment__customers_of_category", to="customer"),
    of_market=Fact("segment__customers_of_segment", to="customer"),
    interested_party=Fact("interested_party", to="interested_party"),
    party_contacts="parties__contact", own_people="parties__own_person",
    feedback_channel=Fact("feedback_channel", to="channel"), every_customer=Fact(holds=plans_for_everybody),
)  # fmt: skip
vocabulary(
    "plan_line", PlanLine,
    plan=Fact("plan", to="communication_plan"), channel=Fact("channel", to="channel"),
    contact=Fact("contact", to="contact"), party=Fact("plan__customer", to="customer"),
    of_category=Fact("plan__segment__customers_of_category", to="customer"),
    of_market=Fact("plan__segment__customers_of_segment", to="customer"),
    interested_party=Fact("plan__interested_party", to="interested_party"),
    every_customer=Fact(holds=lines_for_everybody),
)  # fmt: skip
vocabulary(
    "plan_party", PlanParty,
    plan=Fact("plan", to="communication_plan"), contact=Fact("contact", to="contact"),
    own_person=Fact("own_person", to="staff"),
)  # fmt: skip

tie("channel", "customer", "customers")
tie("communication", "customer", "customer")
tie("communication", "supplier", "contact__supplier")
