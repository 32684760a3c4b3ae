"""What a notice says. The one place that words what customers are told: for an event, a case, and their language.

A notice is written in the language of whoever reads it, not of whoever causes it; its days are those of the calendar
that counts for the customer (ISO 10002, BRM-3.3-13). The words here are sent wherever the organisation has put no text
of its own into effect; both are texts with placeholders (see communications.templates).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from comity.cases.models import Case, timing
from comity.cases.models.choices import EVENTS
from comity.cases.rules.notices import Event
from comity.communications import rules, templates
from comity.parties import operations as parties
from comity.parties.models import Contact

Facts = Mapping[str, Any]
Words = str | Promise


@dataclass(frozen=True)
class Text:
    """A notice in words."""

    summary: str
    body: str
    language: str


def language_of(case: Case) -> str:
    """The language of whoever hears of this case."""
    return parties.language_of(case.contact, case.customer, case.language)


def address_of(case: Case) -> str:
    """Where an e-mail about the case goes: to a contact who is still there, else to the address the sender gave."""
    if case.anonymous:
        return ""
    if case.contact is not None:
        return case.contact.email if case.contact.status == Contact.Status.ACTIVE else ""
    return case.address


def compose(event: Event, case: Case, language: str, **facts: Any) -> Text:
    """The notice of this event in this language. `facts` are what the step knows beside the case; a fact that a person
    wrote is used as it was written."""
    with override(language):
        values = values_of(event, case, facts)
        own = templates.standing(event, language)
        subject, body = (own.subject, own.body) if own else shipped(event)
        return Text(rules.filled(subject, values), rules.filled(body, values), language)


def day(case: Case, moment: datetime | None) -> str:
    """A day as the customer's calendar counts it."""
    return f"{moment.astimezone(timing.calendar_of(case).zone):%Y-%m-%d}" if moment else "–"


def _ahead(case: Case, moment: datetime | None) -> tuple[str, str]:
    """The day, if it is still to come, and the day, if it has passed: nobody is told a next date that lies behind."""
    told = day(case, moment) if moment else ""
    return (told, "") if told >= day(case, timezone.now()) else ("", told)


def next_step(case: Case) -> str:
    """What an acknowledgement says of the next step where nobody says it otherwise, in the reader's language."""
    with override(language_of(case)):
        return _next()


def _next() -> str:
    return _("Next, we assess it and tell you what we will do.")


class _Places(dict[str, str]):
    """Names of the catalogue's placeholders; those that are called the same here need not be listed."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


@dataclass(frozen=True)
class Part:
    """A paragraph of ours. `named` says which of our placeholders stands for one of the catalogue's text; one that is
    left out where it has no value is `optional`."""

    words: Words
    optional: bool = False
    named: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        text = str(self.words) % _Places({old: f"{{{new}}}" for old, new in self.named.items()})
        return f"[{text}]" if self.optional else text


def shipped(event: Event) -> tuple[str, str]:
    """Our subject and text in the active language."""
    return str(Part(SUBJECT[event])), "\n\n".join(str(part) for part in BODY[event])


SUBJECT: dict[Event, Words] = {
    Event.ACKNOWLEDGED: gettext_lazy("%(ref)s: we have your message"),
    Event.FIRST_ANSWER: gettext_lazy("%(ref)s: our answer"),
    Event.ACTION: gettext_lazy("%(ref)s: what we are doing"),
    Event.ESCALATED: gettext_lazy("%(ref)s: escalated"),
    Event.RESOLVED: gettext_lazy("%(ref)s: the result"),
    Event.DELAY: gettext_lazy("%(ref)s: why it takes longer, and until when"),
    Event.CLOSED: gettext_lazy("%(ref)s: closed"),
    Event.MERGED: gettext_lazy("%(ref)s: joined with another case"),
    Event.RECLASSIFIED: gettext_lazy("%(ref)s: treated as something else"),
    Event.RECOURSE: gettext_lazy("%(ref)s: where else you can turn"),
    Event.PROGRESS: gettext_lazy("%(ref)s: how it stands"),
    Event.REMINDER: gettext_lazy("%(ref)s: please confirm or reject"),
    Event.QUESTION: gettext_lazy("%(ref)s: a question"),
}

BODY: dict[Event, tuple[Part, ...]] = {
    Event.ACKNOWLEDGED: (  # the number, the next step, a named contact and the way up (ISO 10002)
        Part(
            gettext_lazy("We have received your message of %(date)s. Its number is %(ref)s."),
            named={"date": "received"},
        ),
        Part("{next_step}"),
        Part(gettext_lazy("We want to resolve it by %(date)s."), True, {"date": "due"}),
        Part(
            gettext_lazy("Your contact is %(name)s (%(email)s)."),
            named={"name": "handler", "email": "handler_email"},
        ),
        Part(
            gettext_lazy(
                "If you are not content with how we handle it, ask that it be escalated: by reply, or in the portal."
            )
        ),
    ),
    Event.FIRST_ANSWER: (Part("{text}"),),
    Event.QUESTION: (Part("{text}"),),
    Event.ACTION: (  # a promise, one that goes on as an improvement, or what becomes of a suggestion
        Part(
            gettext_lazy("We will do this until %(date)s: %(what)s"), True, {"date": "until", "what": "promise"},
        ),
        Part(
            gettext_lazy("What we promised (%(what)s) goes on as the improvement %(ref)s. %(why)s"), True,
            {"what": "moved", "ref": "improvement"},
        ),
        Part(
            gettext_lazy(
                "Thank you for your suggestion. We look at it as the improvement %(ref)s and tell you what is decided."
            ),
            True,
            {"ref": "suggested"},
        ),
    ),
    Event.ESCALATED: (Part(gettext_lazy("Your case %(ref)s is now with our %(role)s.")),),
    Event.RESOLVED: (
        Part("{outcome}"),
        Part("{reasons}", True),
        Part(
            gettext_lazy(
                "Please confirm or reject this until %(date)s. Without a word from you we close the case then."
            ),
            named={"date": "confirm_until"},
        ),
    ),
    Event.DELAY: (  # an explanation that a person wrote, or the reason of an extension with the new date
        Part("{text}", True),
        Part("{reason}", True),
        Part(gettext_lazy("The new date is %(date)s."), True, {"date": "new_date"}),
        Part(gettext_lazy("You can also turn to: %(body)s"), True, {"body": "outside_body"}),
    ),
    Event.CLOSED: (Part(gettext_lazy("Your case %(ref)s is closed: %(ground)s.")),),
    Event.MERGED: (Part(gettext_lazy("We go on with your case %(ref)s under the number %(other)s.")),),
    Event.RECLASSIFIED: (
        Part(
            gettext_lazy(
                "We treat %(ref)s as: %(what)s (%(other)s). Reason: %(why)s You may object until %(date)s."
            ),
            named={"what": "classification", "date": "confirm_until"},
        ),
    ),
    Event.RECOURSE: (
        Part(gettext_lazy("Inside, our operations director has decided; a senior manager may be asked to look again.")),
        Part(gettext_lazy("Outside, you can turn to: %(body)s"), named={"body": "outside_body"}),
        Part("{referrals}", True),
    ),
    Event.PROGRESS: (  # what a person wrote; else the state, and the next date, which is never one that has passed
        Part("{text}", True),
        Part(
            gettext_lazy("Your case %(ref)s is in the state “%(state)s”. Next date: %(date)s."), True,
            {"date": "next_date"},
        ),
        Part(
            gettext_lazy(
                "Your case %(ref)s is in the state “%(state)s”. It was to be resolved by %(date)s and is late. We are "
                "sorry, and tell you a new date as soon as we can keep it."
            ),
            True,
            {"date": "missed_date"},
        ),
    ),
    Event.REMINDER: (
        Part(
            gettext_lazy("Please confirm or reject the result of %(ref)s until %(date)s."),
            named={"date": "confirm_until"},
        ),
    ),
}  # fmt: skip

PLACES: dict[str, Words] = {
    **templates.GENERAL,
    "received": gettext_lazy("day of receipt"), "handler_email": gettext_lazy("e-mail address of who works on it"),
    "state": gettext_lazy("state"), "next_date": gettext_lazy("next date"),
    "missed_date": gettext_lazy("the date that has passed"),
    "confirm_until": gettext_lazy("until when to confirm or object"),
    "outside_body": gettext_lazy("whom outside to turn to"),
}  # fmt: skip
OWN_PLACES: dict[Event, dict[str, Words]] = {
    Event.ACKNOWLEDGED: {"next_step": gettext_lazy("the next step")},
    Event.FIRST_ANSWER: {"text": gettext_lazy("what was written")},
    Event.QUESTION: {"text": gettext_lazy("what was written")},
    Event.ACTION: {
        "promise": gettext_lazy("what is promised"), "until": gettext_lazy("until when"),
        "moved": gettext_lazy("the promise that goes on as an improvement"), "why": gettext_lazy("reason"),
        "improvement": gettext_lazy("its improvement"), "suggested": gettext_lazy("the improvement that was suggested"),
    },
    Event.ESCALATED: {"role": gettext_lazy("to whom it is escalated")},
    Event.RESOLVED: {"outcome": gettext_lazy("the result"), "reasons": gettext_lazy("its reasons")},
    Event.DELAY: {
        "text": gettext_lazy("what was written"), "reason": gettext_lazy("reason of the delay"),
        "new_date": gettext_lazy("the new date"),
    },
    Event.CLOSED: {"ground": gettext_lazy("on what ground")},
    Event.MERGED: {"other": gettext_lazy("the other case")},
    Event.RECLASSIFIED: {
        "classification": gettext_lazy("what it is treated as"), "other": gettext_lazy("the other case"),
        "why": gettext_lazy("reason"),
    },
    Event.RECOURSE: {"referrals": gettext_lazy("who outside looks at it already")},
    Event.PROGRESS: {"text": gettext_lazy("what was written")},
}  # fmt: skip
MUST: dict[Event, frozenset[str]] = {
    Event.ACKNOWLEDGED: frozenset({"ref", "handler", "next_step"}),
    Event.FIRST_ANSWER: frozenset({"text"}),
    Event.QUESTION: frozenset({"text"}),
    Event.ACTION: frozenset({"promise", "moved", "suggested"}),
    Event.RESOLVED: frozenset({"outcome"}),
    Event.DELAY: frozenset({"text", "reason", "new_date"}),
    Event.RECLASSIFIED: frozenset({"confirm_until", "why"}),
    Event.RECOURSE: frozenset({"outside_body"}),
    Event.PROGRESS: frozenset({"text"}),
}
"""What a text of the organisation must contain, so that the notice proves what it is sent for."""


@templates.describes("case")
def of_case(case: Any) -> Mapping[str, str]:
    """What every notice, and an answer at the desk, can say of a case."""
    handler, bodies = case.handler, case.outside_body
    next_date, missed = _ahead(case, case.confirm_due_at if case.status == Case.Status.RESOLVED else case.result_by)
    return {
        "ref": case.ref, "title": case.title, "customer": str(case.customer or ""),
        "contact": str(case.contact or case.complainant), "received": day(case, case.received_at),
        "due": _ahead(case, case.result_by)[0],
        "handler": handler.name if handler else "", "handler_email": handler.email if handler else "",
        "state": case.get_status_display(), "next_date": next_date, "missed_date": missed,
        "confirm_until": day(case, case.confirm_due_at), "outside_body": bodies,
    }  # fmt: skip


def values_of(event: Event, case: Case, facts: Facts) -> dict[str, str]:
    """What the placeholders of a notice mean, in the active language."""
    found: dict[str, str] = {**of_case(case), "text": facts.get("text", ""), "why": facts.get("why", "")}
    if named := facts.get("named"):
        found |= {"handler": named.name, "handler_email": named.email}
    match event:
        case Event.ACKNOWLEDGED:
            found["next_step"] = facts.get("next_step") or _next()
        case Event.ACTION:
            found |= _promise(facts)
        case Event.ESCALATED:
            found["role"] = _(facts["role"])
        case Event.RESOLVED:
            found |= {"outcome": case.outcome, "reasons": case.outcome_reasons}
        case Event.DELAY:
            found |= _delay(case, facts)
        case Event.CLOSED:
            found["ground"] = case.get_close_ground_display()
        case Event.MERGED:
            found["other"] = case.successor.ref if case.successor else ""
        case Event.RECLASSIFIED:
            what = case.get_proposed_classification_display()
            found |= {"classification": what, "other": facts["successor"], "why": case.proposal_reason}
        case Event.RECOURSE:
            there = _("%(body)s looks at it already (%(ref)s).")
            known = case.referrals.filter(status="open")
            found["referrals"] = "\n".join(there % {"body": one.body, "ref": one.ref} for one in known)
        case Event.PROGRESS if "text" in facts:
            found |= {"state": "", "next_date": "", "missed_date": ""}
    return found


def _promise(facts: Facts) -> dict[str, str]:
    until: date | None = facts.get("until")
    if until:
        return {"until": f"{until}", "promise": facts["what"]}
    if "what" in facts:
        return {"moved": facts["what"], "improvement": facts["improvement"]}
    return {"suggested": facts["improvement"]}


def _delay(case: Case, facts: Facts) -> dict[str, str]:
    if "text" in facts:
        return {"outside_body": ""}
    return {"reason": case.extension_reason, "new_date": day(case, case.promised_at) if case.promised_at else ""}


def _sample(event: Event) -> dict[str, str]:
    """What a preview shows where no case is named."""
    shown = {**PLACES, **OWN_PLACES.get(event, {})}
    return {name: f"‹{label}›" for name, label in shown.items()} | {"ref": "CMP-00042"}


LABELS: dict[Event, Words] = {
    **EVENTS,
    Event.DELAY: gettext_lazy("Explanation of a delay"), Event.MERGED: gettext_lazy("Joined with another case"),
    Event.RECLASSIFIED: gettext_lazy("Treated as something else"), Event.RECOURSE: gettext_lazy("Ways of recourse"),
    Event.PROGRESS: gettext_lazy("Progress"), Event.REMINDER: gettext_lazy("Reminder to confirm"),
    Event.QUESTION: gettext_lazy("Question"),
}  # fmt: skip

for _event in Event:
    templates.use(
        templates.Use(
            str(_event), LABELS[_event], {**PLACES, **OWN_PLACES.get(_event, {})},
            MUST.get(_event, frozenset()),
            shipped=lambda event=_event: shipped(event),  # type: ignore[misc]
            sample=lambda event=_event: _sample(event),  # type: ignore[misc]
        )
    )  # fmt: skip
