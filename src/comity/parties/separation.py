"""Separation of duties. Who does one part does not do the other; a very small provider may declare instead of keep it.

Each rule has a parameter: 1 refuses, 0 lets one person act on both sides who says why. That reason stands in the trail
as an observation, and on the record; a check of the separation finds the gap all the same (CSMS:2003 13.1, 16.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.clocks import parameters
from comity.records import write
from comity.records.models import Entry
from comity.records.trail import Actor
from comity.records.workflow import Lack, Move

Same = Callable[[Any, Actor], bool]
DECLARED = gettext_noop("Declared instead of separated: %(what)s %(why)s")
SAY_WHY = _("One person acts on both sides. Say why.")


@dataclass(frozen=True)
class Separation:
    """One rule: its parameter, and its words for a refusal (in English; each reader sees them in his language)."""

    parameter: str
    words: str

    @property
    def kept(self) -> bool:
        """Is it enforced now? Otherwise a use is declared."""
        return parameters.number(self.parameter) != 0

    def declare(self, record: Any, actor: Actor, why: str) -> None:
        """Put the use of the exception on record."""
        rule = Actor(actor.person, actor.via, self.parameter)
        write.note_auto(record, DECLARED, rule, what=self.words, why=why)


_rules: dict[str, Separation] = {}


def separation(name: str, words: str, meaning: str | Promise) -> Separation:
    """A rule with its switch, `separation_NAME`."""
    parameters.declare(f"separation_{name}", 1, "n", 0, 1, meaning)
    rule = _rules[f"separation_{name}"] = Separation(f"separation_{name}", words)
    return rule


def uses(name: str = "") -> QuerySet[Entry]:
    """The lines that declare a use of this exception, or of any, newest first."""
    return Entry.objects.filter(act=Entry.AUTO, rule__in=[name] if name else [*_rules]).order_by("-pk")


def declarable(name: str) -> bool:
    """Is this parameter the switch of a separation?"""
    return name in _rules


def apart(rule: Separation, same: Same, row: Move) -> Move:
    """The move, kept from whoever has done the other part; where that may be declared, it takes a reason."""

    def guard(record: Any, actor: Actor) -> Iterator[str | Promise | Lack]:
        if same(record, actor) and rule.kept:
            yield _(rule.words)
        if row.guard:
            yield from row.guard(record, actor)

    def apply(record: Any, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
        if same(record, actor) and not rule.kept and not data["note"].strip():
            raise ValidationError({"note": SAY_WHY})
        if row.apply:
            row.apply(record, actor, data, at)

    def effect(record: Any, actor: Actor, data: Mapping[str, Any]) -> None:
        if same(record, actor):
            rule.declare(record, actor, data["note"])
        if row.effect:
            row.effect(record, actor, data)

    return replace(row, guard=guard, apply=apply, effect=effect)


FREQUENCY = separation(
    "frequency", gettext_noop("Whoever proposes the frequency does not accept it."),
    _("Who proposes how often a customer's service is reviewed does not accept it: enforced (1), or declared (0)."),
)  # fmt: skip


def _one_for_both(customer: Any) -> bool:
    return bool(customer.frequency_accepter_id and customer.frequency_accepter_id == customer.frequency_proposer_id)


def check_frequency(customer: Any) -> None:
    """Whoever proposes the review frequency does not accept it, or says why one does both."""
    if _one_for_both(customer) and FREQUENCY.kept:
        raise ValidationError({"frequency_accepter": _(FREQUENCY.words)})
    if _one_for_both(customer) and not customer.frequency_reason.strip():
        raise ValidationError({"frequency_reason": SAY_WHY})


def declare_frequency(customer: Any, actor: Actor) -> None:
    """Put on record that one person proposed and accepted the frequency, with the reason."""
    if _one_for_both(customer):
        FREQUENCY.declare(customer, actor, customer.frequency_reason)
