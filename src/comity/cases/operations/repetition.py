"""The topic rule at work: one bundle for what keeps coming back, put to the operations director (BRM-3.3-23)."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from comity.cases.models import Case, Escalation, timing
from comity.cases.models.choices import CloseGround, EscalationStatus, EscalationType, Trigger
from comity.cases.operations import people
from comity.cases.rules import escalation as levels
from comity.cases.rules.topics import Bundling, bundling, window
from comity.cases.rules.words import Classification
from comity.clocks.parameters import limit, number
from comity.clocks.rules import due
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor

AT_ONCE = 200  # members taken into a bundle in one go; the rest follow with the next case


def counted(case: Case, by: str) -> QuerySet[Case]:
    """The complaints that count together with this one: same topic, and same service or same customer."""
    since = window(timezone.now(), round(limit("repeat_days").value))
    same = {"topic": case.topic_id, by: getattr(case, f"{by}_id"), "received_at__gte": since}
    rows = Case.objects.filter(classification=Classification.COMPLAINT, **same)
    return rows.exclude(close_ground=CloseGround.RECLASSIFIED)


def open_bundle(case: Case, by: str) -> Escalation | None:
    """The bundle that waits for its coordination decision."""
    rows = Escalation.objects.filter(
        type=EscalationType.TOPIC_BUNDLE, status=EscalationStatus.OPEN, topic=case.topic_id
    )
    if by == "service":
        return rows.filter(service=case.service_id, customer__isnull=True).first()
    return rows.filter(customer=case.customer_id, service__isnull=True).first()


def look(case: Case, actor: Actor) -> Escalation | None:
    """Count what came in on the case's topic, per service and per customer; open or join a bundle."""
    found = None
    for by in ("service", "customer"):
        if case.topic_id is None or getattr(case, f"{by}_id") is None:
            continue
        bundle, rows = open_bundle(case, by), counted(case, by)
        step = bundling(rows.count(), round(number("repeat_count")), bundle_open=bundle is not None)
        if step == Bundling.NOTHING:
            continue
        if bundle is None:
            bundle = _open(case, by, rows, actor)
        _join(bundle, rows.filter(Q(bundle__isnull=True) | Q(repeated=False)), actor)
        found = found or bundle
    return found


def _open(case: Case, by: str, rows: QuerySet[Case], actor: Actor) -> Escalation:
    level, person, _skipped = people.addressee(case, levels.TOP)
    now = timezone.now()
    values = {
        "type": EscalationType.TOPIC_BUNDLE,
        "topic": case.topic,
        "level": level.level,
        "trigger": Trigger.REPETITION,
        "person": person,
        "raised_at": now,
        "due_at": due(timing.calendar_of(case), now, limit("escalation_silence_days")),
        "compiled_summary": summary(rows),
        by: getattr(case, by),
    }
    return write.create(kind_of(Escalation), values, actor=actor, unit=case.unit)  # type: ignore[no-any-return]


def _join(bundle: Escalation, rows: QuerySet[Case], actor: Actor) -> None:
    for member in rows.order_by("received_at", "pk")[:AT_ONCE]:
        values = {"repeated": True} | ({"bundle": bundle} if member.bundle_id is None else {})
        write.assign(member, values, actor=actor, act="bundle")
        write.note_auto(
            member, gettext_noop("Part of the topic bundle %(ref)s: the same point was raised repeatedly."), actor,
            ref=bundle.ref,
        )  # fmt: skip


def summary(rows: QuerySet[Case]) -> str:
    """The compiled list that the operations director reads first; no complainant is named."""
    lines = [_("%(number)s complaints on this topic:") % {"number": rows.count()}]
    for case in rows.select_related("service", "customer").order_by("received_at", "pk")[:AT_ONCE]:
        parts = (
            case.ref, f"{timezone.localtime(case.received_at):%Y-%m-%d}", case.get_severity_display(),
            case.get_status_display(), str(case.service or case.conduct or "–"), str(case.customer or "–"),
            "–" if case.restricted else case.title,
        )  # fmt: skip
        lines.append(" · ".join(str(part) for part in parts))
    return "\n".join(lines)
