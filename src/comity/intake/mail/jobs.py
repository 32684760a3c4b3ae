"""The worker asks the mailboxes every minute, where any are named."""

from __future__ import annotations

import logging

from django_tasks import task

from comity.intake.mail import mailbox
from comity.intake.mail.taking import Taken
from comity.jobs.schedule import every
from comity.jobs.worker import report

MOST = 500  # messages of one mailbox in one run; the rest waits for the next minute
log = logging.getLogger(__name__)


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
            log.warning("%s: %s", address, error)
            found[str(address)] = f"! {error}"[:300]
    return found
