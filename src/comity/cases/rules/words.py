"""The fixed words of a case. Labels for people live in the models; these are the codes that everything else reads."""

from enum import StrEnum


class Classification(StrEnum):
    """What an intake is; it decides which rules apply (BRM-3.3-6, BRM-3.3-8)."""

    COMPLAINT = "complaint"
    SERVICE_REQUEST = "service_request"
    SUGGESTION = "suggestion"
    ENQUIRY = "enquiry"
    PRAISE = "praise"


class Subtype(StrEnum):
    """What it is more exactly: the words of CSMS:2003 8.7.4 for dissatisfaction, an order, a query about privacy."""

    COMPLAINT = "complaint"
    CONCERN = "concern"
    PROBLEM = "problem"
    GRIEVANCE = "grievance"
    ORDER = "order"
    PRIVACY = "privacy"


class Severity(StrEnum):
    """How grave a case is, mildest first; consequence uses the same four steps."""

    MINOR = "minor"
    NORMAL = "normal"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """1 for minor up to 4 for critical."""
        return list(Severity).index(self) + 1

    @property
    def grave(self) -> bool:
        """Major and critical ones: rated high, and never dropped without an investigation."""
        return self.rank >= Severity.MAJOR.rank


class Likelihood(StrEnum):
    """How probable it is that the same thing happens again."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """1 for low up to 3 for high."""
        return list(Likelihood).index(self) + 1


class Status(StrEnum):
    """The states of a case; escalation, restriction and repetition are fields, not states."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ASSESSED = "assessed"
    INVESTIGATING = "investigating"
    ACTING = "acting"
    AWAITING_CUSTOMER = "awaiting_customer"
    AWAITING_IMPROVEMENT = "awaiting_improvement"
    RESOLVED = "resolved"
    CLOSED = "closed"


OPEN = tuple(status for status in Status if status is not Status.CLOSED)
WORKED_ON = (Status.RECEIVED, Status.ACKNOWLEDGED, Status.ASSESSED, Status.INVESTIGATING)
BEFORE_RESULT = tuple(status for status in OPEN if status is not Status.RESOLVED)


class Ground(StrEnum):
    """Why a case was closed (BRM-3.3-18)."""

    CONFIRMED = "confirmed"
    CONFIRMATION_EXPIRED = "confirmation_expired"
    NO_AGREEMENT = "no_agreement"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    RECLASSIFIED = "reclassified"
    ANSWERED = "answered"  # what was no complaint


REGULAR_GROUNDS = (Ground.CONFIRMED, Ground.CONFIRMATION_EXPIRED, Ground.NO_AGREEMENT)
MANDATORY_PATH = (
    Status.RECEIVED, Status.ACKNOWLEDGED, Status.ASSESSED, Status.INVESTIGATING, Status.RESOLVED, Status.CLOSED,
)  # fmt: skip


class Origin(StrEnum):
    """Who complains: a customer, or somebody inside (BRM-3.3-1)."""

    CUSTOMER = "customer"
    INTERNAL = "internal"
