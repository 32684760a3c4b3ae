"""What was promised in a case and is tracked to its end: actions, and improvements that outlive it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from comity.cases.models import Case, timing
from comity.cases.operations import people, telling
from comity.cases.rules.notices import Event
from comity.clocks.parameters import limit
from comity.clocks.rules import due
from comity.communications.operations import about as said_about
from comity.improvement.models import Action, Improvement
from comity.improvement.operations import improvements_of
from comity.records import write
from comity.records.access import may
from comity.records.kind import kind_of
from comity.records.trail import Actor

DONE = (Action.Status.DONE, Action.Status.VERIFIED)


def action(case: Case, title: str, owner: str, due_on: date, actor: Actor) -> Action:
    """Promise something in this case: what, who, until when."""
    values = {"title": title[:200], "source_ref": case.ref, "customer": case.customer, "owner": owner, "due_on": due_on}
    return write.create(kind_of(Action), values, actor=_author(actor, Action), unit=case.unit)  # type: ignore[no-any-return]


def improvement(case: Case, title: str, analysis: str, actor: Actor, source: str = "") -> Improvement:
    """Propose an improvement out of this case; whoever decides on it is another person."""
    until = due(timing.calendar_of(case), timezone.now(), limit("request_raise_days"))
    values = {
        "title": title[:200],
        "type": Improvement.Type.OPPORTUNITY,
        "source_ref": source or case.ref,
        "customer": case.customer,
        "topic": str(case.topic or "")[:100],
        "owner": case.handler,
        "analysis": analysis,
        "due_on": timezone.localdate(until),
    }
    author = _author(actor, Improvement)
    return write.create(kind_of(Improvement), values, actor=author, unit=case.unit)  # type: ignore[no-any-return]


def _author(actor: Actor, model: type[Action] | type[Improvement]) -> Actor:
    """The person, or the rule where the person may decide on such records but not propose them."""
    return actor if may(actor, kind_of(model), "create") else Actor.system("BRM-3.3-15", actor.via)


def improvements(source: Case | Action) -> list[Improvement]:
    """Those proposed out of the case itself, or those that carry one of its actions on."""
    return list(improvements_of(source))


def decided(one: Improvement) -> bool:
    return one.decided_at is not None


def rejected(one: Improvement) -> bool:
    return one.status == Improvement.Status.REJECTED


def unsettled(case: Case) -> Iterator[Action]:
    """Actions neither done nor moved to an improvement that the customer was told of. Cancelling is neither."""
    for one in Action.objects.filter(source_ref=case.ref).exclude(status__in=DONE).order_by("pk"):
        if not any(_told(case, moved) for moved in improvements_of(one)):
            yield one


def _told(case: Case, moved: Improvement) -> bool:
    if case.anonymous or case.contact_id is None:
        return True
    return bool(moved.told_ref) or said_about(moved, direction="outbound").exists()


def move_to_improvement(case: Case, one: Action, *, actor: Actor, reason: str) -> Improvement:
    """Carry an action on as an improvement, and tell the customer so."""
    moved = improvement(case, one.title, reason, actor, source=one.ref)
    notice = telling.tell(case, Event.ACTION, actor, asked=True, what=one.title, improvement=moved.ref, why=reason)
    if notice is not None:
        telling.log(case, telling.Purpose.PROGRESS, notice.summary, notice.body, actor, subject=moved.ref)
    return moved


def find_action(case: Case, ref: str) -> Action:
    """An open action of this case by its reference. Raises ValidationError."""
    rows = Action.objects.filter(source_ref=case.ref, status__in=Action.OPEN)
    found = rows.filter(ref=ref.strip().upper()).first()
    if found is None or improvements_of(found).exists():
        raise ValidationError({"open_action": _("This case has no such open action.")})
    return found


def overdue_after_closing(today: date) -> Iterator[tuple[Case, Action | Improvement]]:
    """What was promised in cases that are closed, and whose day has passed, whoever carries it on by now."""
    actions = list(Action.objects.filter(source_kind="case", status__in=Action.OPEN, due_on__lt=today))
    to_do = Q(status__in=(*Improvement.UNDECIDED, *Improvement.AT_WORK))
    late = to_do & Q(due_on__lt=today) | ~to_do & Q(next_due__lt=today)  # a day of decision was promised to nobody
    moved = list(Improvement.objects.filter(late, source_kind__in=("case", "action")))
    refs = [one.source_ref for one in moved]
    origin = dict(Action.objects.filter(ref__in=refs, source_kind="case").values_list("ref", "source_ref"))
    carried = Improvement.objects.filter(source_ref__in=[one.ref for one in actions])
    gone = set(carried.values_list("source_ref", flat=True))
    found: list[tuple[str, Action | Improvement]] = [(one.source_ref, one) for one in actions if one.ref not in gone]
    found += [(origin.get(one.source_ref, one.source_ref), one) for one in moved]
    cases = Case.objects.filter(ref__in={ref for ref, _one in found}, status=Case.Status.CLOSED)
    known = {case.ref: case for case in cases}
    yield from ((known[ref], one) for ref, one in found if ref in known)


def internal_investigation(case: Case, actor: Actor) -> Action:
    """Look into a grave complaint though the customer no longer asks for it."""
    levels = people.chain(case)
    free = next((person for person in [*levels[1], *levels[2]] if person.pk not in people.about(case)), case.handler)
    until = due(timing.calendar_of(case), timezone.now(), limit("complaint_investigate_days"))
    write.note_auto(case, gettext_noop("Withdrawn, but grave: it is still investigated inside."), actor)
    title = _("Investigate internally: %(case)s") % {"case": case}
    return action(case, title, free.email if free else "", timezone.localdate(until), actor)
