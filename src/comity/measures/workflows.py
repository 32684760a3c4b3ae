"""The life of an indicator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.clocks.parameters import number
from comity.improvement.workflows.people import Words
from comity.measures.models import Kpi
from comity.measures.values import measured, set_limits
from comity.records.workflow import Workflow, move
from comity.records.write import Actor

PR, OD = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
K = Kpi.Status


def _enough(kpi: Kpi, actor: Actor) -> Words:
    least = round(number("min_points"))
    if measured(kpi) < least:
        yield _("Control limits need at least %(n)s values.") % {"n": least}


def _limit(kpi: Kpi, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    if not [*_enough(kpi, actor)]:
        set_limits(kpi)


def _alarmed(kpi: Kpi, actor: Actor) -> Words:
    """Asked of the row as it is stored, for the step itself ends the alert."""
    if not Kpi.objects.filter(pk=kpi.pk, trend_alert_at__isnull=False).exists():
        yield _("There is no alert.")


def _calm(kpi: Kpi, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    kpi.trend_alert_at = None


kpi_life = Workflow(
    K.DRAFT,
    (
        move("activate", K.DRAFT, K.ACTIVE, by=(PR, OD), label=_("Put to use"), primary=True),
        move("limits", K.ACTIVE, K.ACTIVE, by=(PR, OD), guard=_enough, apply=_limit, label=_("Set control limits")),
        move(
            "calm",
            K.ACTIVE,
            K.ACTIVE,
            by=(PR, OD),
            note=True,
            guard=_alarmed,
            apply=_calm,
            label=_("Alert is dealt with"),
        ),
        move("retire", (K.DRAFT, K.ACTIVE), K.RETIRED, by=(PR, OD), note=True, label=_("Retire")),
    ),
    stages=(K.DRAFT, K.ACTIVE),
    bookkeeping={"alert": _("raised an alert")},
)
