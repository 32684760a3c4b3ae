"""What is done when a mail of ours does not reach its receiver, whoever says so: our server, or a report in the box."""

from __future__ import annotations

import re

from django.utils.translation import gettext_noop

from comity.communications.models import Mail
from comity.parties.pointers import pointed
from comity.records import write
from comity.records.trail import Actor

RULE = "mail_bounce"
NOT_DELIVERED = gettext_noop("The mail %(ref)s was not delivered: %(why)s")
DELAYED = gettext_noop("The mail %(ref)s is delayed: %(why)s")


def failed(mail: Mail, why: str, *addresses: str) -> None:
    """It has failed for good. The line is in the outbox, too: from there those whose matter it is are told."""
    _say(NOT_DELIVERED, mail, why, addresses)


def delayed(mail: Mail, why: str, *addresses: str) -> None:
    """It is on its way, but late."""
    _say(DELAYED, mail, why, addresses)


def _say(words: str, mail: Mail, why: str, addresses: tuple[str, ...]) -> None:
    """A line on the matter, without the addresses: not everybody who reads it may know to whom the mail went.

    None about a mail to somebody inside: it only repeats what stands in the app.
    """
    if mail.communication is None:
        return
    for address in filter(None, (*addresses, *map(str, mail.recipients))):
        why = re.sub(rf"<?{re.escape(address)}>?", "…", why, flags=re.IGNORECASE)
    record = pointed(mail.ref) or mail.communication
    write.note_auto(record, words, Actor.system(RULE, "mail"), ref=mail.communication.ref, why=why or "–")
