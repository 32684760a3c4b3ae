"""Splitting, following up and comparing cases; the links stay on both ends (BRM-3.3-8, BRM-3.3-23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comity.cases.models import Case
from comity.cases.operations.effects import COPIED
from comity.records import write
from comity.records.forms import plain_values
from comity.records.kind import kind_of
from comity.records.trail import Actor

COMPARED = (
    "customer",
    "contact",
    "service",
    "topic",
    "channel",
    "received_at",
    "description",
    "wanted_remedy",
    "severity",
)


def split(case: Case, values: Mapping[str, Any], *, actor: Actor) -> Case:
    """A linked case for another demand of the same message; the complaint part stays where it is."""
    return _derived(case, values, COPIED, "split_from", actor)


def follow_up(case: Case, values: Mapping[str, Any], *, actor: Actor) -> Case:
    """A new case about a matter whose time to be reopened has passed; received anew, now or as the values say."""
    names = tuple(name for name in COPIED if name not in ("received_at", "channel"))
    return _derived(case, values, names, "follow_up_of", actor)


def _derived(case: Case, values: Mapping[str, Any], copied: tuple[str, ...], verb: str, actor: Actor) -> Case:
    about = plain_values(case, ("about",))
    whole = {name: getattr(case, name) for name in copied} | about | {"wanted_remedy": case.wanted_remedy, **values}
    unit = case.unit if actor.rule else None  # a rule has no unit of its own
    made: Case = write.create(kind_of(Case), whole, actor=actor, unit=unit)
    write.link(made, verb, case, actor=Actor.system("BRM-3.3-8", actor.via))
    return made


@dataclass(frozen=True)
class Difference:
    """One line of the preview before two cases are merged."""

    name: str
    here: Any
    there: Any

    @property
    def same(self) -> bool:
        return bool(self.here == self.there)


def compare(case: Case, other: Case) -> list[Difference]:
    """What both cases say, beside each other, so that nobody merges what is not the same."""
    here, there = plain_values(case, COMPARED), plain_values(other, COMPARED)
    return [Difference(name, here[name], there[name]) for name in COMPARED]


def candidates(case: Case) -> list[Case]:
    """Open cases of the same customer, newest first: what this one might be a second voice of."""
    if case.customer_id is None:
        return []
    rows = Case.objects.filter(customer=case.customer_id).exclude(status=Case.Status.CLOSED).exclude(pk=case.pk)
    return list(rows.select_related("service", "topic").order_by("-received_at")[:20])
