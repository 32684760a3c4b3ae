"""Subscribing, and pausing what does not work. Each act on a subscription leaves a line in the trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.accounts.models import Person
from comity.accounts.rights import is_contact, rights_of
from comity.notices.models import Event
from comity.notices.operations.notifying import notify
from comity.notices.webhooks import line
from comity.notices.webhooks.models import Delivery, Webhook, new_salt
from comity.records.trail import Actor, keep

GRACE = timedelta(hours=24)
TELLING = ("name", "url", "person", "kinds", "acts")
ASKED = gettext_noop("The webhook “%(name)s” is to read in your name. Nothing is sent before you agree.")
PAUSED = gettext_noop("The webhook “%(name)s” is paused: %(why)s")


def administers(person: Person) -> bool:
    return bool(rights_of(person).may("parameters", "edit"))


def concerns(hook: Webhook, person: Person) -> bool:
    """May this person look at the subscription: administrators, and whoever's rights it uses?"""
    return hook.person_id == person.pk or administers(person)


def fits(person: Person) -> bool:
    """Can a subscription read in this person's name? Contacts of outside parties have the portal."""
    return person.current and bool(rights_of(person).held) and not is_contact(person)


def reachable(url: str) -> None:
    """Raises line.Refused for an address to which nothing would be sent. A name unknown now may be known soon."""
    scheme, host, port, _path = line.target(url)
    try:
        line.resolve(scheme, host, port, settings.COMITY_WEBHOOK_PRIVATE)
    except line.Refused as refused:
        if str(refused) not in (line.UNKNOWN, line.TOO_SLOW):
            raise


@transaction.atomic
def save(hook: Webhook, actor: Actor) -> str:
    """Add or change a subscription; returns the secret of a new one, which is shown this once.

    Whoever's rights it uses must have agreed, and to this address: otherwise an administrator could read through
    somebody else's eyes. An administrator who names himself has agreed.
    """
    before = Webhook.objects.filter(pk=hook.pk).select_for_update().first() if hook.pk else None
    new = before is None
    if before is None or (before.person_id, before.url) != (hook.person_id, hook.url):
        hook.agreed_at = timezone.now() if hook.person_id == actor.person.pk else None
    changes = {name: [before and _plain(before, name), _plain(hook, name)] for name in TELLING}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    keep(hook, "create" if new else "update", actor, changes=changes)
    if hook.agreed_at is None:
        notify(Event.JOB, {hook.person_id}, text=ASKED, values={"name": hook.name}, url=url_of(hook))
    return hook.secret if new else ""


def _plain(hook: Webhook, name: str) -> Any:
    return hook.person.email if name == "person" else getattr(hook, name)


def url_of(hook: Webhook) -> str:
    return f"/settings/webhooks/{hook.pk}/"


@transaction.atomic
def agree(hook: Webhook, actor: Actor) -> None:
    """The person whose rights are used says yes."""
    if hook.person_id != actor.person.pk:
        raise PermissionDenied
    hook.agreed_at = timezone.now()
    keep(hook, "agree", actor, changes={"url": [None, hook.url]})


@transaction.atomic
def withdraw(hook: Webhook, actor: Actor) -> None:
    """The person whose rights are used says no, now or later: nothing is sent any more, and nothing waits."""
    if hook.person_id != actor.person.pk:
        raise PermissionDenied
    hook.agreed_at = None
    keep(hook, "withdraw", actor, changes={"url": [hook.url, None]})
    withheld = {"state": Delivery.State.WITHHELD, "next_at": None, "ended_at": timezone.now()}
    Delivery.objects.filter(webhook=hook, next_at__isnull=False).update(**withheld)


@transaction.atomic
def set_active(hook: Webhook, active: bool, actor: Actor) -> None:
    """Pause, or go on at once with what waits."""
    before, hook.active = hook.active, active
    hook.why_paused, hook.failures, hook.rests_until = "", 0, None
    keep(hook, "resume" if active else "pause", actor, changes={"active": [before, active]})
    if active:
        Delivery.objects.filter(webhook=hook, state=Delivery.State.WAITING).update(next_at=timezone.now())


@transaction.atomic
def new_secret(hook: Webhook, actor: Actor) -> str:
    """A new secret; the old one signs, too, for a while, so that receivers can change over without losing a message.

    The one before the old one signs nothing any more.
    """
    hook.old_salt, hook.old_until, hook.salt = hook.salt, timezone.now() + GRACE, new_salt()
    keep(hook, "renew", actor)
    return hook.secret


@transaction.atomic
def pause(hook: Webhook, why: str) -> None:
    """Stop a subscription that does not work, and tell those who can mend it."""
    if not Webhook.objects.filter(pk=hook.pk, active=True).update(active=False, why_paused=why):
        return
    hook.refresh_from_db()
    keep(hook, "pause", Actor.system("webhooks"), changes={"active": [True, False]}, note=why)
    people = {hook.made_by_id, hook.person_id}
    notify(Event.JOB, people, text=PAUSED, values={"name": hook.name, "why": why}, url=url_of(hook))


def try_out(hook: Webhook) -> Delivery:
    """A message about nothing, to see whether the receiver takes it."""
    return Delivery.objects.create(webhook=hook, act="ping")


def retry(delivery: Delivery) -> bool:
    """Send it again, or at once; what was withheld stays withheld."""
    again = Delivery.objects.filter(pk=delivery.pk, state__in=(Delivery.State.FAILED, Delivery.State.WAITING))
    now = timezone.now()
    done = again.update(state=Delivery.State.WAITING, next_at=now, at=now, ended_at=None)
    Webhook.objects.filter(pk=delivery.webhook_id).update(rests_until=None)
    return bool(done)
