"""Exchanges as one reader may see them. Whoever must not know who stands behind a matter does not learn it here.

The log knows no matters; the rooms above say which of its entries tell too much to whom.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.records.seen import SeenRows

Keeper = Callable[[Person, Rights], Q | None]
_keepers: list[Keeper] = []


def keeps_back(keeper: Keeper) -> Keeper:
    """Let a room name the exchanges in which this reader must not see who took part; None where there are none."""
    _keepers.append(keeper)
    return keeper


class CommunicationRows(SeenRows):
    """Rows of the log that keep the contact back, and the words, which may tell it: only that it took place shows."""

    looked_at = ("purpose",)

    def as_seen_by(self, person: Person, rights: Rights) -> CommunicationRows:
        """The rows as this person may see them. Whoever logged an exchange or took part knows it anyway."""
        found = [about for keeper in _keepers if (about := keeper(person, rights)) is not None]
        if not found:
            return self
        kept = reduce(or_, found) & ~(Q(entered_by=person) | Q(contact__person=person))
        table = self.model._default_manager

        def veil(rows: list[Any]) -> None:
            ids = set(table.filter(kept, pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
            for row in rows:
                if row.pk in ids:
                    row.keep_back()

        return self.through(veil, silent=kept)
