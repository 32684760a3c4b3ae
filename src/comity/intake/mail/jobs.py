"""The worker asks the mailboxes every minute, where any are named."""

from __future__ import annotations

import logging

from django_tasks import task

from comity.accounts.models import Person
from comity.communications import originals
from comity.intake.mail import mailbox
from comity.intake.mail.holding import held
from comity.intake.mail.taking import Taken, take
from comity.jobs.schedule import every
from comity.jobs.worker import report
from comity.records.trail import Actor, Thing, log

__all__ = ["fetch_mail", "take_held"]
MOST = 500  # messages of one mailbox in one run; the rest waits for the next minute
logger = logging.getLogger(__name__)


@every("* * * * *", "intake.mail")
@task()
def fetch_mail() -> dict[str, str]:
    """Take in what lies in the mailboxes. A server that does not answer is asked again a minute later."""
    found: dict[str, str] = {}
    for address in mailbox.configured():
        done: list[Taken] = []

        def tell(taken: Taken, done: list[Taken] = done) -> None:
            done.append(taken)
            report(len(done))

        try:
            with mailbox.opened(address) as box:
                found[str(address)] = str(mailbox.fetch(box, address, tell, MOST))
        except mailbox.DEAD as error:
            logger.warning("%s: %s", address, error)
            found[str(address)] = f"! {error}"[:300]
    return found


@task()
def take_held(person: int) -> int:
    """Take in everything that was held because too much came at once, in the order in which it came."""
    actor, done = Actor(Person.objects.get(pk=person)), 0
    for done, mail in enumerate(held().order_by("pk"), 1):
        take(originals.read(mail.raw), mailbox=mail.mailbox, received_at=mail.at, by_hand=mail)
        log(Thing.of(mail), "retry", actor)
        report(done)
    return done
