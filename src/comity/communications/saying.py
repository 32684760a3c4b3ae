"""The one piece by which rooms above put on record what goes out about a record of theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from comity.communications.models import Communication
from comity.records import write
from comity.records.kind import kind_of
from comity.records.models import Record
from comity.records.trail import Actor


def say(
    about: Record, purpose: str, summary: str, body: str, actor: Actor, *, happened_at: datetime | None = None,
    **more: Any,
) -> Communication:  # fmt: skip
    """An outbound communication about the record, in its unit (ISO/IEC 20000-1:2011 7.1). It goes by mail where a
    contact with an address is named; `more` are further fields of it, and may say otherwise."""
    contact = more.get("contact")
    delivery = Communication.Delivery.MAIL if contact is not None and contact.email else Communication.Delivery.NONE
    values = {
        "direction": Communication.Direction.OUTBOUND, "delivery": delivery, "purpose": purpose,
        "subject_ref": about.ref, "summary": summary[:300], "body": body, **more,
    }  # fmt: skip
    said: Communication = write.create(
        kind_of(Communication), values, actor=actor, unit=about.unit, happened_at=happened_at
    )
    return said
