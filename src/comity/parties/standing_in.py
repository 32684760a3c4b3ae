"""New work of somebody who is away goes to the stand-in, and the timeline says so."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.parties.operations import away, stand_in
from comity.records import write
from comity.records.trail import Actor

RULE = "stand_in"


def hand_over(record: Any, actor: Actor) -> None:
    """Called where a record has just got its owner. What an import brings stays with whoever had it."""
    owner = record.owner
    if actor.via == "import" or actor.rule == RULE or owner is None:
        return
    if away(owner, timezone.localdate()) and (other := stand_in(owner)):
        rule = Actor.system(RULE, actor.via)
        write.assign(record, {"owner": other}, actor=rule)
        write.note_auto(record, gettext_noop("%(who)s is away; it goes to the stand-in."), rule, who=str(owner))
        record.refresh_from_db()
