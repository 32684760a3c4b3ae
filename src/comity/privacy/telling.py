"""What whoever asked is told, each time a logged communication in the language of its reader."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.communications.models import Communication
from comity.communications.saying import say
from comity.parties.operations import language_of
from comity.privacy.models import DataSubjectRequest
from comity.records.trail import Actor

RULE = "CSMS-8.7.2-s5"
Purpose = Communication.Purpose


def received(one: DataSubjectRequest, actor: Actor) -> None:
    """Its number, and the day by which it is answered."""
    with override(language_of(one.contact, one.contact.customer)):
        text = _("We have your request %(ref)s about your data. You hear from us by %(day)s.")
        said = text % {"ref": one.ref, "day": one.due_on}
        _log(one, Purpose.ACKNOWLEDGEMENT, _("We have your request %(ref)s") % {"ref": one.ref}, said, actor)


def answered(one: DataSubjectRequest, actor: Actor) -> None:
    """What was decided, with the reason."""
    with override(language_of(one.contact, one.contact.customer)):
        refused = one.status == one.Status.REFUSED
        head = _("Your request %(ref)s is refused") if refused else _("Your request %(ref)s is answered")
        _log(one, Purpose.DECISION, head % {"ref": one.ref}, one.outcome, actor)


def erasing(one: DataSubjectRequest, held: dict[str, str], actor: Actor) -> Communication:
    """The last that they hear from us: their data go, and what the law makes us keep, with the reason."""
    with override(language_of(one.contact, one.contact.customer)):
        said = [_("We now erase what we hold about you, as you asked in %(ref)s.") % {"ref": one.ref}]
        for ref, reason in held.items():
            values = {"ref": ref, "reason": reason}
            said.append(_("Record %(ref)s stays as it is for the time being: %(reason)s") % values)
        said.append(_("Numbers, days and figures that name nobody stay, and so does what is signed."))
        return _log(one, Purpose.DECISION, _("Your data are being erased"), "\n\n".join(said), actor)


def _log(one: DataSubjectRequest, purpose: str, summary: str, body: str, actor: Actor) -> Communication:
    return say(
        one, purpose, summary, body, actor.by(RULE), topic=Communication.Topic.PRIVACY, substantive=True,
        customer=one.contact.customer, contact=one.contact,
    )  # fmt: skip
