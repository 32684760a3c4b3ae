"""Where acts on accounts are told. A higher room that keeps a trail appends its recorder here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from comity.accounts.models import Person

Changes = dict[str, Any]
Recorder = Callable[[Person, Person, str, Changes], None]

recorders: list[Recorder] = []


def record(actor: Person, subject: Person, act: str, changes: Changes) -> None:
    """Tell every recorder who did what to whose account, inside the caller's transaction."""
    for recorder in recorders:
        recorder(actor, subject, act, changes)
