"""A case as whoever complained sees it: where it stands, what was told, what comes next, and what they can do.

Words for people who do not know how we work. Nothing of what staff write for each other is in it, and no names but
those of the contact and of whoever answers at the next level (ISO 10002, 7.1, BRM-3.3-13).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from comity.accounts.models import Person
from comity.accounts.roles import Role
from comity.cases.models import Case, timing
from comity.cases.models.choices import CloseGround, Status
from comity.cases.operations import escalating, outside, people
from comity.cases.rules import escalation as levels
from comity.cases.rules.escalation import Trigger
from comity.cases.rules.notices import Event, notice
from comity.communications import outgoing
from comity.communications.models import Communication
from comity.communications.operations import about as said_about
from comity.records.models import Entry, File
from comity.records.trail import Actor
from comity.records.workflow import Move

Words = str | Promise
STAGES: tuple[Words, ...] = (
    pgettext_lazy("stage", "Received"), pgettext_lazy("stage", "Looked at"), pgettext_lazy("stage", "Worked on"),
    pgettext_lazy("stage", "Result"), pgettext_lazy("stage", "Closed"),
)  # fmt: skip
STAGE_OF = {Status.RECEIVED: 0, Status.ACKNOWLEDGED: 1, Status.RESOLVED: 3, Status.CLOSED: 4}
WORKED_ON = 2
STATES: dict[str, Words] = {
    Status.RECEIVED: gettext_lazy("We have it, and confirm that soon."),
    Status.ACKNOWLEDGED: gettext_lazy("We have it. Now we look at how grave it is, and who takes care of it."),
    Status.ASSESSED: gettext_lazy("Somebody takes care of it and begins to look into it."),
    Status.INVESTIGATING: gettext_lazy("We are finding out what happened."),
    Status.ACTING: gettext_lazy("We know what happened, and are putting it right."),
    Status.AWAITING_CUSTOMER: gettext_lazy("We have a question for you, and wait for your answer."),
    Status.AWAITING_IMPROVEMENT: gettext_lazy("It takes a change on our side. We have told you until when."),
    Status.RESOLVED: gettext_lazy("This is our result. Please confirm it, or tell us why you do not accept it."),
}
OTHER_STATES: dict[str, Words] = {
    Status.RECEIVED: gettext_lazy("We have it, and answer it soon."),
    Status.ACKNOWLEDGED: gettext_lazy("We have it, and answer it soon."),
}
"""Of what is no complaint."""

OPEN_FORM = "public_form"  # the rule by which somebody acts who has not shown whose address they gave
OUTSIDE_RULES = frozenset({OPEN_FORM, "tracking_link"})
SAID_ELSEWHERE = frozenset(
    {Communication.Purpose.INTAKE, Communication.Purpose.CONFIRMATION, Communication.Purpose.REJECTION}
)
ASKED_FOR_IT = tuple(
    one.value
    for one in (Trigger.CUSTOMER, Trigger.REJECTED, Trigger.REJECTED_AGAIN, Trigger.REOPENED, Trigger.OBJECTION)
)
YOU_DID: dict[str, Words] = {
    "confirm": gettext_lazy("You confirmed the result."),
    "reject": gettext_lazy("You did not accept the result."),
    "reply": gettext_lazy("You answered our question."),
    "escalate": gettext_lazy("You asked for it to be escalated."),
    "ask_to_withdraw": gettext_lazy("You asked to withdraw it."),
    "object": gettext_lazy("You objected: it is a complaint."),
    "reopen": gettext_lazy("You reopened it."),
    "ask_news": gettext_lazy("You asked how it stands."),
    "record_wish": gettext_lazy("You said what you want to hear."),
    "make_complaint": gettext_lazy("You said that it is a complaint."),
    "withdraw": gettext_lazy("You withdrew it."),
}
WE_DID: dict[str, Words] = {
    "confirm": gettext_lazy("We noted that you confirmed the result."),
    "reject": gettext_lazy("We noted that you do not accept the result, and look into it again."),
    "expire": gettext_lazy("The time to confirm has passed, and we closed it."),
    "withdraw": gettext_lazy("We closed it, as you asked."),
    "reopen": gettext_lazy("We opened it again."),
    "object": gettext_lazy("We noted your objection."),
    "make_complaint": gettext_lazy("We treat it as a complaint."),
    "record_wish": gettext_lazy("We noted what you want to hear."),
    "ask_news": gettext_lazy("We noted that you ask how it stands."),
}


@dataclass(frozen=True)
class Deed:
    """Something that whoever complained can do: the step of the workflow in their words."""

    name: str
    label: Words
    follows: Words  # what happens then
    asks: Words = ""  # the question to which the note is the answer; empty where none is asked
    icon: str = "arrow-right"
    grave: bool = False


DEEDS: tuple[Deed, ...] = (
    Deed("reply", gettext_lazy("Answer"), gettext_lazy("We go on as soon as we have your answer."),
         gettext_lazy("Your answer"), "reply"),
    Deed("confirm", gettext_lazy("Yes, this settles it"), gettext_lazy("We close it then. You can still reopen it."),
         icon="check"),
    Deed("reject", gettext_lazy("No, I do not accept it"),
         gettext_lazy("Somebody higher up looks at it, and we begin anew. Please say why."),
         gettext_lazy("Why do you not accept the result?"), "x"),
    Deed("object", gettext_lazy("It is a complaint"),
         gettext_lazy("Then we treat it as a complaint again, and somebody higher up looks at it."),
         gettext_lazy("Why is it a complaint?"), "undo-2"),
    Deed("make_complaint", gettext_lazy("This is a complaint"),
         gettext_lazy("Then it is handled as one, counted from when you were first dissatisfied."),
         gettext_lazy("What are you not content with?"), "message-square-warning"),
    Deed("reopen", gettext_lazy("Reopen it"), gettext_lazy("We look into it once more, one level higher."),
         gettext_lazy("Why should we look at it again?"), "rotate-ccw"),
    Deed("escalate", gettext_lazy("Escalate"), gettext_lazy("The person named here looks at it and answers."),
         gettext_lazy("What are you not content with?"), "chevrons-up"),
    Deed("ask_news", gettext_lazy("How does it stand?"), gettext_lazy("We tell you soon how it stands."),
         gettext_lazy("Your question"), "circle-question-mark"),
    Deed("record_wish", gettext_lazy("What I want to hear"),
         gettext_lazy("You hear the result, and why something takes longer, in any case."), icon="bell"),
    Deed("ask_to_withdraw", gettext_lazy("Withdraw it"),
         gettext_lazy("We close it then. Something grave we still look into, for the sake of others."),
         gettext_lazy("Why do you withdraw it?"), "ban", True),
)  # fmt: skip


def deeds(case: Case, actor: Actor) -> list[Deed]:
    """What whoever complained can do now, the most wanted first. Whether this actor may is for the write path."""
    open_moves = {row.name for row in _moves(case) if not row.missing(case, actor)}
    done = {"ask_to_withdraw": case.withdrawal_asked_at, "ask_news": case.news_due_at}
    return [deed for deed in DEEDS if deed.name in open_moves and not done.get(deed.name)]


def _moves(case: Case) -> list[Move]:
    flow = case.kind.workflow
    return [row for row in flow.leaving(case) if Role.CUSTOMER_CONTACT in row.by] if flow else []


class Followed(Protocol):
    """A record of a customer that is followed outside: a case, and what rooms above keep beside it."""

    pk: Any
    ref: Any
    customer: Any
    contact: Any

    @property
    def kind(self) -> Any: ...


@dataclass(frozen=True)
class Line:
    """One thing that was said or done. `side`: you, they (somebody else of your organisation), or we."""

    at: datetime
    side: str
    who: str
    heading: str
    text: str = ""
    icon: str = "message-square"
    letter: str = ""  # the reference of what we wrote


def story(case: Followed, person: Person | None = None, proven: bool = True) -> list[Line]:
    """What passed between the customer and us, newest first; only what came by the open form itself where whoever
    reads has not shown to be the one to whom we write."""
    found = [*_letters(case, person), *_lines(case, person)] if proven else _lines(case, person, rule=OPEN_FORM)
    return sorted(found, key=lambda line: line.at, reverse=True)


def letters(case: Followed) -> QuerySet[Communication]:
    """What we wrote to the customer about it, as far as it is shown outside."""
    return said_about(case, direction=Communication.Direction.OUTBOUND).filter(restricted=False)


def _letters(case: Followed, person: Person | None) -> Iterator[Line]:
    ours = _outside_ids(case)
    for one in said_about(case).filter(restricted=False):
        if one.direction == Communication.Direction.OUTBOUND:
            text = outgoing.shown(one.body)
            yield Line(one.occurred_at, "we", "", one.get_purpose_display(), text, "mail", one.ref)
        elif one.purpose not in SAID_ELSEWHERE and (one.entered_by_id in ours or not one.entered_by.is_active):
            mine = person is None or one.entered_by_id == person.pk or one.contact == case.contact
            yield Line(
                one.occurred_at,
                "you" if mine else "they",
                str(one.contact or ""),
                pgettext("timeline", "wrote"),
                one.body,
            )


def _lines(case: Followed, person: Person | None, **only: str) -> Iterator[Line]:
    ours = _outside_ids(case)
    acts = [Entry.POST, Entry.FILE, *YOU_DID, *WE_DID]
    rows = Entry.objects.filter(kind=case.kind.name, record_id=case.pk, public=True, act__in=acts, **only)
    for entry in rows.order_by("pk"):
        you = entry.rule in OUTSIDE_RULES or (person is not None and entry.actor_id == person.pk)
        side = "you" if you else "they" if entry.actor_id in ours else "we"
        who = entry.actor if side == "they" else ""
        if entry.act == Entry.POST:
            yield Line(entry.happened_at, side, who, pgettext("timeline", "wrote"), entry.note)
        elif entry.act == Entry.FILE:
            name = str(entry.changes.get("file", [None, ""])[1])
            yield Line(entry.happened_at, side, who, _("sent a file"), name, "paperclip")
        elif side == "we":
            if words := WE_DID.get(entry.act):
                yield Line(entry.happened_at, "we", "", str(words), icon="arrow-right")
        else:
            yield Line(entry.happened_at, side, who, str(YOU_DID[entry.act]), entry.note, "arrow-right")


def _outside_ids(case: Followed) -> frozenset[int]:
    """Ids of the people who have stood for the customer in the portal."""
    if case.customer is None:
        return frozenset()
    return frozenset(pk for pk in case.customer.contacts.values_list("person", flat=True) if pk)


def files(case: Followed) -> list[File]:
    """The files that were handed in from outside, or made visible there."""
    return list(File.objects.filter(kind=case.kind.name, record_id=case.pk, public=True).order_by("at"))


def state(case: Case, proven: bool = True) -> str:
    """Where it stands, in one sentence; in general only where whoever reads has not shown to be the one we write to."""
    if not proven and case.status in (Status.RESOLVED, Status.CLOSED):
        return _("We have sent the result to the address on file.") if case.is_open else _("It is closed.")
    if (going_on := onward(case)) is not None:
        return _("It goes on as %(ref)s. %(state)s") % {"ref": going_on.ref, "state": state(going_on)}
    if case.status == Status.CLOSED and case.successor is not None:  # perhaps another person's: no more than its number
        return _("It is the same matter as %(ref)s, and goes on there.") % {"ref": case.successor.ref}
    if case.status == Status.CLOSED:
        return _("It is closed: %(ground)s.") % {"ground": case.get_close_ground_display()}
    if case.withdrawal_asked_at:
        return _("You asked to withdraw it. We close it.")
    words = STATES if case.is_complaint else {**STATES, **OTHER_STATES}
    return str(words[case.status])


def onward(case: Case) -> Case | None:
    """The case as which the same person's matter goes on, now that it was found to be no complaint."""
    return case.successor if case.close_ground == CloseGround.RECLASSIFIED else None


def stages(case: Case) -> list[tuple[str, Words]]:
    """The five stages: done, now, next."""
    at = STAGE_OF.get(Status(case.status), WORKED_ON)
    over = case.status == Status.CLOSED
    return [("done" if n < at or over else "now" if n == at else "next", word) for n, word in enumerate(STAGES)]


def day(case: Case, moment: datetime) -> date:
    """The day of a deadline, as the calendar counts it that the case is measured by."""
    return moment.astimezone(timing.calendar_of(case).zone).date()


@dataclass(frozen=True)
class Awaited:
    """What comes next, and until when; `late` is what we promised for a time that has passed."""

    words: str
    day: date
    late: bool = False


def dates(case: Case) -> list[Awaited]:
    """What comes next, and until when: the dates of which the customer was told."""
    ours, theirs = list[tuple[str, datetime | None]](), list[tuple[str, datetime | None]]()
    if case.status == Status.RESOLVED:
        theirs = [(_("Please confirm or reject by"), case.confirm_due_at)]
    elif case.is_open:
        waits = case.status == Status.AWAITING_CUSTOMER
        theirs = [(_("We wait for your answer until"), case.pause_ends_at if waits else None)]
        ours = [
            (_("We confirm that we have it by"), None if case.acknowledged_at else case.ack_due_at),
            (_("We tell you how it stands by"), case.news_due_at),
            (_("You have a first answer by"), None if case.answered_at else case.answer_due_at),
            (_("You have the result by"), case.result_by),
        ]
    now = timezone.now()
    awaited = [(words, at, at < now) for words, at in ours if at] + [(words, at, False) for words, at in theirs if at]
    return [Awaited(words, day(case, at), late) for words, at, late in sorted(awaited, key=lambda one: one[1])]


def contact(case: Case) -> Person | None:
    """Whom to turn to: the person named in the acknowledgement."""
    return people.named_contact(case, Actor.system(outside.RECEIPT)) if case.is_open else None


@dataclass(frozen=True)
class Above:
    """Who looks at it when it is escalated, and until when they answer."""

    role: str
    person: Person | None
    until: date | None = None


def above(case: Case) -> Above | None:
    """The next level, with its person; None where it is there already, or closed."""
    if not case.is_complaint or not case.is_open or case.escalation_level >= levels.TOP:
        return None
    found, person, _skipped = people.addressee(case, case.escalation_level + 1)
    return Above(_(escalating.LEVEL_NAMES[found.level]), person)


def escalated_to(case: Case) -> Above | None:
    """Where it was escalated to, if the customer asked for that, wishes to hear it, or could ask nobody higher."""
    raised: Any = case.escalations.select_related("person").order_by("level", "pk")
    wished = notice(Event.ESCALATED, case.wish, anonymous=case.anonymous).due
    if not wished and not (case.is_open and case.escalation_level >= levels.TOP):
        raised = raised.filter(trigger__in=ASKED_FOR_IT)
    last = raised.last()
    if last is None:
        return None
    until = day(case, last.due_at) if last.due_at and case.is_open else None
    return Above(_(escalating.LEVEL_NAMES[last.level]), last.person, until)
