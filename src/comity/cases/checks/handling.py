"""Who handles complaints, where they can go up to, and whether the customer heard what was wished (BRM-3.3, 7.1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from comity.accounts.models import Grant, in_force
from comity.accounts.roles import Role
from comity.cases.checks.names import IS_OPEN, NOBODY_TO_TELL
from comity.cases.models import Case
from comity.cases.rules.notices import Event
from comity.cases.rules.words import Classification
from comity.clocks.models import standard
from comity.communications.models import Communication
from comity.improvement.models import Improvement
from comity.improvement.telling import told_as_wished
from comity.parties.duties import Duty
from comity.parties.models import Acceptance, Contact, Responsibility
from comity.parties.operations import holding
from comity.records.facts import Part, Rows, Unrecorded, predicate, spoken

COMPLAINTS = Q(classification=Classification.COMPLAINT.value)
CHAIN = (
    (Duty.COMPLAINT_OWNER, ()),
    (Duty.PROCESS_MANAGER, (Role.PROCESS_MANAGER,)),
    (Duty.OPERATIONS_DIRECTOR, (Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER)),
)
"""The levels of escalation: the duty that answers, and the groups that stand behind it."""

ALL = ~Q(pk__in=[])
TOLD = {
    Event.ACKNOWLEDGED: ("acknowledged_at", "acknowledgement"),
    Event.FIRST_ANSWER: ("answered_at", "answer", "result"),
    Event.RESOLVED: ("resolved_at", "result"),
    Event.CLOSED: ("closed_at", "progress", "decision", "recourse"),
}
"""What a customer can wish to hear: the moment of it, and the purposes of notices that tell it."""


def day_of(as_of: datetime) -> Any:
    return timezone.localtime(as_of).date()


@predicate("handler_load")
def handler_load(as_of: datetime, rows: Rows | None, *, max_open_per_handler: float) -> Part:
    """No handler of complaints has more open ones than can be worked on (CSMS:2003 10.1)."""
    staff, day = spoken("staff"), day_of(as_of)
    granted = Grant.objects.filter(in_force(day), role=Role.COMPLAINT_HANDLER).values("person")
    named = Responsibility.objects.filter(holding(day), role=Duty.COMPLAINT_HANDLER).values("person")
    scope = staff.rows.filter(staff.at("status", as_of), Q(pk__in=granted) | Q(pk__in=named))
    held = Case.objects.filter(COMPLAINTS, IS_OPEN, handler__isnull=False).order_by().values("handler")
    too_many = held.annotate(n=Count("pk")).filter(n__gt=max_open_per_handler).values_list("handler", flat=True)
    return scope, scope.filter(pk__in=list(too_many))


@predicate("escalation_route_staffed")
def escalation_route_staffed(as_of: datetime, rows: Rows | None) -> Part:
    """Each level answers today for each active customer, by somebody who handles none of its open cases (7.1).

    The levels are those of a complaint procedure in force; without one there is no route to be staffed.
    """
    customers = spoken("customer").rows.filter(status="active")
    version = spoken("document_version")
    ruled = version.rows.filter(version.at("in_force", as_of), document__type="complaint_procedure").exists()
    day, unanswered = day_of(as_of), Q(pk__in=[])
    levels = [_answering(duty, roles, day) for duty, roles in CHAIN]
    busy = _busy({person for towards in levels for person in towards})
    for towards in levels:
        answered = Q(pk__in=[])
        for person, reach in towards.items():
            answered |= reach & ~Q(pk__in=busy[person])
        unanswered |= ~answered
    scope = customers if ruled else customers.none()
    return scope, scope.filter(unanswered)


def _answering(duty: str, roles: tuple[Role, ...], day: Any) -> dict[int, Q]:
    """Who answers at a level, for which customers: who holds the duty towards them, or is in a group behind it."""
    held = Responsibility.objects.filter(holding(day), role=duty, subject_ref="")
    towards: dict[int, Q] = {}
    for person, customer, segment in held.values_list("person", "customer", "segment"):
        one = Q(pk=customer) if customer else Q(category=segment) | Q(segment=segment) if segment else ALL
        towards[person] = towards.get(person, Q(pk__in=[])) | one
    behind = Grant.objects.filter(in_force(day), in_force(day, "person__"), role__in=roles, person__is_active=True)
    return towards | dict.fromkeys(behind.values_list("person", flat=True), ALL)


def _busy(people: Collection[int]) -> dict[int, set[int]]:
    """The customers of whom each of these people handles an open case.

    Not asked to be distinct: a database would walk all cases by customer for that, instead of the few that are theirs.
    """
    found: dict[int, set[int]] = {person: set() for person in people}
    open_ones = Case.objects.filter(IS_OPEN, handler__in=people).order_by()
    for handler, customer in open_ones.values_list("handler", "customer"):
        found[handler].add(customer)
    return {person: customers - {None} for person, customers in found.items()}


@predicate("complaint_process_understood")
def complaint_process_understood(as_of: datetime, rows: Rows | None, *, satisfaction_interval_days: float) -> Part:
    """Active customers confirmed that they know the complaint procedure in force. Answers to a survey would do, too;
    where none is recorded the confirmation alone decides (7.1)."""
    scope = spoken("customer").rows.filter(status="active")
    version = spoken("document_version")
    known = version.rows.filter(version.at("in_force", as_of), document__type="complaint_procedure").values("ref")
    given = Acceptance.objects.filter(
        type="confirmed", status="given", version_ref__in=known, accepted_at__lte=as_of, contact__isnull=False
    )
    return scope, scope.exclude(pk__in=Contact.objects.filter(pk__in=given.values("contact")).values("customer"))


@predicate("notification_wish_met")
def notification_wish_met(as_of: datetime, rows: Rows, *, complaint_notify_days: float) -> Part:
    """The wish is on record, and nothing is owed under it: news that were asked for or are usual, the result always.

    Who cannot be told anything, being anonymous, is left out (BRM-3.3-13).
    """
    if rows.model is Improvement:
        return told_as_wished(as_of, rows, complaint_notify_days)
    if rows.model is not Case:
        raise Unrecorded(f"notification wish of {rows.model._meta.model_name}")
    scope = rows.exclude(NOBODY_TO_TELL)
    since = standard().add_days(as_of, -int(complaint_notify_days))
    owed = Q(news_due_at__lt=as_of) | IS_OPEN & Q(tell_at__lt=since) & ~Q(status="resolved")
    untold = Q(resolved_at__lte=since, result_notice__isnull=True)
    for event, (moment, *purposes) in TOLD.items():
        wished = Q(notification_wish__events__icontains=f'"{event.value}"')
        untold |= wished & Q(**{f"{moment}__lte": since}) & ~Q(_told(purposes))
    return scope, scope.filter(Q(notification_wish={}) | owed | untold)


def _told(purposes: list[str]) -> Exists:
    rows = Communication.objects.filter(subject_ref=OuterRef("ref"), direction="outbound", status="recorded")
    return Exists(rows.filter(purpose__in=purposes))
