"""Taking a case in: what must be known, what is unclear, and whom we may tell (ISO/IEC 20000-1:2011 7.1, BRM-3.3)."""

from collections.abc import Mapping
from datetime import datetime

from comity.cases.rules.words import Classification, Origin, Subtype

ALWAYS = ("channel", "received_at", "description")
OF_COMPLAINTS = ("wanted_remedy",)
ONLY_OF: Mapping[str, tuple[Classification, ...]] = {
    Subtype.ORDER: (Classification.SERVICE_REQUEST,),
    Subtype.PRIVACY: (Classification.ENQUIRY, Classification.COMPLAINT),
}
"""Orders are requests; what is about personal data is asked or complained about (CSMS:2003 8.7.4). The words for
dissatisfaction go with any classification: a person may find a concern in a question."""


def fits(subtype: str, classification: str) -> bool:
    """Whether what is classified so can be of this subtype."""
    return classification in ONLY_OF.get(subtype, tuple(Classification))


def missing_at_intake(values: Mapping[str, object]) -> list[str]:
    """Names of the mandatory fields that are empty; an anonymous complainant counts as a filled contact.

    A complaint names the service or the conduct it is about. An internal one has a person behind it instead of a
    customer's contact. The recorder is whoever writes it down, so nobody has to type that.
    """
    wanted = list(ALWAYS)
    internal = values.get("origin") == Origin.INTERNAL
    if not internal:
        wanted.append("customer")
        if not values.get("anonymous"):
            wanted.append("contact")
    if values.get("classification") == Classification.COMPLAINT:
        wanted.extend(OF_COMPLAINTS)
        if not (values.get("service") or values.get("conduct")):
            wanted.append("service")
    return [name for name in wanted if not values.get(name)]


def classify(
    *, dissatisfied: bool, answer_expected: bool, wants_service: bool, idea: bool, question: bool
) -> Classification:
    """The test asked at intake and again at assessment; dissatisfaction with an answer expected outranks the rest."""
    if dissatisfied and answer_expected:
        return Classification.COMPLAINT
    if wants_service:
        return Classification.SERVICE_REQUEST
    if idea:
        return Classification.SUGGESTION
    if question or dissatisfied:
        return Classification.ENQUIRY
    return Classification.PRAISE


def unclear(target_clear: bool, content_clear: bool, demand_clear: bool) -> list[str]:
    """What has to be confirmed with the complainant before anybody investigates (BRM-3.3-7)."""
    marks = {"target_clear": target_clear, "content_clear": content_clear, "demand_clear": demand_clear}
    return [name for name, clear in marks.items() if not clear]


def entered_late(entered_at: datetime, record_due_at: datetime) -> bool:
    """A late entry is allowed and flagged, so that nobody is tempted to leave it out (BRM-3.3-9)."""
    return entered_at > record_due_at


def has_clocks(classification: Classification) -> bool:
    """Complaint clocks run on complaints only; everything else stays out of the figures (BRM-3.3-6)."""
    return classification == Classification.COMPLAINT


def has_answer_clock(classification: Classification) -> bool:
    """Complaints, enquiries and suggestions wait for an answer; praise and requests do not wait for ours."""
    return classification in (Classification.COMPLAINT, Classification.ENQUIRY, Classification.SUGGESTION)


def has_acknowledge_clock(classification: Classification) -> bool:
    """Complaints and enquiries are acknowledged."""
    return classification in (Classification.COMPLAINT, Classification.ENQUIRY)


def told_to(contact: str, agent: str, *, anonymous: bool, mandate_proven: bool) -> str:
    """Who hears from us: the agent once the mandate is proven, else the person concerned, nobody when anonymous."""
    if anonymous:
        return ""
    return agent if agent and mandate_proven else contact


def may_know_complainant(
    person: int, *, confidential: bool, named: frozenset[int], case_workers: frozenset[int], auditor: bool
) -> bool:
    """Whether the complainant's identity is shown.

    In a confidential case only those who work on it; never the person complained about, and never an auditor, who
    sees the case without the name.
    """
    if not confidential:
        return True
    return person in case_workers and person not in named and not auditor
