"""The letters of a survey: the invitation and one reminder, in words of ours or of the organisation (PG-001-09).

The secret of the link stands in the mail alone: the log keeps a mark in its place, the database a digest.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from comity.communications import crossing, rules, templates
from comity.communications.models import Communication
from comity.communications.outgoing import fills
from comity.communications.saying import say
from comity.parties import consents
from comity.parties.operations import language_of
from comity.records.models import Term
from comity.records.trail import Actor
from comity.satisfaction.models import Invitation, Survey

RULE = "survey"
PURPOSE = "surveys"
INVITATION, REMINDER = "survey_invitation", "survey_reminder"
MARK = "⟦survey link⟧"
LENGTH = 43  # of a secret: 256 bits in letters that an address may hold
PATH = "/answer/"
crossing.secret(PATH, LENGTH)

PLACES: Mapping[str, Any] = {
    "contact": gettext_lazy("contact"), "survey": gettext_lazy("title of the survey"),
    "ref": gettext_lazy("reference of the case"), "title": gettext_lazy("title of the case"),
    "until": gettext_lazy("last day to answer"), "link": gettext_lazy("link to the questions"),
    "nameless": gettext_lazy("that nobody sees who answered"),
}  # fmt: skip
ABOUT = gettext_lazy("[It is about {ref}, “{title}”, which we have closed.]")
WORDS: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    INVITATION: (
        gettext_lazy("How did we do?"),
        (
            gettext_lazy("We would like to hear from you: {survey}. It takes about two minutes."), ABOUT,
            gettext_lazy("Answer here, without signing in, until {until}:"), "{link}", "[{nameless}]",
            gettext_lazy("The link is meant for you alone and takes one answer. On the same page you can tell us not "
                         "to ask you again."),
        ),
    ),
    REMINDER: (
        gettext_lazy("A reminder: how did we do?"),
        (
            gettext_lazy("Some days ago we asked you: {survey}. We remind you this once."), ABOUT,
            gettext_lazy("Answer here, without signing in, until {until}:"), "{link}", "[{nameless}]",
        ),
    ),
}  # fmt: skip


def shipped(code: str) -> tuple[str, str]:
    """Our subject and text in the active language."""
    subject, body = WORDS[code]
    return str(subject), "\n\n".join(str(part) for part in body)


def _sample() -> Mapping[str, str]:
    return {name: f"‹{label}›" for name, label in PLACES.items()} | {"ref": "CMP-00042"}


for _code, _label in (
    (INVITATION, gettext_lazy("Invitation to a survey")),
    (REMINDER, gettext_lazy("Survey reminder")),
):
    templates.use(
        templates.Use(
            _code, _label, PLACES, frozenset({"link"}), shipped=lambda code=_code: shipped(code),  # type: ignore[misc]
            sample=_sample,
        )
    )  # fmt: skip


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def secret_of(invitation: Invitation) -> str:
    """The secret of its link, the same in the reminder; who has only the database cannot make it."""
    said = f"{invitation.pk}:{invitation.survey_id}:{invitation.contact_id}:{invitation.at.isoformat()}"
    raw = salted_hmac("comity.survey", said, algorithm="sha256").digest()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def address(secret: str) -> str:
    """The whole address, as it is mailed."""
    return f"{settings.URL.rstrip('/') if settings.URL else ''}{PATH}{secret}/"


@fills(MARK)
def _in_letter(communication: Communication) -> str:
    invitation = Invitation.objects.filter(Q(sent_as=communication) | Q(reminded_as=communication)).first()
    if invitation is None:
        return ""
    secret = secret_of(invitation)
    Invitation.objects.filter(pk=invitation.pk).exclude(digest=digest(secret)).update(digest=digest(secret))
    return address(secret)


def send(invitation: Invitation, code: str, actor: Actor) -> Communication:
    """Put the letter on record; it goes out by mail. The first to somebody also offers to ask no more."""
    survey, case, contact = invitation.survey, invitation.case, invitation.contact
    consents.offer(contact, PURPOSE, actor.by(RULE))
    language = language_of(contact, contact.customer, case.language if case else "")
    with override(language):
        own = templates.standing(code, language)
        subject, body = (own.subject, own.body) if own else shipped(code)
        said = _values(survey, invitation)
    return say(
        case or survey, _purpose(code), rules.filled(subject, said), rules.filled(body, said), actor.by(RULE),
        customer=contact.customer, contact=contact, topic=Communication.Topic.FEEDBACK,
        restricted=bool(case and case.restricted),
    )  # fmt: skip


def _purpose(code: str) -> str:
    return Communication.Purpose.REMINDER if code == REMINDER else Communication.Purpose.QUESTION


def _values(survey: Survey, invitation: Invitation) -> dict[str, str]:
    asked, case = survey.questionnaire, invitation.case
    nameless = _("Nobody here sees who answered what: answers are kept without names.") if survey.anonymous else ""
    title = Term.word(asked.title, asked.title_zh) if asked else survey.title
    return {
        "contact": str(invitation.contact), "survey": title, "ref": case.ref if case else "",
        "title": case.title if case else "", "until": f"{survey.closes_on}", "link": MARK, "nameless": nameless,
    }  # fmt: skip
