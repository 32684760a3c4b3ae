"""When more comes in at once than is taken in: process managers and administrators are told, once an hour."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.accounts.models import Grant, in_force
from comity.accounts.roles import Role
from comity.communications.mail import FLOODED
from comity.notices.models import Event
from comity.notices.operations.notifying import notify
from comity.records.models import Entry

TOLD = (Role.ADMINISTRATOR, Role.PROCESS_MANAGER)
MAILS = gettext_noop("Too many mails of unknown senders within an hour: they wait until somebody looks at them.")
FORMS = gettext_noop("The public forms took in all that they may within an hour; who comes now is asked to wait.")


def hear(entries: Sequence[Entry]) -> None:
    """Tell those who can look at what waits, or set another limit."""
    doors = {entry.ref for entry in entries if entry.act == FLOODED}
    if not doors:
        return
    people = set(Grant.objects.filter(in_force(timezone.localdate()), role__in=TOLD).values_list("person", flat=True))
    if "mail" in doors:
        notify(Event.ALERT, people, text=MAILS, url="/mail/?way=in&state=ignored")
    if "form" in doors:
        notify(Event.ALERT, people, text=FORMS, url="/settings/parameters/")
