"""What whoever claims is told, each time a logged communication in the language of its reader."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.claims.models import Claim
from comity.communications.models import Communication
from comity.communications.saying import say
from comity.parties.operations import language_of
from comity.records.trail import Actor

RULE = "CSMS-4.6-d"
Purpose = Communication.Purpose


def received(claim: Claim, actor: Actor) -> None:
    """Its number, and the day by which it is decided."""
    with override(language_of(claim.contact, claim.customer)):
        text = _("We have your claim %(ref)s about “%(promise)s”. We decide on it by %(day)s and tell you why.")
        said = text % {"ref": claim.ref, "promise": claim.promise, "day": claim.due_on}
        _log(claim, Purpose.ACKNOWLEDGEMENT, _("We have your claim %(ref)s") % {"ref": claim.ref}, said, actor)


def decided(claim: Claim, actor: Actor) -> None:
    """Granted with what is given, or refused with the way on; each with the reason."""
    with override(language_of(claim.contact, claim.customer)):
        if claim.status == Claim.Status.REFUSED:
            head = _("Your claim %(ref)s is refused") % {"ref": claim.ref}
            rest = [_("If you do not agree, bring it up as a complaint and name this number.")]
        else:
            head = _("Your claim %(ref)s is granted") % {"ref": claim.ref}
            rest = [_("You receive: %(what)s") % {"what": compensation(claim)}]
        _log(claim, Purpose.DECISION, head, "\n\n".join([f"{head}.", claim.reason, *rest]), actor)


def given(claim: Claim, actor: Actor) -> None:
    """When it was given, and under which reference."""
    with override(language_of(claim.contact, claim.customer)):
        head = _("What your claim %(ref)s brings you") % {"ref": claim.ref}
        text = _("Given on %(day)s: %(what)s. Reference: %(reference)s")
        said = text % {"day": claim.given_on, "what": compensation(claim), "reference": claim.given_reference}
        _log(claim, Purpose.RESULT, head, said, actor)


def compensation(claim: Claim) -> str:
    """What is given, in words and figures."""
    worth = f" ({claim.currency} {claim.amount:.2f})" if claim.amount else ""
    return f"{claim.get_remedy_display()}{worth}"


def _log(claim: Claim, purpose: str, summary: str, body: str, actor: Actor) -> None:
    say(
        claim, purpose, summary, body, actor.by(RULE), topic=Communication.Topic.AFTER_SALES, substantive=True,
        customer=claim.customer, contact=claim.contact,
    )  # fmt: skip
