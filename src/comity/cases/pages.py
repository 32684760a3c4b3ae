"""What the desk sees on a case: its clocks, its people, what it went through, what was said and promised."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Min
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.cases.models import timing
from comity.cases.models.choices import EVENTS
from comity.cases.operations import escalating, people, problems, promises
from comity.cases.rules.deadlines import Clock
from comity.cases.rules.notices import WISHABLE, Wish, notice
from comity.clocks.parameters import number
from comity.communications.reading import said_about
from comity.documents.models import DocumentVersion
from comity.documents.operations import agreed_by
from comity.improvement.against import shown_to
from comity.improvement.operations import actions_of, findings_of
from comity.records.access import may, readable, readable_of
from comity.records.hanging import has
from comity.records.kind import kind_named
from comity.records.reading import relate
from comity.web.gate import person_of
from comity.web.navigation import place
from comity.web.panels import panel

CLOCKS = {
    Clock.ACKNOWLEDGE: _("Acknowledge"),
    Clock.TRIAGE: _("Assess"),
    Clock.ANSWER: _("Substantive answer"),
    Clock.INVESTIGATE: _("Investigate"),
    Clock.RESOLVE: _("Resolve"),
}
FINDINGS = (
    "plan", "facts", "views_of_parties", "cause_category", "cause_area", "at_fault", "upheld", "needs",
    "improvement_need", "no_action_reason", "level_analysis", "outcome", "outcome_reasons",
)  # fmt: skip
SHOWN = 200
Context = dict[str, Any] | None

place(
    _("Take in a case"), "/cases/intake/", icon="phone-incoming", group=_("Complaint desk"), order=20,
    visible=lambda person: may(person, kind_named("case"), "create"),
)  # fmt: skip


@panel("case", "cases/reader.html", place="main", order=1)
def reader(record: Any, request: HttpRequest) -> Context:
    """Restricted and confidential cases say so."""
    if not (record.restricted or record.confidential):
        return None
    return {"hidden": bool(record.hidden)}


@panel("case", "cases/answers.html", place="main", order=2, label=_("What the form asked"))
def answered(record: Any, request: HttpRequest) -> Context:
    """The public form by which it came, and what was answered to the questions that no field of a case holds."""
    form = record.public_form
    if form is None and not record.answers:
        return None
    return {"form": form, "known": readable_of([form] if form else [], person_of(request))}


@panel("case", "cases/clocks.html", place="side", order=5, label=_("Deadlines"))
def clocks(record: Any, request: HttpRequest) -> Context:
    """Each clock with its date, whether it was kept, and a way to see why this date."""
    now, rows = timezone.now(), []
    for clock, column in timing.COLUMN.items():
        due, stopped = getattr(record, column), getattr(record, timing.STOPPED_BY[clock])
        if due is None:
            continue
        ended = stopped or record.closed_at
        waits = clock == Clock.RESOLVE and record.waits_for_improvement and not ended
        rows.append(
            {
                "clock": clock.value,
                "label": CLOCKS[clock],
                "due": due,
                "ended": ended,
                "late": not waits and (ended or now) > due,
                "waits": waits,
                "running": ended is None and not waits,
            }
        )
    for label, stopped in ((_("Assign"), record.assigned_at), (_("Classify"), record.classified_at)):
        if record.ack_due_at and not (record.closed_at and stopped is None):
            late = (stopped or now) > record.ack_due_at
            running = stopped is None
            rows.append({"clock": "acknowledge", "label": label, "due": record.ack_due_at, "ended": stopped,
                         "late": late, "waits": False, "running": running})  # fmt: skip
    figure = record.figure(now)
    return {"rows": rows, "breaches": record.breaches, "figure": figure} if rows or record.next_due_at else None


@panel("case", "cases/findings.html", place="main", order=20, label=_("Investigation"))
def findings(record: Any, request: HttpRequest) -> Context:
    """What was found out, and what came of it."""
    found = []
    for name in FINDINGS:
        field, value = record._meta.get_field(name), getattr(record, name)
        if value not in (None, ""):
            shown = getattr(record, f"get_{name}_display", lambda value=value: value)()
            found.append((field.verbose_name, shown))
    if not found and record.risk_score is None:
        return None
    return {"found": found}


@panel("case", "cases/promises.html", place="main", order=25, label=_("Actions and improvements"))
def promised(record: Any, request: HttpRequest) -> Context:
    """What was promised goes on being tracked after the answer."""
    if not has(record, "raised"):
        return None
    person = person_of(request)
    actions: list[Any] = shown_to(person, actions_of(record).select_related("owner"))
    improvements: list[Any] = [
        *promises.improvements(record),
        *(one for a in actions for one in promises.improvements(a)),
    ]
    improvements, findings = shown_to(person, improvements), shown_to(person, findings_of(record))
    after = not record.is_open and any(one.next_due for one in (*actions, *improvements))
    known = readable_of((*actions, *improvements, *findings), person)
    shown = {"actions": actions, "improvements": improvements, "findings": findings}
    return {**shown, "after": after, "known": known} if any(shown.values()) else None


@panel("case", "cases/people.html", place="side", order=10, label=_("Who works on it"))
def parts(record: Any, request: HttpRequest) -> Context:
    """Handler, investigator, those complained about, and who answers at the next level: objectivity in one view."""
    me = person_of(request)
    reader_is_named = me.pk in people.about(record)
    assignable = record.kind.workflow["assign"].sources
    to_me = me != record.handler and not reader_is_named and record.status in assignable and may(me, record, "assign")
    level = min(3, record.escalation_level + 1)
    found, person, skipped = people.addressee(record, level) if record.is_open else (None, None, [])
    most = round(number("max_open_per_handler"))
    count = people.open_cases(record.handler, most * 10)  # beyond ten times too many it does not matter
    return {
        "named": list(record.about.all()),
        "too_many": count if count > most else 0,
        "reader_is_named": reader_is_named,
        "to_me": me.email if to_me else "",
        "may_derive": may(me, record.kind, "create"),
        "next_level": found.level if found else None,
        "next_role": _(escalating.LEVEL_NAMES[found.level]) if found else "",
        "next_person": person,
        "skipped": skipped,
    }


@panel("case", "cases/escalations.html", place="main", order=15, label=_("Escalation"))
def escalations(record: Any, request: HttpRequest) -> Context:
    """Each hand-over: why, to whom, until when, and the answer."""
    if not record.escalation_level and record.bundle_id is None:
        return None
    rows = list(record.escalations.select_related("person", "answered_by").order_by("pk"))
    bundle = record.bundle
    if not rows and bundle is None:
        return None
    person = person_of(request)
    known = readable_of((*rows, *([bundle] if bundle else ())), person)
    mine = [one.pk for one in rows if one.person_id == person.pk]
    return {"rows": rows, "bundle": bundle, "mine": mine, "known": known}


@panel("case", "cases/referrals.html", place="main", order=16, label=_("Outside bodies"))
def referrals(record: Any, request: HttpRequest) -> Context:
    """Who outside looks at it, with what offer, outcome and cost (ISO 10003)."""
    person = person_of(request)
    rows = []
    if has(record, "referrals"):
        rows = list(readable(kind_named("referral"), person).filter(case=record).order_by("pk"))
    may_refer = record.is_complaint and record.reject_count > 0 and may(person, kind_named("referral"), "create")
    return {"rows": rows, "may_refer": may_refer} if rows or may_refer else None


@panel("case", "cases/wish.html", place="side", order=20, label=_("Notification wish"))
def wish(record: Any, request: HttpRequest) -> Context:
    """What the customer wants to hear; not having asked is a gap."""
    if record.origin != "customer":
        return None
    asked: Wish = record.wish
    events = [EVENTS[event] for event in WISHABLE if notice(event, asked, anonymous=record.anonymous).due]
    return {"wish": asked, "events": events, "tell_at": record.tell_at}


@panel("case", "cases/definition.html", place="side", order=30, label=_("Definition of a complaint"))
def definition(record: Any, request: HttpRequest) -> Context:
    """The version that held for the customer at receipt, and whether the customer had agreed to it."""
    version = record.definition
    if version is None and record.customer is None:
        return None
    relate([version] if version else [], [DocumentVersion._meta.get_field("document")])
    agreed = agreed_by(version, record.customer, record.received_at) if version and record.customer else None
    return {"definition": version, "agreed": agreed}


@panel("case", "cases/said.html", place="tab", order=10, label=_("Said and written"))
def said(record: Any, request: HttpRequest) -> Context:
    """Every logged exchange about the case."""
    said = said_about(record, person_of(request))
    return {"said": said, "known": readable_of((part.one for part in said), person_of(request))}


@panel("escalation", "cases/members.html", place="main", order=10, label=_("Cases"))
def members(record: Any, request: HttpRequest) -> Context:
    """The case, or the cases of a bundle."""
    cases = readable(kind_named("case"), person_of(request))
    rows = list(cases.filter(bundle=record).select_related("customer").order_by("received_at")[:SHOWN])
    return {"cases": rows} if rows else None


@panel("finding", "cases/of_problem.html", place="main", order=15, label=_("Cases with this cause"))
def of_problem(record: Any, request: HttpRequest) -> Context:
    """The cases that were put to a problem: how many, since when, and how many came after it was closed."""
    found = problems.cases_of(record, person_of(request)) if record.type == record.Type.PROBLEM else None
    rows = list(found.select_related("customer")[:SHOWN]) if found is not None else []
    if found is None or not rows:
        return None
    times = found.aggregate(first=Min("received_at"), last=Max("received_at"))
    after = found.filter(received_at__gt=record.closed_at).count() if record.closed_at else 0
    return {"cases": rows, "count": found.count(), "after": after, **times}


@panel("communication", "cases/letter_of.html", place="side", order=10, label=_("Letter"))
def letter_of(record: Any, request: HttpRequest) -> Context:
    """What was written to a customer about a case can go out on paper."""
    if record.direction != "outbound" or record.subject_kind != "case" or record.hidden:
        return None
    case = readable(kind_named("case"), person_of(request)).filter(ref=record.subject_ref).first()
    return {"case": case.ref} if case else None
