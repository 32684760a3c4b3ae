"""What a contact sends in the portal is taken once, whichever form it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from comity.api.models import IdempotencyKey
from comity.intake.public import arrival
from comity.portal.gate import Visit


def taken_once(visit: Visit, once: str, make: Callable[[], Any]) -> str:
    """The reference of the new record; the same sending gives the same one again."""
    keys = IdempotencyKey.objects.filter(person=visit.person, key=once)

    def made() -> str:
        ref = str(make().ref)
        IdempotencyKey.objects.create(person=visit.person, key=once, status=303, location=ref, at=timezone.now())
        return ref

    return arrival.taken_once(lambda: keys.values_list("location", flat=True).first(), made)[0]
