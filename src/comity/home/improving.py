"""What the sample organisation measures, controls, finds and makes better: some of it done well, some of it late."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.agreements.models import Service
from comity.cases.models import Case
from comity.home.demonstration import Organisation
from comity.parties.models import Customer
from comity.records import write
from comity.records.kind import kind_named

PR, RM, OD, PM = Role.PROCESS_MANAGER, Role.RELATIONSHIP_MANAGER, Role.OPERATIONS_DIRECTOR, Role.PROJECT_MANAGER
ABOUT = {
    "data_source": "The records of the desk", "method": "Counted from the records at the end of the month.",
    "measuring_point": "Closing of the case", "audience": "Management, relationship managers",
    "report_schedule": "Monthly, in the first week", "relevance_decision": "Customers named it in the yearly review.",
    "scoring_bands": "good from the target, fair down to nine tenths of it", "period": "monthly",
    "frequency": "monthly",
}  # fmt: skip
KPIS: tuple[dict[str, Any], ...] = (
    {"title": "Satisfaction with the answer", "category": "customer_satisfaction", "target": 4.0, "unit_of_value":
     "points of 5", "customer_facing": True, "level": "organisation", "formula": "Mean of all answers.", **ABOUT},
    {"title": "Complaints answered in time", "category": "sla_performance", "target": 95.0, "unit_of_value": "%",
     "customer_facing": True, "level": "service", "formula": "Answered in time, of all answered.", **ABOUT},
    {"title": "Complaints received", "category": "complaints", "unit_of_value": "complaints", "better": "lower",
     "level": "frontline", "target": 120.0, "formula": "All that were registered.", **ABOUT},
)  # fmt: skip
VALUES = (
    (3.9, 4.1, 4.0, 4.2, 4.1, 4.2, 4.0, 4.1, 4.2, 3.6),
    (94.0, 96.5, 95.2, 97.0, 96.1, 95.8, 96.4, 95.5, 96.0, 96.8),
    (131, 118, 122, 140),
)
CONTROLS = (
    ("Who may read restricted cases", "detective", "security", "quarterly", (200, 110, 15)),
    ("Copy of the database, restored on trial", "preventive", "continuity", "monthly", (70, 40, 9)),
    ("Ten closed complaints read again", "monitoring", "quality", "monthly", ()),
)


def day(ago: int) -> date:
    return timezone.localdate() - timedelta(days=ago)


def noon(ago: int) -> datetime:
    return datetime.combine(day(ago), time(12), tzinfo=UTC)


class Improving:
    """The steps of the sample's people; each is taken through the one write path by whose duty it is."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.service = Service.objects.order_by("pk").first()
        self.customer = Customer.objects.filter(owner=organisation.people[RM]).order_by("pk").first()

    def make(self, kind: str, by: Role, **values: Any) -> Any:
        return write.create(kind_named(kind), values, actor=self.organisation.actor(by))

    def step(self, record: Any, name: str, by: Role, ago: int, note: str = "", **values: Any) -> Any:
        actor = self.organisation.actor(by)
        return write.transition(record, name, values, actor=actor, note=note, happened_at=noon(ago))

    def email(self, role: Role) -> str:
        return self.organisation.people[role].email

    def measure(self) -> None:
        """Three indicators with their months; the newest satisfaction leaves its limits, the third lacks much."""
        for about, values in zip(KPIS, VALUES, strict=True):
            kpi = self.step(self.make("kpi", PR, owner=self.email(PR), **about), "activate", PR, 400)
            for at, value in enumerate(values):
                if at == len(values) - 1 and len(values) > 8:
                    kpi = self.step(kpi, "limits", PR, 35)
                end = day(30 * (len(values) - at))
                self.make("measurement", PR, kpi=kpi.ref, value=value, period_end=end, source="Monthly count",
                          computed_from=["case"])  # fmt: skip

    def risk(self) -> None:
        """A risk that is treated, one that is high and waits, one that nobody has rated."""
        ref = self.service.ref if self.service else ""
        rated: dict[str, Any] = {"likelihood": 3, "business_impact": 4, "delivery_impact": 2}
        low = self.make("risk", PR, title="Letters reach the wrong address", subject_ref=ref, owner=self.email(PR),
                        identified_on=day(120), **rated)  # fmt: skip
        self.step(low, "treat", PR, 100, treatment="Addresses are compared before printing.", **rated)
        self.make("risk", PR, title="Complaints are read by people who need not", type="security", subject_ref=ref,
                  owner=self.email(PR), identified_on=day(90), likelihood=4, business_impact=5,
                  delivery_impact=2)  # fmt: skip
        self.make("risk", PR, title="The largest customer is unhappy", type="relationship", owner=self.email(PR),
                  subject_ref=self.customer.ref if self.customer else "", identified_on=day(20))  # fmt: skip

    def control(self) -> None:
        """Two controls with their runs, one that was never run."""
        for title, kind, purpose, rhythm, runs in CONTROLS:
            about = {"type": kind, "purpose": purpose, "frequency": rhythm, "owner": self.email(PR)}
            control = self.step(self.make("control", PR, title=title, method="By list.", **about), "activate", PR, 250)
            for ago in runs:
                found = {"result": "failed" if ago == 110 else "passed", "evidence": "The list of the day is attached."}
                self.make("control_run", PR, control=control.ref, type="inspection", run_at=noon(ago), **found)

    def find(self) -> None:
        """A problem solved and judged, one whose cause is overdue, and an observation."""
        ref = self.service.ref if self.service else ""
        source = self.customer.ref if self.customer else ""
        problem = self.make(
            "finding", RM, title="Reversals are booked days later", type="problem", nature="corrective",
            category="service", source_ref=source, subject_ref=ref, owner=self.email(RM), opened_at=noon(150),
            improvement_opportunity="A daily run.",
            whys=["The reversal waits for the weekly run.", "The run is weekly since the old system.",
                  "Nobody owned the schedule after the change."],
        )  # fmt: skip
        problem = self.step(
            problem, "analyse", RM, 140, cause="The schedule of the run has no owner.", cause_category="method",
            likelihood=4, consequence=3, process_owner_participant=self.email(PR),
        )  # fmt: skip
        problem = self.step(
            problem, "decide", PR, 135, decision="solve", reason="Lasting, and cheaper than a year of credits.",
            alternatives=["Daily run | two days of work | reversals within a day",
                          "Credit every late reversal | 900 a month | no faster, fewer complaints"],
            solution="The run is daily, and the complaint owner owns its schedule.",
        )  # fmt: skip
        self.improve(problem)
        problem = self.step(problem, "close", PR, 90)
        self.step(problem, "judge", OD, 20, effect_result="Reversals within a day; none came back.")
        letters = self.make(
            "finding", RM, title="Letters miss the case number", type="problem", nature="corrective",
            category="communication", source_ref=source, owner=self.email(RM), opened_at=noon(45),
        )  # fmt: skip
        for case in Case.objects.filter(customer=self.customer, restricted=False).order_by("-received_at")[:3]:
            write.transition(case, "join_problem", {"problem": letters.ref}, actor=self.organisation.actor(PR))
        self.make(
            "finding", PM, title="Two lists of contacts are kept", type="observation", category="documents",
            source_ref=source, owner=self.email(PM), opened_at=noon(20),
        )  # fmt: skip

    def improve(self, problem: Any) -> None:
        """One improvement that worked, out of the problem; one that is done and waits to be judged."""
        for title, source, since, judged in (
            ("Reversals every day", problem.ref, 130, True), ("Callback instead of a queue", "", 80, False),
        ):  # fmt: skip
            row = self.make(
                "improvement", RM, title=title, type="corrective" if source else "strategic_initiative",
                source_ref=source, owner=self.email(RM), proposed_at=noon(since), scope="All customers.", gains="speed",
                objective="Customers wait for less long.", resources="Two days of work.",
                customer_impact="Their own customers wait for less long.",
            )  # fmt: skip
            row = self.step(row, "analyse", RM, since - 2, analysis="Waiting is what most complaints name first.")
            row = self.step(row, "approve", PR, since - 5, decision_reason="Small effort, large effect.")
            task = self.make("action", RM, title=f"{title}: set up", source_ref=row.ref, owner=self.email(RM),
                             due_on=day(since - 30))  # fmt: skip
            row = self.step(row, "plan", RM, since - 8, due_on=day(since - 35), baseline="4 days",
                            wanted_value="1 day", success_measure="Days until the money is back")  # fmt: skip
            row = self.step(row, "start", RM, since - 10)
            self.step(task, "complete", RM, since - 29, completion_report="Set up and tried for a week.")
            row = self.step(row, "implement", RM, since - 36, value_now="1 day", effect_from=day(since - 60))
            if judged:
                row = self.step(row, "effective", PR, since - 100, effect_conclusion="A day, in nineteen of twenty.",
                                count_before=31, count_after=9)  # fmt: skip
                self.step(row, "close", PR, since - 101)

    def ask(self) -> None:
        """A change that waits for its assessment, and an action past its day."""
        if self.service:
            change = self.make(
                "change_request", RM, title="Answer on Saturdays", object_ref=self.service.ref, owner=self.email(RM),
                reason="Two customers asked for it in their reviews.", wanted="Monday to Saturday, 09:00 to 17:30.",
            )  # fmt: skip
            self.step(change, "submit", RM, 6)
        self.make("action", PM, title="One list of contacts", owner=self.email(PM), due_on=day(4))


def improve(organisation: Organisation) -> None:
    """Let the people of the sample measure, control, find and improve."""
    sample = Improving(organisation)
    sample.measure()
    sample.risk()
    sample.control()
    sample.find()
    sample.ask()
