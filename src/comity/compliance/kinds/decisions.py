"""Waivers and exclusions: registered and withdrawn by senior managers alone, seen by all who see the matrix row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import Role
from comity.compliance.forms.decisions import ExclusionForm, WaiverForm
from comity.compliance.models import Exclusion, Waiver
from comity.compliance.operations.scope import requirements_of
from comity.records.kind import Kind, May, register
from comity.records.workflow import Workflow, move
from comity.records.write import Actor

GROUP = _("Compliance")
# To register one is to decide. The matrix gives that to nobody but senior managers, as it does management reviews.
MAY = May(create="management_review", handle="waiver")


def _in_scope(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    """An auditor from outside sees what was decided on the standards that he was invited for."""
    seen = requirements_of(person)
    return rows if seen is None else rows.filter(requirement__in=seen)


def _withdrawn(record: Any, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    record.withdrawn_at = at


W, E = Waiver.Status, Exclusion.Status
SENIOR = (Role.SENIOR_MANAGER,)
WITHDRAW: dict[str, Any] = {"by": SENIOR, "apply": _withdrawn, "note": True, "label": _("Withdraw")}

waiver_life = Workflow(
    W.GRANTED,
    (
        move("withdraw", W.GRANTED, W.WITHDRAWN, **WITHDRAW),
        move("lapse", W.GRANTED, W.LAPSED, system=True, label=_("Lapse")),
    ),
)
exclusion_life = Workflow(E.EXCLUDED, (move("withdraw", E.EXCLUDED, E.WITHDRAWN, **WITHDRAW),))

waiver = register(
    Kind(
        model=Waiver,
        ref="WVR",
        may=MAY,
        workflow=waiver_life,
        form=WaiverForm,
        narrow=_in_scope,
        fields=("requirement", "record_ref", "reason", "ends_on"),
        columns=("ref", "requirement", "record_ref", "ends_on", "status", "decider"),
        filters=("status", "requirement", "ends_on"),
        search=("ref", "requirement", "reason", "record_ref"),
        own=("decider",),
        due="ends_on",
        icon="shield-off",
        group=GROUP,
    )
)

exclusion = register(
    Kind(
        model=Exclusion,
        ref="EXC",
        may=MAY,
        workflow=exclusion_life,
        form=ExclusionForm,
        narrow=_in_scope,
        fields=("requirement", "reason"),
        columns=("ref", "requirement", "status", "decider"),
        filters=("status", "requirement"),
        search=("ref", "requirement", "reason"),
        own=("decider",),
        icon="circle-slash",
        group=GROUP,
    )
)
