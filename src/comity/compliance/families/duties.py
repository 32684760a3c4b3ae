"""Who answers: responsibility_filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance.columns import NOTHING, among, bound, is_empty
from comity.compliance.compiler import knows
from comity.compliance.families import Arguments, family, many, over
from comity.compliance.families.fields import unfilled
from comity.compliance.families.people import at_work, holders, stands_for
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later
from comity.compliance.ties import Members, linked
from comity.records.facts import Rows, spoken

SUBJECTS = ("subject", "customer", "segment", "process")  # names under which a responsibility says what it is over
OF_PROCESS = {"process": ("tag", ""), "process_step": ("tag", "owner_role"), "process_role": ("tag", "role")}
GROUPS = ("category", "segment")  # names under which a record says to which groups it belongs


@family("role duty per process holders side fields accepted_within approved_by department reports_to holder_is")
def responsibility_filled(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """A role or duty is held on that day by somebody who is there, as the arguments ask."""
    vocabulary = spoken("responsibility")
    rows = vocabulary.rows.filter(vocabulary.at("status", inquiry.as_of))
    for name in ("role", "process", "side"):
        if name in arguments:
            rows = rows.filter(among(vocabulary, vocabulary.fact(name), [arguments[name]]))
    if "per" in arguments:
        return over(inquiry, arguments["per"], lambda part: _over(inquiry, part, rows, arguments))
    faults = _faults(inquiry, arguments)
    duties = many(arguments.get("duty")) or [None]
    lots, singles = [], []
    for duty in duties:
        carrying = rows.filter(carries(duty)) if duty else rows
        lots.append(judged("responsibility", carrying, faults))
        if "holders" in arguments:
            singles.append(_held(inquiry, carrying, arguments, duty))
    return Outcome(tuple(lots), tuple(singles))


def carries(duty: str) -> Q:
    """That the duty is one of those that the responsibility names."""
    vocabulary = spoken("responsibility")
    return among(vocabulary, vocabulary.fact("duties"), [duty])


def _held(inquiry: Inquiry, rows: Rows, arguments: Arguments, duty: str | None) -> Single:
    """Whether there is a holder at all, and where one alone shall hold it, no second."""
    label = ", ".join(str(one) for one in (arguments.get("role"), arguments.get("process"), duty) if one)
    count = rows.filter(_direct()).count()
    if not count:
        return Single(label, later(lambda: _("nobody holds it")))
    if arguments["holders"] == "exactly_one" and count > 1:
        return Single(label, later(lambda: _("%(count)s people hold it directly") % {"count": count}))
    return Single(label)


def _direct() -> Q:
    """Held by the person in question and not by the deputy."""
    vocabulary = spoken("responsibility")
    return Q(deputy=False) if knows(vocabulary, "deputy") else Q()


def _faults(inquiry: Inquiry, arguments: Arguments) -> list[Fault]:
    """What may be wrong with a responsibility that is held."""
    vocabulary = spoken("responsibility")
    holder = vocabulary.fact("holder").path
    faults = [Fault(~Q(**{f"{holder}__in": at_work(inquiry)}), lambda row: _("the holder does not work here"))]
    faults += [unfilled(vocabulary, name) for name in many(arguments.get("fields"))]
    if within := arguments.get("accepted_within"):
        begun, accepted = vocabulary.fact("starts_on").path, vocabulary.fact("accepted_at").path
        since = bound(vocabulary.model, begun, inquiry.before(within))
        open_still = Q(**{f"{accepted}__isnull": True, f"{begun}__lte": since})
        faults.append(Fault(open_still, lambda row: _("not accepted by the holder in time")))
    if role := arguments.get("approved_by"):
        approver = vocabulary.fact("approved_by").path
        known = Q(**{f"{approver}__in": holders(inquiry, role), f"{vocabulary.fact('approval').path}__isnull": False})
        faults.append(
            Fault(~known, lambda row: _("not approved by a holder of the role %(role)s") % {"role": called(role)})
        )
    faults += [Fault(~Q(**{f"{holder}__in": rows}), words) for rows, words in _stations(inquiry, arguments)]
    return faults


def _stations(inquiry: Inquiry, arguments: Arguments) -> list[tuple[Rows, Callable[[Any], str]]]:
    """The people who stand where the arguments ask the holder to stand, and what is said of others."""
    staff, found = spoken("staff"), []
    if department := arguments.get("department"):
        fitting = staff.rows.filter(among(staff, staff.fact("department"), [department]))
        found.append((fitting.values("pk"), lambda row: _("the holder belongs to another department")))
    if role := arguments.get("reports_to"):
        fitting = staff.rows.filter(**{f"{staff.fact('manager').path}__in": holders(inquiry, role)})
        words = later(lambda: _("the holder does not report to the role %(role)s") % {"role": called(role)})
        found.append((fitting.values("pk"), lambda row: words))
    if "holder_is" in arguments:
        path = staff.fact("manager").path
        managers = staff.rows.filter(pk__in=at_work(inquiry), **{f"{path}__isnull": False}).values(path)
        found.append((managers, lambda row: _("the holder is no manager")))
    return found


def _over(inquiry: Inquiry, part: Members, rows: Rows, arguments: Arguments) -> Lot:
    """Each subject: by whoever holds it over the very record, else over its group, else over everything."""
    wrong = NOTHING
    for fault in _faults(inquiry, arguments):
        wrong |= fault.question
    good = rows.exclude(wrong).filter(_direct()).order_by()
    faults = []
    for duty in many(arguments.get("duty")) or [None]:
        carrying = good.filter(carries(duty)) if duty else good
        faults.append(_unheld(inquiry, part, carrying, arguments, duty))
    if arguments.get("holders") == "exactly_one":
        twice = _twice(part, good)
        faults.append(Fault(twice, lambda row: _("held directly by more than one person")))
    return judged(part.kind, part.rows, faults)


def _unheld(inquiry: Inquiry, part: Members, good: Rows, arguments: Arguments, duty: str | None) -> Fault:
    role = arguments.get("role", "")
    named = stands_for(part, role) if role else ""
    if named:
        held = Q(**{f"{named}__in": at_work(inquiry)})
        if len(set(arguments) - {"role", "per", "holders"}):
            held &= Q(**{f"{named}__in": good.values(spoken("responsibility").fact("holder").path)})
    else:
        held = _through(part, Members("responsibility", good))
    label = ", ".join(one for one in (role, duty) if one)
    return Fault(~held, lambda row: _("nobody holds %(duty)s") % {"duty": called(label) or _("a responsibility")})


def _through(part: Members, good: Members) -> Q:
    """Directly, through the category or the segment, or for everything."""
    vocabulary = good.vocabulary
    empty = {name: is_empty(vocabulary, vocabulary.fact(name)) for name in SUBJECTS if knows(vocabulary, name)}
    without = Q()
    for question in empty.values():
        without &= question
    held = linked(part.kind, good) | Q(Exists(good.rows.filter(without)))
    if part.kind in OF_PROCESS:
        held |= _for_process(part, good)
    if "segment" in empty:
        groups = good.rows.exclude(empty["segment"]).values(vocabulary.fact("segment").path)
        for name in GROUPS:
            if knows(part.vocabulary, name) and part.vocabulary.fact(name).to == "segment":
                held |= Q(**{f"{part.vocabulary.fact(name).path}__in": groups})
    return held


def _for_process(part: Members, good: Members) -> Q:
    """A process and its parts are answered for under the tag of the process, its parts by the role that they name."""
    tag, role = (part.vocabulary.fact(name).path if name else "" for name in OF_PROCESS[part.kind])
    same = {good.vocabulary.fact("process").path: OuterRef(tag)}
    if role:
        same[good.vocabulary.fact("role").path] = OuterRef(role)
    return ~Q(**{tag: ""}) & Q(Exists(good.rows.filter(**same)))


def _twice(part: Members, good: Rows) -> Q:
    """The subjects over which more than one person holds it directly."""
    vocabulary, found = spoken("responsibility"), NOTHING
    holder = vocabulary.fact("holder").path
    for name in SUBJECTS:
        if not knows(vocabulary, name):
            continue
        fact = vocabulary.fact(name)
        if not fact.by_ref and fact.to != part.kind:
            continue
        held = good.exclude(is_empty(vocabulary, fact)).values(fact.path)
        often = held.annotate(people=Count(holder, distinct=True)).filter(people__gt=1).values(fact.path)
        found |= Q(ref__in=often) if fact.by_ref else Q(pk__in=often)
    return found
