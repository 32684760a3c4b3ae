"""The words of a case as people read them; the codes are those of the rules."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.cases.rules import risk, words
from comity.cases.rules.escalation import Trigger as Triggers
from comity.cases.rules.notices import WISHABLE, Event, Wish

WHO_COMPLAINS = frozenset({"complainant", "agent", "contact", "address", "reach"})
"""What an auditor of a restricted case, and whoever does not work on a confidential one, must not see."""


class Classification(models.TextChoices):
    COMPLAINT = words.Classification.COMPLAINT.value, _("Complaint")
    SERVICE_REQUEST = words.Classification.SERVICE_REQUEST.value, _("Service request")
    SUGGESTION = words.Classification.SUGGESTION.value, _("Suggestion")
    ENQUIRY = words.Classification.ENQUIRY.value, _("Enquiry")
    PRAISE = words.Classification.PRAISE.value, _("Praise")


class Subtype(models.TextChoices):
    COMPLAINT = words.Subtype.COMPLAINT.value, _("Complaint")
    CONCERN = words.Subtype.CONCERN.value, _("Concern")
    PROBLEM = words.Subtype.PROBLEM.value, _("Problem")
    GRIEVANCE = words.Subtype.GRIEVANCE.value, _("Grievance")
    ORDER = words.Subtype.ORDER.value, _("Service order")
    PRIVACY = words.Subtype.PRIVACY.value, _("Query about privacy")


class Origin(models.TextChoices):
    CUSTOMER = words.Origin.CUSTOMER.value, _("Customer")
    INTERNAL = words.Origin.INTERNAL.value, _("Internal")


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    LETTER = "letter", _("Letter")
    IN_PERSON = "in_person", _("In person")
    PORTAL = "portal", _("Portal")
    WEB_FORM = "web_form", _("Web form")
    CHAT = "chat", _("Chat")
    SOCIAL = "social", _("Social media")
    SURVEY = "survey", _("Survey")
    MEETING = "meeting", _("Meeting")
    OVERHEARD = "overheard", _("Heard by staff")
    OTHER = "other", _("Other")


class Status(models.TextChoices):
    RECEIVED = words.Status.RECEIVED.value, pgettext_lazy("state", "Received")
    ACKNOWLEDGED = words.Status.ACKNOWLEDGED.value, _("Acknowledged")
    ASSESSED = words.Status.ASSESSED.value, _("Assessed")
    INVESTIGATING = words.Status.INVESTIGATING.value, _("Investigating")
    ACTING = words.Status.ACTING.value, _("Acting")
    AWAITING_CUSTOMER = words.Status.AWAITING_CUSTOMER.value, _("Waiting for the customer")
    AWAITING_IMPROVEMENT = words.Status.AWAITING_IMPROVEMENT.value, _("Waiting for an improvement")
    RESOLVED = words.Status.RESOLVED.value, _("Resolved")
    CLOSED = words.Status.CLOSED.value, _("Closed")


class Severity(models.TextChoices):
    MINOR = words.Severity.MINOR.value, _("Minor")
    NORMAL = words.Severity.NORMAL.value, _("Normal")
    MAJOR = words.Severity.MAJOR.value, _("Major")
    CRITICAL = words.Severity.CRITICAL.value, _("Critical")


class Likelihood(models.TextChoices):
    LOW = words.Likelihood.LOW.value, _("Low")
    MEDIUM = words.Likelihood.MEDIUM.value, _("Medium")
    HIGH = words.Likelihood.HIGH.value, _("High")


class Path(models.TextChoices):
    SIMPLE = risk.Path.SIMPLE.value, _("Simple")
    STANDARD = risk.Path.STANDARD.value, _("Standard")
    HIGH = risk.Path.HIGH.value, pgettext_lazy("path", "High")


class CauseArea(models.TextChoices):
    SERVICE = "service", _("Service")
    INTERNAL_MANAGEMENT = "internal_management", _("Internal management")
    COMPANY_POLICY = "company_policy", _("Company policy")
    SUPPLIER = "supplier", _("Supplier")
    CUSTOMER_SIDE = "customer_side", _("Customer's side")


class Upheld(models.TextChoices):
    YES = "upheld", _("Upheld")
    PARTLY = "partly", _("Partly upheld")
    NO = "not_upheld", _("Not upheld")


class CloseGround(models.TextChoices):
    CONFIRMED = words.Ground.CONFIRMED.value, _("Confirmed by the customer")
    CONFIRMATION_EXPIRED = words.Ground.CONFIRMATION_EXPIRED.value, _("Time to confirm has passed")
    NO_AGREEMENT = words.Ground.NO_AGREEMENT.value, _("No agreement")
    WITHDRAWN = words.Ground.WITHDRAWN.value, _("Withdrawn")
    MERGED = words.Ground.MERGED.value, _("Merged into another case")
    RECLASSIFIED = words.Ground.RECLASSIFIED.value, _("Reclassified")
    ANSWERED = words.Ground.ANSWERED.value, _("Answered")


class Trigger(models.TextChoices):
    AGE_80 = Triggers.AGE_80.value, _("Most of the resolution time has passed")
    ANSWER_MISSED = Triggers.ANSWER_MISSED.value, _("No substantive answer in time")
    RESOLVE_MISSED = Triggers.RESOLVE_MISSED.value, _("Not resolved in time")
    AGE_150 = Triggers.AGE_150.value, _("Far beyond the resolution time")
    SEVERITY_MAJOR = Triggers.SEVERITY_MAJOR.value, _("Rated major")
    SEVERITY_CRITICAL = Triggers.SEVERITY_CRITICAL.value, _("Rated critical")
    CRITICAL_OVERDUE = Triggers.CRITICAL_OVERDUE.value, _("Critical and still open after its time")
    REPETITION = Triggers.REPETITION.value, _("The same point again and again")
    CUSTOMER = Triggers.CUSTOMER.value, _("The customer asks for it")
    REOPENED = Triggers.REOPENED.value, _("Reopened")
    REJECTED = Triggers.REJECTED.value, _("The customer rejects the result")
    REJECTED_AGAIN = Triggers.REJECTED_AGAIN.value, _("Rejected or reopened once more")
    OBJECTION = Triggers.OBJECTION.value, _("The customer objects to the reclassification")
    SILENCE = Triggers.SILENCE.value, _("The level below has not answered")
    PROMISE = Triggers.PROMISE.value, _("What was promised is overdue after closing")
    OWNERS_LINE = Triggers.OWNERS_LINE.value, _("It concerns the complaint owner's own staff")
    STAFF = Triggers.STAFF.value, _("Staff ask for it")


class Level(models.IntegerChoices):
    NONE = 0, _("Not escalated")
    COMPLAINT_OWNER = 1, _("1 Complaint owner")
    PROCESS_MANAGER = 2, _("2 Process manager")
    OPERATIONS_DIRECTOR = 3, _("3 Operations director")


class EscalationType(models.TextChoices):
    CASE = "case", _("Case")
    TOPIC_BUNDLE = "topic_bundle", _("Topic bundle")
    RECURRING_REQUEST = "recurring_request", _("Recurring request")


class EscalationStatus(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    PASSED_ON = "passed_on", _("Passed on unanswered")


class ReferralStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("referral", "Open")
    DECIDED = "decided", _("Decided")
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", pgettext_lazy("referral", "Withdrawn")


class Method(models.TextChoices):
    NEGOTIATION = "negotiation", _("Negotiation")
    MEDIATION = "mediation", _("Mediation")
    ARBITRATION = "arbitration", _("Arbitration")
    OMBUDSMAN = "ombudsman", _("Ombudsman")


EVENTS = {
    Event.ACKNOWLEDGED: _("Acknowledged"),
    Event.FIRST_ANSWER: _("First answer"),
    Event.ACTION: _("Each action"),
    Event.ESCALATED: _("Escalated"),
    Event.RESOLVED: _("Resolved"),
    Event.CLOSED: _("Closed"),
}
"""What a customer may wish to hear."""


def language_in_words(code: str) -> str:
    """The name of a language of ours; a code that is none of them as it came."""
    return str(dict(settings.LANGUAGES).get(code, code))


def wish_in_words(stored: dict[str, Any]) -> str:
    """A notification wish as people read it."""
    wish = Wish.of(stored)
    told = [str(_("Result only"))] if wish.result_only else [str(EVENTS[one]) for one in WISHABLE if one in wish.events]
    if wish.every_days:
        told.append(str(_("News every %(n)s business days") % {"n": wish.every_days}))
    if channel := stored.get("channel"):
        told.append(str(dict(Channel.choices).get(str(channel), channel)))
    return " · ".join(told)
