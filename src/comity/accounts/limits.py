"""How often something may be tried, counted in the database that all processes and machines share.

Each try adds one in the database itself, so of many at once exactly as many pass as may.
"""

from __future__ import annotations

import time
from datetime import timedelta
from hashlib import sha256

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from comity.accounts.models import Tries


def address_of(request: HttpRequest) -> str:
    """The network address of whoever asks, told by the trusted proxy where there is one."""
    return str(get_adapter().get_client_ip(request))


def _slot(what: str, who: str, seconds: int) -> str:
    """Who tries is kept as a hash and hardly longer than the window lasts."""
    return f"{what}:{sha256(who.encode()).hexdigest()[:32]}:{int(time.time()) // seconds}"


def spent(what: str, who: str, most: int, seconds: int) -> bool:
    """Has `who` used up the tries of this window already? Counts nothing."""
    return Tries.objects.filter(slot=_slot(what, who, seconds), count__gte=most).exists()


def within(what: str, who: str, most: int, seconds: int) -> bool:
    """Count one more try of `who`; False once there were more than `most` in this window."""
    slot = _slot(what, who, seconds)
    opened = Tries(slot=slot, until=timezone.now() + timedelta(seconds=seconds))
    with transaction.atomic():
        Tries.objects.bulk_create([opened], ignore_conflicts=True)
        Tries.objects.filter(slot=slot).update(count=F("count") + 1)  # the row is ours until the transaction ends
        return Tries.objects.get(slot=slot).count <= most


def forget() -> int:
    """Throw away the windows that are over."""
    return Tries.objects.filter(until__lt=timezone.now()).delete()[0]
