"""How services, agreements, targets and clauses answer to the requirements. An agreement there is a version here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from comity.agreements.levels import Level, suffices
from comity.agreements.models import TOWARDS_CUSTOMERS, AgreementVersion, Clause, Service, ServiceRequirement, Target
from comity.communications.models import Communication
from comity.improvement.rhythm import Rhythm
from comity.parties.passed import passed
from comity.records.facts import Fact, Part, Rows, Timed, clock, population, predicate, tie, vocabulary
from comity.records.models import Link


def in_force(as_of: datetime) -> Q:
    """Agreed, begun, and neither over, ended nor followed by another version by then."""
    today = timezone.localtime(as_of).date()
    held = Q(agreed_at__lte=as_of, effective_on__lte=today, status__in=("agreed", "in_force"))
    return held & (Q(ends_on__isnull=True) | Q(ends_on__gte=today)) & (Q(ended_on__isnull=True) | Q(ended_on__gt=today))


def valid(as_of: datetime) -> Q:
    """Accepted, begun, and not replaced or retired."""
    return Q(status="current", decided_at__lte=as_of, effective_on__lte=timezone.localtime(as_of).date())


def for_everybody(as_of: datetime) -> Q:
    """Towards customers, and naming neither customers nor a segment nor services: it binds towards all of them."""
    named = {"agreement__customers__isnull": True, "agreement__segment__isnull": True, "services__isnull": True}
    return Q(agreement__type__in=TOWARDS_CUSTOMERS, **named)


vocabulary(
    "service", Service,
    status=Fact("status", words={"active": ("live",)}), recipients=Fact("customers", to="customer"),
    interested_parties=Fact("interested_parties", to="interested_party"), provider_kind="provider_kind",
)  # fmt: skip
vocabulary(
    "agreement", AgreementVersion,
    type="agreement__type", customers=Fact("agreement__customers", to="customer"), in_force=Fact(holds=in_force),
    data_exchange="agreement__data_exchange", support_terms="agreement__support_terms",
    support_contact="agreement__support_contact", parties="agreement__parties", starts_on="effective_on",
    services=Fact("services", to="service"), everybody=Fact(holds=for_everybody),
)  # fmt: skip
vocabulary(
    "target", Target,
    agreement=Fact("agreement_version", to="agreement"), unit="unit_of_value", kpi=Fact("kpi", to="kpi"),
)  # fmt: skip
vocabulary(
    "clause", Clause,
    agreement=Fact("agreement_version", to="agreement"), none="none_agreed",
    obligation=Fact("obligation", words={"true": (True,), "false": (False,)}),
)  # fmt: skip

vocabulary(
    "service_requirement", ServiceRequirement,
    origin=Fact("origin", by_ref=True), customer=Fact("customer", to="customer"), occurred_at="identified_on",
    requester=Fact("requester", to="contact", filled=Q(requester__isnull=False) | ~Q(origin_kind="customer")),
    in_force=Fact(holds=valid), prior_version="replaces",
)  # fmt: skip

tie("service", "customer", "customers")
tie("service_requirement", "customer", "customer")
tie("service_requirement", "interested_party", "party")
tie("service_requirement", "service", "services")
tie("service", "interested_party", "interested_parties")
tie("service", "service", "depends_on")
tie("agreement", "customer", "agreement__customers")
tie("agreement", "service", "services")
tie("target", "agreement", "agreement_version")
tie("target", "kpi", "kpi")
tie("clause", "agreement", "agreement_version")


@clock("requirement_record")
def requirement_record(inquiry: Any) -> Timed:
    """Entered in time after it was said (7.1)."""
    return Timed(Q(entered_late=True), Q(pk__in=[]))


@clock("requirement_response")
def requirement_response(inquiry: Any) -> Timed:
    """Decided in time, and whoever asked was told in time; nobody is told of what we or the law ask for."""
    told = Communication.objects.filter(
        subject_ref=OuterRef("ref"), direction="outbound", status="recorded",
        occurred_at__date__lte=OuterRef("respond_by"),
    )  # fmt: skip
    done = Q(decided_at__date__lte=F("respond_by")) & (Q(Exists(told)) | Q(origin_kind__in=("internal", "law")))
    return Timed(~done & Q(respond_by__lt=inquiry.today), ~done & Q(respond_by__gte=inquiry.today))


@predicate("path of agreement")
def path(as_of: datetime, rows: Rows, *, states: Sequence[str]) -> Part:
    """Drafted, negotiated, agreed and only then in force, told by the trail (7.1)."""
    return passed(rows, states)


@predicate("target_meets_requirement")
def target_meets_requirement(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """What is needed of the level, and was accepted, is met by a target in force that is linked to it (BRM-3.1)."""
    held = AgreementVersion.objects.filter(in_force(as_of)).order_by().values("pk")
    targets = {one.pk: one for one in Target.objects.filter(agreement_version__in=held)}
    pairs = [
        pair
        for here, there in (("from", "to"), ("to", "from"))
        for pair in Link.objects.filter(
            **{f"{here}_kind": "target", f"{there}_kind": "service_requirement"}, at__lte=as_of
        ).values_list(f"{there}_id", f"{here}_id")
        if pair[1] in targets
    ]
    accepted = ServiceRequirement.objects.filter(valid(as_of), category=ServiceRequirement.Category.LEVEL)
    scope = accepted.filter(pk__in=[pk for pk, _target in pairs])
    wanted = {one.pk: _level(one) for one in scope}
    met = [pk for pk, target in pairs if pk in wanted and suffices(_level(targets[target]), wanted[pk])]
    return scope, scope.exclude(pk__in=met)


def _level(one: Target | ServiceRequirement) -> Level:
    return one.metric, one.unit_of_value, one.value


@population("agreements_covering_service")
def agreements_covering_service(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Those towards customers that cover a live service; one that names no service covers all."""
    covers = Q(services__isnull=True) | Q(services__in=Service.objects.filter(status="live").order_by().values("pk"))
    found = AgreementVersion.objects.filter(covers, agreement__type__in=TOWARDS_CUSTOMERS).order_by()
    return rows.filter(pk__in=found.values("pk"))


@population("clauses_in_force")
def clauses_in_force(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """Those of an agreement in force."""
    return rows.filter(agreement_version__in=AgreementVersion.objects.filter(in_force(as_of)).order_by().values("pk"))


@population("obligations_customer")
def obligations_customer(as_of: datetime, rows: Rows, *, inquiry: Any) -> Rows:
    """What an agreement makes us do again and again, and that fell due in the period examined."""
    first, last = (timezone.localtime(at).date() for at in inquiry.period)
    known = rows.values_list("pk", "due_rule", "agreement_version__effective_on")
    return rows.filter(pk__in=[pk for pk, rule, since in known if rule and _due(Rhythm(rule), since, first, last)])


def _due(rule: Rhythm, since: date, first: date, last: date) -> bool:
    """Whether a multiple of the rhythm, counted from the day it took effect, lies after `first` and up to `last`."""
    turn = (max(first, since) - since).days // rule.days + 1
    return since + timedelta(days=turn * rule.days) <= last
