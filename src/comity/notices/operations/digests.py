"""What people want to hear in the morning: one mail a weekday, with what has come together since the last."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from comity.accounts.models import Person
from comity.notices.models import Digest, Notification
from comity.notices.operations import mailing
from comity.notices.operations.notifying import address, line, record_of, settings_hint
from comity.notices.rules import is_morning

SHOWN = 100


def send_all(now: datetime | None = None) -> int:
    """Write the digests that are due; returns how many."""
    now = now or timezone.now()
    waiting = Notification.objects.filter(for_digest=True).values("person").distinct()
    last = dict(Digest.objects.filter(person__in=waiting).values_list("person", "sent_on"))
    count = 0
    for person in Person.objects.filter(pk__in=waiting).order_by("pk"):
        local = now.astimezone(ZoneInfo(person.time_zone))
        if is_morning(local, last.get(person.pk)):
            count += _send(person, local)
    return count


@transaction.atomic
def _send(person: Person, local: datetime) -> bool:
    """One digest; what was read in the app meanwhile is left out, and nothing left is no mail."""
    rows = list(Notification.objects.filter(person=person, for_digest=True).select_related("instead_of").order_by("pk"))
    if not rows:
        return False
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(for_digest=False)
    unread = [row for row in rows if row.read_at is None] if person.current else []
    if not unread:
        return False
    Digest.objects.update_or_create(person=person, defaults={"sent_on": local.date()})
    with override(person.language), timezone.override(person.time_zone):
        subject = ngettext("%(n)d piece of news", "%(n)d pieces of news", len(unread)) % {"n": len(unread)}
        parts = [line(row, record_of(row)) for row in unread[:SHOWN]]
        if len(unread) > SHOWN:
            parts.append(_("And more: %(where)s") % {"where": address("/notifications/") or "/notifications/"})
        body = "\n\n".join([*parts, settings_hint()])
    mailing.put(
        mailing.Letter(
            person.email, person.name, subject, body, person.language, name="digest", automatic=True,
            unsubscribe=address("/notifications/settings/"),
        )
    )  # fmt: skip
    return True
