"""Process parameters: proposed by one person, approved by another, in force from then on (CSMS:2003 12.1).

A proposal is a numbered thing of the trail (PAR-00012): the line that proposes it, and the line that decides it.
Nothing else is stored until it is approved, so the trail cannot disagree with a table of proposals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.matrix import MATRIX, parse
from comity.accounts.models import Grant, Person, in_force
from comity.accounts.roles import Role
from comity.clocks import parameters
from comity.clocks.models import Parameter
from comity.clocks.parameters import DEFINITIONS, UNITS, Definition
from comity.compliance.settings import subject_of
from comity.home.administration.access import ROW, administers, proposes
from comity.parties.separation import SAY_WHY
from comity.records.models import Counter, Entry
from comity.records.trail import Actor, Refused, Thing, log, reference, take_numbers

KIND, PREFIX = "parameter", "PAR"
APPROVAL = "parameters_need_approval"
parameters.declare(
    APPROVAL, 1, "n", 0, 1, _("A changed parameter waits for the operations director (1), or applies at once (0).")
)

HEADINGS = {
    "complaint": _("Complaints"),
    "response": _("Complaints"),
    "max": _("Complaints"),
    "escalation": _("Escalation"),
    "repeat": _("Repetition and improvement"),
    "request": _("Repetition and improvement"),
    "inbound": _("Communication"),
    "intake": _("Communication"),
    "feedback": _("Communication"),
    "parameters": _("Administration"),
    "separation": _("Separation of duties"),
}
OTHER = _("Other")


@dataclass(frozen=True)
class Row:
    """A parameter as the list shows it."""

    definition: Definition
    value: float
    last: Parameter | None
    proposal: Proposal | None

    @property
    def unit(self) -> str | Promise:
        return UNITS[self.definition.unit]


@dataclass(frozen=True)
class Proposal:
    """A change that waits for its decision."""

    entry: Entry

    @property
    def name(self) -> str:
        return str(next(iter(self.entry.changes)))

    @property
    def value(self) -> float:
        return float(self.entry.changes[self.name][1])

    @property
    def thing(self) -> Thing:
        return Thing(KIND, self.entry.record_id, self.entry.ref)

    def proposed_by(self, person: Person) -> bool:
        return self.entry.actor_id == person.pk


def waiting() -> dict[str, Proposal]:
    """The proposals that nobody has decided yet, by parameter; one at a time for each."""
    lines = Entry.objects.filter(kind=KIND)
    decided = lines.filter(act__in=("approve", "reject", "withdraw")).values("record_id")
    found = (Proposal(entry) for entry in lines.filter(act="propose").exclude(record_id__in=decided).order_by("id"))
    return {one.name: one for one in found if one.name in DEFINITIONS}


def groups() -> dict[str, list[Row]]:
    """All declared parameters under their headings."""
    last = {row.name: row for row in Parameter.objects.order_by("changed_at", "pk")}
    open_ones = waiting()
    found: dict[str, list[Row]] = {}
    for name, definition in DEFINITIONS.items():
        row = last.get(name)
        value = row.value if row else definition.default
        heading = str(subject_of(name) or HEADINGS.get(name.partition("_")[0], OTHER))
        found.setdefault(heading, []).append(Row(definition, value, row, open_ones.get(name)))
    return dict(sorted(found.items(), key=lambda item: item[0] == str(OTHER)))


def row_of(name: str) -> Row:
    last = Parameter.objects.filter(name=name).order_by("changed_at", "pk").last()
    definition = DEFINITIONS[name]
    return Row(definition, last.value if last else definition.default, last, waiting().get(name))


def history(name: str) -> list[Parameter]:
    """All values it ever had, newest first."""
    return list(Parameter.objects.filter(name=name).order_by("-changed_at", "-pk"))


def direct(person: Person) -> bool:
    """May this person change a parameter without a second one? Only administrators, where the organisation said so."""
    return administers(person) and parameters.number(APPROVAL) == 0


def alone(person: Person) -> bool:
    """Is there nobody else who could approve? In a provider of one person nothing could ever change otherwise."""
    roles = [role for role in Role if parse(MATRIX[ROW][role]).scope("approve")]
    grants = Grant.objects.filter(in_force(timezone.localdate()), role__in=roles).exclude(person=person)
    return not any(grant.person.current for grant in grants.select_related("person"))


class ChangeForm(forms.Form):
    """A new value within the limits, and why."""

    value = forms.FloatField(label=_("new value"), widget=forms.NumberInput(attrs={"step": "any"}))
    reason = forms.CharField(label=_("reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        limits = {"from": row.definition.minimum, "to": row.definition.maximum, "unit": row.unit}
        self.fields["value"].help_text = _("Between %(from)g and %(to)g %(unit)s.") % limits

    def clean_value(self) -> float:
        value, known = float(self.cleaned_data["value"]), self.row.definition
        if not known.minimum <= value <= known.maximum:
            limits = {"from": known.minimum, "to": known.maximum}
            raise forms.ValidationError(_("Must lie between %(from)g and %(to)g.") % limits)
        if value == self.row.value:
            raise forms.ValidationError(_("This is the value already."))
        return value


def _lock() -> None:
    """One decision at a time; where rows cannot be locked, a transaction that writes has the database to itself."""
    list(Counter.objects.select_for_update().filter(prefix=PREFIX))


@transaction.atomic
def change(name: str, value: float, reason: str, actor: Actor) -> str:
    """Propose a value, or set it where that needs no second person; the act that was taken."""
    if not proposes(actor.person):
        raise PermissionDenied
    thing = Thing(KIND, number := take_numbers(PREFIX), reference(PREFIX, number))
    row = row_of(name)
    if row.proposal:
        raise Refused([str(_("A proposal waits already. It must be decided or withdrawn first."))])
    act = "update" if direct(actor.person) else "propose"
    log(thing, act, actor, changes={name: [row.value, value]}, note=reason)
    if act == "update":
        parameters.change(name, value, by=actor.name, reason=reason)
    return act


@transaction.atomic
def decide(name: str, act: str, actor: Actor, note: str = "") -> None:
    """Approve or reject what another proposed, or withdraw one's own; who is alone approves it with a reason."""
    _lock()
    proposal = waiting().get(name)
    if proposal is None:
        raise Refused([str(_("This was decided meanwhile."))])
    own = proposal.proposed_by(actor.person)
    if own != (act == "withdraw") and not (own and alone(actor.person)):
        raise PermissionDenied
    if own and act == "approve" and not note.strip():
        raise Refused([str(SAY_WHY)])
    before = parameters.number(name)
    log(proposal.thing, act, actor, changes={name: [before, proposal.value]} if act == "approve" else {}, note=note)
    if act == "approve":
        both = f"{proposal.entry.actor} → {actor.name}"
        parameters.change(name, proposal.value, by=both[:200], reason=proposal.entry.note)
