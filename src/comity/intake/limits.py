"""How much may come in within an hour from people whom we do not know, and how those hear of it who can decide.

What is beyond is not lost: mails wait for a person, and whoever fills in a form keeps what they wrote.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comity.accounts.limits import within
from comity.clocks.parameters import declare, number
from comity.communications.mail import FLOODED
from comity.communications.operations import open_channels
from comity.records.trail import Actor, Thing, log

HOUR = 3600
LINKS, MOST_WAYS = {"phone": "tel:", "email": "mailto:"}, 6
MAIL, FORM, FORM_ONE = "intake_mail_strangers_hour", "intake_form_all_hour", "intake_form_one_hour"
declare(
    MAIL, 120, "n", 1, 10_000,
    _("New cases within an hour by mail of senders whom we do not know; what comes beyond waits for a person."),
)  # fmt: skip
declare(FORM, 400, "n", 1, 10_000, _("Sendings of public forms within an hour, of everybody together."))
declare(FORM_ONE, 12, "n", 1, 1000, _("Sendings of public forms within an hour from one network address."))


def most(name: str) -> int:
    """The limit now in force."""
    return int(number(name))


def again() -> datetime:
    """When something may come in once more: at the end of this window."""
    return datetime.fromtimestamp((int(time.time()) // HOUR + 1) * HOUR, UTC)


def other_ways() -> list[tuple[str, str, str]]:
    """How else to reach us, as it is published for everybody: sort, words and link; else our mail address."""
    ways = [one for one in open_channels(()) if one.type in LINKS and one.address][:MOST_WAYS]
    found = [(one.type, one.address, LINKS[one.type] + "".join(one.address.split())) for one in ways]
    own = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return found or ([("email", own, f"mailto:{own}")] if not own.endswith("@localhost") else [])


def tell(door: str, via: str) -> None:
    """A line in the trail, once an hour for each door; from there those are told who look after it."""
    if within("flooded", door, 1, HOUR):
        with transaction.atomic():
            log(Thing("intake", 0, door), FLOODED, Actor.system("intake_limit", via))
