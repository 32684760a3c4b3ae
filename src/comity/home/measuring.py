"""What the sample organisation measures beside the three indicators of its desk: each with some months of values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.rights import own_people
from comity.accounts.roles import Role
from comity.agreements.models import Target
from comity.home.demonstration import Organisation
from comity.home.improving import ABOUT, noon
from comity.measures.models import Kpi
from comity.records import write

PR = Role.PROCESS_MANAGER
OF_TARGETS = "Targets of agreements kept"
TREND = (11, 12, 10, 11, 13, 12, 11, 10, 12)  # long enough for control limits
MORE: tuple[tuple[str, str, str, tuple[float, ...], dict[str, Any]], ...] = (
    # category, title, unit, values of the last months, what is said of each value
    ("complaint_resolution", "Complaints resolved in time", "%", (93, 95, 94), {"computed_from": ["case"]}),
    ("noncompliance", "Requirements that fall short", "entries", (88, 74, 61), {"computed_from": ["finding"]}),
    ("corrective_problems", "Problems that had to be corrected", "problems", TREND, {}),
    ("preventive_problems", "Problems that were prevented", "problems", TREND, {}),
    ("service_gains", "Customers kept after a complaint", "customers", (14, 17),
     {"attribution_method": "Those who had given notice and took it back within a quarter."}),
    ("total_service_cost", "Cost of the desk", "USD", (41200, 40100),
     {"cost_elements": "People, rooms, telephone, software, credits."}),
    ("skills_coverage", "Skills that are there, of those needed", "%", (86, 91), {}),
    ("loyalty", "Customers who would come again", "%", (81, 83), {}),
    ("brand_value", "Customers who recommend us", "%", (44, 47), {}),
    ("customer_trust", "Customers who trust our word", "points of 5", (3.9, 4.1), {}),
    ("financial", "Credits for late answers", "USD", (1900, 1350), {}),
    ("staff_satisfaction", "How our people like it here", "points of 5", (3.8, 4.0), {}),
    ("order_fulfilment", "Requests done on the promised day", "%", (95, 96), {}),
    ("turnaround", "From request to delivery", "days", (3.1, 2.8), {}),
    ("supply_chain", "Suppliers' answers in time", "%", (90, 92), {}),
    ("delivery", "Hours of service kept", "%", (99.2, 99.6), {}),
    ("sla_performance", OF_TARGETS, "%", (95, 96), {}),
)  # fmt: skip


def measure(organisation: Organisation) -> None:
    """Each indicator is put to use, measured up to last week, and has its limits where it has enough values."""
    today = timezone.localdate()
    for category, title, unit, values, said in MORE:
        about = {"title": title, "category": category, "unit_of_value": unit, "owner": organisation.email(PR), **ABOUT}
        wanted = {
            "target": values[-1],
            "better": "lower" if unit in ("USD", "days", "entries", "problems") else "higher",
        }
        kpi = organisation.make("kpi", PR, **about, **wanted, formula="Counted from the records.", level="process")
        kpi = write.transition(kpi, "activate", {}, actor=organisation.actor(PR), happened_at=noon(400))
        for at, value in enumerate(values):
            end = today - timedelta(days=30 * (len(values) - 1 - at) + 6)
            organisation.make("measurement", PR, kpi=kpi.ref, value=value, period_end=end, source="Monthly", **said)
        if len(values) == len(TREND):
            write.transition(kpi, "limits", {}, actor=organisation.actor(PR), happened_at=noon(5))
    for person in own_people():
        goal = {"title": f"Goals of {person}", "category": "delivery", "level": "frontline", "staff": person.email}
        kpi = organisation.make(
            "kpi", PR, **goal, target=4, unit_of_value="of 5 goals", formula="Counted.", owner=person.email, **ABOUT
        )
        kpi = write.transition(kpi, "activate", {}, actor=organisation.actor(PR), happened_at=noon(400))
        end = today - timedelta(days=6)
        organisation.make("measurement", PR, kpi=kpi.ref, value=4, period_end=end, source="Talk with the manager")
    service_levels = Kpi.objects.get(title=OF_TARGETS)
    for target in Target.objects.filter(agreement_version__status="in_force"):
        met = {"target_ref": target.ref, "value": 95, "verdict": "met", "period_end": today - timedelta(days=6)}
        organisation.make("measurement", PR, kpi=service_levels.ref, source="Cases of the month", **met)
