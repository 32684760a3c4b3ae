"""What stands behind assessments: what they cover, who may not assess, what can be attested, and until when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from comity.accounts.models import Grant, Person, in_force
from comity.accounts.roles import STAFF, Role
from comity.clocks.parameters import DEFINITIONS
from comity.compliance.catalogue import Requirement, Standard, Use, requirements, standards
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Assessment
from comity.compliance.reasons import on
from comity.parties.models import Responsibility
from comity.parties.operations import holding
from comity.parties.separation import separation
from comity.people.models import Training, valid

STATERS = tuple(role for role in Role if role in STAFF and role not in (Role.ADMINISTRATOR, Role.AUDITOR))
T = Assessment.Type
PLANNERS: dict[str, set[Role]] = {
    T.INTERNAL: {Role.INTERNAL_ASSESSOR, Role.PROCESS_MANAGER},
    T.VERIFICATION: {Role.INTERNAL_ASSESSOR, Role.SUPPLIER_MANAGER},
    T.QUALIFICATION: {Role.INTERNAL_ASSESSOR, Role.SUPPLIER_MANAGER},
    T.ATTESTATION: set(STATERS),
}
"""Who plans which type."""

ASSESSOR = separation(
    "assessor", gettext_noop("Nobody assesses the own work, or without training for it."),
    gettext_lazy("An assessor holds no duty in what is assessed and is trained: enforced (1), or declared (0)."),
)  # fmt: skip
REVIEWER = separation(
    "worksheet", gettext_noop("Whoever completed a worksheet does not review it."),
    gettext_lazy("Who completed a worksheet does not review it: enforced (1), or declared (0)."),
)  # fmt: skip

ASSESSING = (Role.INTERNAL_ASSESSOR, Role.AUDITOR)
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


def section_of(standard: Standard, requirement: Requirement) -> str:
    """The section under which an entry is assessed: s10 where the file names its sections, else two levels of the
    clause number, or the words before a dash."""
    number = _NUMBER.match(requirement.clause)
    if number is None:
        return requirement.clause.partition(" - ")[0]
    levels = number[0].split(".")
    return f"s{levels[0]}" if standard.head.get("sections") else ".".join(levels[: 3 if len(levels) > 2 else 2])


def sections(code: str) -> list[str]:
    """The sections of a standard, in its order. Raises KeyError for an unknown one."""
    standard = standards()[code]
    return list(dict.fromkeys(section_of(standard, one) for one in standard.requirements))


def covered(assessment: Assessment) -> list[Requirement]:
    """The entries that its worksheet asks: of its section, or of the whole standard."""
    standard = standards().get(assessment.standard)
    if standard is None:
        return []
    return [one for one in standard.requirements if assessment.area in ("", section_of(standard, one))]


def covering(code: str, section: str) -> Q:
    """Internal assessments of this section: of it alone, or of the whole standard."""
    return Q(type=Assessment.Type.INTERNAL, standard=code, area__in=("", section), process="")


# --- attestation -----------------------------------------------------------------------------------------------------


def _uses(use: Use) -> Iterator[Mapping[str, Any]]:
    """The arguments of every `attested` in a rule, however deep."""
    if use.rule == "attested":
        yield use.arguments
    for part in use.arguments.get("parts", ()):
        yield from _uses(Use(part["rule"], part["with"] or {}))


def asked_for(statement: str) -> list[tuple[Requirement, Mapping[str, Any]]]:
    """The requirements that only a person can answer and that ask for this statement, with what they ask of it."""
    told = (one for one in requirements().values() if one.evidence == "attested")
    return [(one, found) for one in told for found in _uses(one.use) if found["statement"] == statement]


def fields_asked(statement: str) -> list[str]:
    """The fields that the statement must have, by any of them."""
    found: dict[str, None] = {}
    for _one, arguments in asked_for(statement):
        wanted = arguments.get("fields") or ()
        found |= dict.fromkeys([wanted] if isinstance(wanted, str) else wanted)
    return list(found)


def lapses(statement: str, given: datetime) -> datetime | None:
    """When it no longer counts: the shortest validity that is asked of it; None where it does not lapse."""
    names = [arguments["validity"] for _one, arguments in asked_for(statement) if "validity" in arguments]
    ends = [Inquiry(given).after(name) for name in names if name in DEFINITIONS]
    return min(ends, default=None)


# --- who may assess --------------------------------------------------------------------------------------------------


def standing_in_the_way(assessment: Assessment, people: list[Person], at: datetime) -> Iterator[str | Promise]:
    """Why these people are no assessors of this: of the assessed function, or not trained for it
    (CSMS:2003 16.1; separation of duties 7)."""
    for person in people:
        if not independent(assessment, person, at):
            yield _("%(person)s belongs to what is assessed.") % {"person": person}
        yield from untrained(person, at)


def independent(assessment: Assessment, person: Person, at: datetime) -> bool:
    """Holds no duty in the assessed process or over the assessed record, and no role in the assessed unit."""
    named = Q(pk__in=())
    if assessment.process:
        named |= Q(process=assessment.process)
    if assessment.subject_ref:
        named |= Q(subject_ref=assessment.subject_ref)
    if Responsibility.objects.filter(holding(at.date()), named, person=person).exists():
        return False
    unit = assessment.function
    if unit is None:
        return True
    inside = Grant.objects.filter(in_force(at.date()), person=person, unit__path__startswith=unit.path)
    return not inside.exclude(role__in=ASSESSING).exists()


def untrained(person: Person, at: datetime) -> Iterator[str]:
    """Why the person has not learned to assess, or no longer; where nobody's training for it is recorded yet, nobody
    is refused for it, and the check shows the gap."""
    held = Training.objects.filter(topic=Training.Topic.INTERNAL_ASSESSMENT, completed_on__lte=localdate(at))
    own = held.filter(staff=person)
    if not held.exists() or own.filter(valid(at)).exists():
        return
    last = own.order_by("-valid_until").first()
    told = {"person": person, "training": last and last.ref, "day": last and on(last.valid_until)}
    if last is None:
        yield _("%(person)s has no training in internal assessment.") % told
    else:
        yield _("The training of %(person)s in internal assessment, %(training)s, lapsed on %(day)s.") % told
