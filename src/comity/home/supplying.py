"""How the sample's supplier does: two indicators over seven quarters, in one of which nothing was measured, lines with
their weights, and complaints in which it is at fault."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.cases.models import Case
from comity.home.demonstration import Organisation
from comity.home.improving import ABOUT, noon
from comity.parties.models import Supplier
from comity.records import write
from comity.supply.rules import Length, Period

PR, SM, CH = Role.PROCESS_MANAGER, Role.SUPPLIER_MANAGER, Role.COMPLAINT_HANDLER
MEASURED: tuple[tuple[str, dict[str, Any], int, tuple[float | None, ...]], ...] = (
    # title, what is wanted, weight, values of the last quarters, the oldest first
    ("Payments cleared the same day",
     {"target": 99, "unit_of_value": "%", "scoring_bands": "good from 99, fair from 97"}, 50,
     (99.2, 98.1, 97.4, None, 96.2, 98.6, 99.1)),
    ("Faults that came back",
     {"target": 2, "unit_of_value": "faults", "better": "lower", "scoring_bands": "good to 2, fair to 4"}, 20,
     (None, 3, 2, None, 6, 3, 1)),
)  # fmt: skip
AT_FAULT = 3


def supply(organisation: Organisation) -> None:
    """Each indicator is put to use and measured up to the last quarter; complaints at work name the supplier."""
    supplier = Supplier.objects.get()
    now = Period.of(Length.QUARTER, timezone.localdate())
    for title, wanted, weight, values in MEASURED:
        about = {**ABOUT, "title": title, "category": "supply_chain", "level": "process", "period": "quarterly"}
        owner = organisation.email(SM)
        kpi = organisation.make("kpi", PR, **{**about, **wanted}, formula="Counted from its reports.", owner=owner)
        kpi = write.transition(kpi, "activate", {}, actor=organisation.actor(PR), happened_at=noon(400))
        for back, value in enumerate(reversed(values), 1):
            if value is not None:
                organisation.make(
                    "measurement", PR, kpi=kpi.ref, supplier=supplier.ref, value=value, period_end=now.back(back).last,
                    source="Report of the quarter",
                )  # fmt: skip
        organisation.make("scorecard_line", SM, measure="indicator", kpi=kpi.ref, weight=weight)
    organisation.make("scorecard_line", SM, measure="complaints", weight=30, good=1, fair=4)
    rows = Case.objects.filter(classification="complaint", status__in=("investigating", "acting"), restricted=False)
    for case in rows.order_by("-received_at", "-pk")[:AT_FAULT]:
        write.transition(case, "name_supplier", {"at_fault": supplier.ref}, actor=organisation.actor(CH))
