"""Who is told what, and when: the customer's wish, and the notices that no wish removes (BRM-3.3-13, BRM-3.3-14)."""

from dataclasses import dataclass, field
from enum import StrEnum


class Event(StrEnum):
    """What can be told."""

    ACKNOWLEDGED = "acknowledged"
    FIRST_ANSWER = "first_answer"
    ACTION = "action"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    DELAY = "delay"
    CLOSED = "closed"
    MERGED = "merged"
    RECLASSIFIED = "reclassified"
    RECOURSE = "recourse"
    PROGRESS = "progress"
    REMINDER = "reminder"
    QUESTION = "question"


WISHABLE = (Event.ACKNOWLEDGED, Event.FIRST_ANSWER, Event.ACTION, Event.ESCALATED, Event.RESOLVED, Event.CLOSED)
DEFAULT = frozenset({Event.ACKNOWLEDGED, Event.FIRST_ANSWER, Event.RESOLVED})
ALWAYS = frozenset({
    Event.RESOLVED, Event.DELAY, Event.MERGED, Event.RECLASSIFIED, Event.RECOURSE, Event.REMINDER, Event.ACKNOWLEDGED,
    Event.QUESTION,
})  # fmt: skip


class Why(StrEnum):
    """The reason of a decision to send or not to send; it stands in the timeline."""

    ALWAYS = "always"
    WISHED = "wished"
    DEFAULT = "default"
    NOT_WISHED = "not_wished"
    RESULT_ONLY = "result_only"
    ANONYMOUS = "anonymous"
    INTERNAL = "internal"


PARTS = ("events", "result_only", "every_days", "channel")
"""What a wish may say."""


@dataclass(frozen=True)
class Wish:
    """What the customer asked for; `recorded` is False until somebody asked, and that is a gap."""

    recorded: bool = False
    events: frozenset[Event] = field(default_factory=frozenset)
    result_only: bool = False
    every_days: int = 0
    channel: str = ""

    @classmethod
    def of(cls, stored: dict[str, object]) -> "Wish":
        """Read the stored form: {} means never asked."""
        if not stored:
            return cls()
        named = stored.get("events")
        events = frozenset(Event(str(name)) for name in named) if isinstance(named, list) else frozenset()
        every = stored.get("every_days")
        return cls(
            recorded=True,
            events=events,
            result_only=bool(stored.get("result_only")),
            every_days=every if isinstance(every, int) else 0,
            channel=str(stored.get("channel") or ""),
        )


def unknown_in(stored: dict[str, object]) -> list[str]:
    """Names in a stored wish that mean nothing: parts, and events that nobody can wish for."""
    named = stored.get("events")
    events = [str(name) for name in named] if isinstance(named, list) else []
    return [name for name in stored if name not in PARTS] + [name for name in events if name not in set(WISHABLE)]


@dataclass(frozen=True)
class Notice:
    """Whether a notice is due, and why."""

    due: bool
    why: Why


def notice(event: Event, wish: Wish, *, anonymous: bool = False) -> Notice:
    """Decide one notice. Nobody can write to an anonymous complainant: skipped, with that reason (ISO 10002)."""
    if anonymous:
        return Notice(False, Why.ANONYMOUS)
    if event in ALWAYS:
        return Notice(True, Why.ALWAYS)
    if wish.result_only:
        return Notice(False, Why.RESULT_ONLY)
    if not wish.recorded:
        return Notice(event in DEFAULT or event == Event.PROGRESS, Why.DEFAULT)
    if event == Event.PROGRESS:
        return Notice(wish.every_days > 0, Why.WISHED if wish.every_days else Why.NOT_WISHED)
    return Notice(event in wish.events, Why.WISHED if event in wish.events else Why.NOT_WISHED)


def progress_days(wish: Wish, default_days: int, *, anonymous: bool = False) -> int:
    """Business days between progress notices; 0 means none are sent (CSMS:2003 10.2)."""
    if not notice(Event.PROGRESS, wish, anonymous=anonymous).due:
        return 0
    return wish.every_days if wish.recorded else default_days
