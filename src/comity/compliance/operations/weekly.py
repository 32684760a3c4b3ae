"""The weekly mail: to each person what did not happen that is theirs, in their language, as they want to hear of it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from comity.accounts.models import Person
from comity.compliance.models import Silence
from comity.compliance.names import called
from comity.compliance.operations.silences import seen_by, sentence
from comity.notices.models import Event, Notification, Way
from comity.notices.operations import mailing
from comity.notices.operations.notifying import Listeners, address, settings_hint

SHOWN = 50
URL = "/compliance/silences/?mine=yes"
TOLD = timedelta(days=3)  # whoever heard of it within that time is not told again: the worker may have been stopped


def tell_all() -> int:
    """Write to all who have any; how many heard of it. Safe to repeat."""
    listeners = Listeners()
    owners = Silence.objects.filter(owner__isnull=False).values_list("owner", flat=True).distinct()
    return sum(_tell(pk, listeners) for pk in sorted(owners))


@transaction.atomic
def _tell(pk: int, listeners: Listeners) -> bool:
    person = listeners.person(pk)
    way = listeners.way(person, Event.SILENT) if person else Way.OFF
    if person is None or way == Way.OFF:
        return False
    if Notification.objects.filter(person=person, event=Event.SILENT, at__gt=timezone.now() - TOLD).exists():
        return False
    rows = seen_by(person, Silence.objects.filter(owner=pk).order_by("since", "pk"))
    if not rows:
        return False
    Notification.objects.create(person=person, event=Event.SILENT, values={"n": len(rows)}, url=URL)
    if way != Way.APP:
        mailing.put(_letter(person, rows))
    return True


def _letter(person: Person, rows: list[Silence]) -> mailing.Letter:
    with override(person.language), timezone.override(person.time_zone):
        subject = ngettext(
            "%(n)s thing did not happen that is yours", "%(n)s things did not happen that are yours", len(rows)
        ) % {"n": len(rows)}
        parts = [_line(row) for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            parts.append(_("And more: %(where)s") % {"where": address(URL) or URL})
        body = "\n\n".join([*parts, settings_hint()])
    return mailing.Letter(
        person.email, person.name, subject, body, person.language, name="silences", automatic=True,
        unsubscribe=address("/notifications/settings/"),
    )  # fmt: skip


def _line(one: Silence) -> str:
    name = f"{one.ref} {one.label}" if one.kind else called(one.label)
    return f"{name.strip()}\n{sentence(one)}\n{timezone.localtime(one.since):%Y-%m-%d}"
