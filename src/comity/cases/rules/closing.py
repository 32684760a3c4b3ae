"""Before a case may close: cause area, improvement question, reasons, and each ground's own proof (CSMS:2003 10.1)."""

from dataclasses import dataclass

from comity.cases.rules.words import MANDATORY_PATH, REGULAR_GROUNDS, Ground, Severity, Status


@dataclass(frozen=True)
class Facts:
    """What is known about a case that somebody wants to close."""

    cause_area: str = ""
    improvement_need: bool | None = None
    outcome_reasons: str = ""
    states_passed: frozenset[Status] = frozenset()
    result_notice: bool = False
    confirmation_logged: bool = False
    confirmed_by_customer: bool = False
    confirm_period_over: bool = False
    reminder_sent: bool = False
    anonymous: bool = False
    top_level_answered: bool = False
    recourse_told: bool = False
    same_customer: bool = False
    survivor: bool = False


def always_missing(facts: Facts) -> list[str]:
    """What every closing asks for, whatever its ground; codes, in the order in which a person would settle them."""
    wanted = {
        "cause_area": bool(facts.cause_area),
        "improvement_need": facts.improvement_need is not None,
        "outcome_reasons": bool(facts.outcome_reasons.strip()),
    }
    return [name for name, given in wanted.items() if not given]


def missing_to_close(facts: Facts, ground: Ground) -> list[str]:
    """Codes of what stands in the way of closing on this ground. What was no complaint needs its answer only."""
    if ground == Ground.ANSWERED:
        return []
    wanted: dict[str, bool] = {}
    if ground in REGULAR_GROUNDS:
        wanted["mandatory_path"] = facts.states_passed >= set(MANDATORY_PATH) - {Status.CLOSED}
        wanted["result_notice"] = facts.result_notice or facts.anonymous
    match ground:
        case Ground.CONFIRMED | Ground.WITHDRAWN:
            wanted["confirmation"] = facts.confirmed_by_customer or facts.confirmation_logged
        case Ground.CONFIRMATION_EXPIRED:
            wanted["confirm_period"] = facts.confirm_period_over
            wanted["reminder"] = facts.reminder_sent or facts.anonymous
        case Ground.NO_AGREEMENT:
            wanted["top_level_answer"] = facts.top_level_answered
            wanted["recourse"] = facts.recourse_told or facts.anonymous
        case Ground.MERGED:
            wanted["same_customer"] = facts.same_customer
            wanted["survivor"] = facts.survivor
    return [*always_missing(facts), *(name for name, given in wanted.items() if not given)]


def investigated_anyway(severity: Severity) -> bool:
    """A grave complaint that the customer withdraws is still looked into (ISO 10002)."""
    return severity.grave


def on_next_analysis(ground: Ground | None, reopenings: int, severity: Severity, *, late: bool) -> bool:
    """Unsettled and grave ones are always on the list of the next complaint analysis (BRM-3.3-18, BRM-3.3-19)."""
    return ground == Ground.NO_AGREEMENT or reopenings > 0 or severity.grave or late
