"""What a notice says. The one place that words what customers are told: for an event, a case, and their language.

A notice is written in the language of whoever reads it, not of whoever causes it; its days are those of the calendar
that counts for the customer (ISO 10002, BRM-3.3-13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from comity.cases.models import Case, timing
from comity.cases.rules.notices import Event
from comity.parties import operations as parties
from comity.parties.models import Contact

Facts = Mapping[str, Any]
Paragraphs = Iterator[str]


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
        summary = str(SUMMARY[event]) % {"ref": case.ref}
        return Text(summary, "\n\n".join(part for part in BODY[event](case, facts) if part), language)


def day(case: Case, moment: datetime | None) -> str:
    """A day as the customer's calendar counts it."""
    return f"{moment.astimezone(timing.calendar_of(case).zone):%Y-%m-%d}" if moment else "–"


SUMMARY: dict[Event, str | Promise] = {
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


def _next() -> str:
    return _("Next, we assess it and tell you what we will do.")


def next_step(case: Case) -> str:
    """What an acknowledgement says of the next step where nobody says it otherwise, in the reader's language."""
    with override(language_of(case)):
        return _next()


def _acknowledged(case: Case, facts: Facts) -> Paragraphs:
    """The number, the next step, a named contact and the way up (ISO 10002)."""
    yield _("We have received your message of %(date)s. Its number is %(ref)s.") % {
        "date": day(case, case.received_at), "ref": case.ref,
    }  # fmt: skip
    yield facts.get("next_step") or _next()
    if case.resolve_due_at:
        yield _("We want to resolve it by %(date)s.") % {"date": day(case, case.resolve_due_at)}
    named = facts["named"]
    yield _("Your contact is %(name)s (%(email)s).") % {"name": named.name, "email": named.email}
    yield _("If you are not content with how we handle it, ask that it be escalated: by reply, or in the portal.")


def _written(case: Case, facts: Facts) -> Paragraphs:
    """What a person wrote to the customer."""
    yield facts["text"]


def _action(case: Case, facts: Facts) -> Paragraphs:
    """A promise, a promise that goes on as an improvement, or what becomes of a suggestion."""
    until: date | None = facts.get("until")
    if until:
        yield _("We will do this until %(date)s: %(what)s") % {"date": until, "what": facts["what"]}
    elif "what" in facts:
        yield _("What we promised (%(what)s) goes on as the improvement %(ref)s. %(why)s") % {
            "what": facts["what"], "ref": facts["improvement"], "why": facts["why"],
        }  # fmt: skip
    else:
        words = _(
            "Thank you for your suggestion. We look at it as the improvement %(ref)s and tell you what is decided."
        )
        yield words % {"ref": facts["improvement"]}


def _escalated(case: Case, facts: Facts) -> Paragraphs:
    yield _("Your case %(ref)s is now with our %(role)s.") % {"ref": case.ref, "role": _(facts["role"])}


def _resolved(case: Case, facts: Facts) -> Paragraphs:
    yield case.outcome
    yield case.outcome_reasons
    words = _("Please confirm or reject this until %(date)s. Without a word from you we close the case then.")
    yield words % {"date": day(case, case.confirm_due_at)}


def _delay(case: Case, facts: Facts) -> Paragraphs:
    """An explanation that a person wrote, or the reason of an extension with the new date."""
    if "text" in facts:
        yield facts["text"]
        return
    yield case.extension_reason
    if case.promised_at:
        yield _("The new date is %(date)s.") % {"date": day(case, case.promised_at)}
    yield _("You can also turn to: %(body)s") % {"body": case.outside_body}


def _closed(case: Case, facts: Facts) -> Paragraphs:
    yield _("Your case %(ref)s is closed: %(ground)s.") % {"ref": case.ref, "ground": case.get_close_ground_display()}


def _merged(case: Case, facts: Facts) -> Paragraphs:
    other = case.successor.ref if case.successor else "–"
    yield _("We go on with your case %(ref)s under the number %(other)s.") % {"ref": case.ref, "other": other}


def _reclassified(case: Case, facts: Facts) -> Paragraphs:
    yield _("We treat %(ref)s as: %(what)s (%(other)s). Reason: %(why)s You may object until %(date)s.") % {
        "ref": case.ref, "what": case.get_proposed_classification_display(), "other": facts["successor"],
        "why": case.proposal_reason, "date": day(case, case.confirm_due_at),
    }  # fmt: skip


def _recourse(case: Case, facts: Facts) -> Paragraphs:
    yield _("Inside, our operations director has decided; a senior manager may be asked to look again.")
    outside = _("Outside, you can turn to: %(body)s") % {"body": case.outside_body or "–"}
    there = _("%(body)s looks at it already (%(ref)s).")
    known = [there % {"body": one.body, "ref": one.ref} for one in case.referrals.filter(status="open")]
    yield "\n".join((outside, *known))


def _progress(case: Case, facts: Facts) -> Paragraphs:
    """What a person wrote; else the state, and the next date."""
    if "text" in facts:
        yield facts["text"]
        return
    yield _("Your case %(ref)s is in the state “%(state)s”. Next date: %(date)s.") % {
        "ref": case.ref, "state": case.get_status_display(), "date": day(case, case.next_due_at),
    }  # fmt: skip


def _reminder(case: Case, facts: Facts) -> Paragraphs:
    words = _("Please confirm or reject the result of %(ref)s until %(date)s.")
    yield words % {"ref": case.ref, "date": day(case, case.confirm_due_at)}


BODY: dict[Event, Callable[[Case, Facts], Paragraphs]] = {
    Event.ACKNOWLEDGED: _acknowledged,
    Event.FIRST_ANSWER: _written,
    Event.ACTION: _action,
    Event.ESCALATED: _escalated,
    Event.RESOLVED: _resolved,
    Event.DELAY: _delay,
    Event.CLOSED: _closed,
    Event.MERGED: _merged,
    Event.RECLASSIFIED: _reclassified,
    Event.RECOURSE: _recourse,
    Event.PROGRESS: _progress,
    Event.REMINDER: _reminder,
    Event.QUESTION: _written,
}
