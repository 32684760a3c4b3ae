"""How often something may be tried, counted in the cache that all processes and machines share."""

from __future__ import annotations

import time
from hashlib import sha256

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The network address of whoever asks, told by the trusted proxy where there is one."""
    return str(get_adapter().get_client_ip(request))


def _slot(what: str, who: str, seconds: int) -> str:
    """Who tries is kept as a hash and no longer than the window lasts."""
    return f"limit:{what}:{sha256(who.encode()).hexdigest()[:32]}:{int(time.time()) // seconds}"


def spent(what: str, who: str, most: int, seconds: int) -> bool:
    """Has `who` used up the tries of this window already? Counts nothing."""
    return int(cache.get(_slot(what, who, seconds), 0)) >= most


def within(what: str, who: str, most: int, seconds: int) -> bool:
    """Count one more try of `who`; False once there were more than `most` in this window."""
    slot = _slot(what, who, seconds)
    cache.add(slot, 0, seconds * 2)
    return int(cache.incr(slot)) <= most
