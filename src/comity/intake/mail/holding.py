"""Mails that wait for a person because too many came at once: which they are, and to leave them out for good."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from comity.communications.mail import Mail
from comity.intake.mail.reasons import FLOOD, LEFT
from comity.records.trail import Actor, Thing, log


def held() -> QuerySet[Mail]:
    """Those that nobody decided on yet."""
    rows = Mail.objects.filter(direction=Mail.Direction.IN, state=Mail.State.IGNORED)
    return rows.filter(reason__startswith=FLOOD)


@transaction.atomic
def leave_out(actor: Actor) -> int:
    """Nothing becomes of them; they stay in the ledger, byte for byte, and each can still be taken in by hand."""
    rows = list(held().select_for_update())
    for mail in rows:
        log(Thing.of(mail), "leave", actor)
    return Mail.objects.filter(pk__in=[mail.pk for mail in rows]).update(reason=LEFT)
