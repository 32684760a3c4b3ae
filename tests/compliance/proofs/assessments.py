"""Rules over assessments: how often, with what resources, and what they found."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.compliance.models import Assessment
from comity.compliance.rules.verdicts import Verdict
from comity.parties.models import Contact, Customer
from comity.records.models import writing
from tests.compliance.proofs import membership, proof
from tests.worlds import World, days_ago, moment


def planned(world: World, **more: Any) -> Any:
    data = {"type": "internal", "standard": "csms-2003", "area": "s10", "planned_on": days_ago(-30)}
    data |= {"organisation": "Harbour", "location": "Leeds"} | more
    return world.create("assessment", "internal_assessor", **data)


def held(world: World, days: int, **more: Any) -> Any:
    """Concluded so many days ago."""
    made = planned(world, **more)
    with writing():
        Assessment.objects.filter(pk=made.pk).update(concluded_at=moment(days), status="completed")
    return made


@proof("no_resource_postponement", rule="predicate", name="no_resource_postponement")
class Postponed:
    """No assessment was put off for lack of resources."""

    def met(self, world: World) -> None:
        self.one = planned(world)

    def gap(self, world: World) -> None:
        world.move(
            self.one, "postpone", "process_manager", note="Nobody free.", cause="resources", planned_on=days_ago(-60)
        )

    def repair(self, world: World) -> None:
        """Only time mends it: the planned day leaves the window; another one is held as planned."""
        planned(world)
        long_ago = timezone.localdate() - timedelta(days=2000)
        Assessment.objects.filter(pk=self.one.pk).update(planned_on=long_ago)


@proof("assessed_by_risk_level", rule="predicate", name="assessed_by_risk_level")
class ByRisk:
    """An area of high risk is assessed every half year."""

    def met(self, world: World) -> None:
        held(world, 100, risk_level="high")

    def gap(self, world: World) -> None:
        Assessment.objects.update(concluded_at=moment(200))

    def repair(self, world: World) -> None:
        held(world, 1, risk_level="high")


@proof("assessed_by_risk_level", rule="predicate", name="assessed_by_risk_level")
class WithoutLevel:
    """An area without a risk level is a gap; an assessment of the whole standard counts for its sections."""

    def met(self, world: World) -> None:
        held(world, 10, area="", risk_level="low")
        self.section = planned(world, area="s11", risk_level="medium")

    def gap(self, world: World) -> None:
        Assessment.objects.filter(pk=self.section.pk).update(risk_level="")

    def repair(self, world: World) -> None:
        Assessment.objects.filter(pk=self.section.pk).update(risk_level="medium")

    nothing = Verdict.NOT_EXERCISED


@membership("assessments_scheduled")
def scheduled(world: World) -> tuple[list[Any], list[Any]]:
    return [planned(world)], [planned(world, planned_on=None), held(world, 5)]


def qualification(world: World, criteria: Any, days: int = 5) -> Any:
    made = world.create(
        "assessment", "supplier_manager", type="supplier_qualification", result_per_requirement=criteria
    )
    made = world.move(made, "conclude", "supplier_manager", result="approved")
    Assessment.objects.filter(pk=made.pk).update(concluded_at=moment(days))
    return made


@membership("qualifications_valid")
def valid(world: World) -> tuple[list[Any], list[Any]]:
    yes, no = ([{"criterion": "Insured", "mandatory": True, "met": met}] for met in (True, False))
    return [qualification(world, yes)], [
        qualification(world, no),
        qualification(world, []),
        qualification(world, yes, 3000),
    ]


def rating(world: World, subject: Any, mark: int, days: int) -> Any:
    made = world.create(
        "assessment", "relationship_manager", type="attestation", statement="relationship_rating",
        subject_ref=subject.ref, assessor=world.email("relationship_manager"),
    )  # fmt: skip
    marks = {"dialogue": mark, "understanding": mark, "atmosphere": mark, "rating": mark}
    made = world.move(made, "state", "relationship_manager", reason="As I see it.", **marks)
    Assessment.objects.filter(pk=made.pk).update(concluded_at=moment(days))
    return made


@membership("parties_rated_low")
def rated_low(world: World) -> tuple[list[Any], list[Any]]:
    before = rating(world, world.customer, 1, 90)
    better = rating(world, world.customer, 5, 10)
    return [rating(world, world.child, 1, 5)], [before, better]


def privacy(world: World, jurisdiction: str) -> Any:
    return world.create("obligation", "process_manager", title="Privacy", topic="privacy", jurisdiction=jurisdiction)


@membership("obligations_privacy_applicable")
def applicable(world: World) -> tuple[list[Any], list[Any]]:
    """One of a place, and one that does not say where it applies."""
    return [privacy(world, "DE")], [privacy(world, "")]


@proof("linked", rule="linked", population="jurisdictions_used", to="obligations_privacy_applicable")
class PrivacyWhereTheyAre:
    """A contact in Germany; then another whose customer is in France, whose rules are not known until then."""

    def met(self, world: World) -> None:
        Contact.objects.filter(pk=world.contact.pk).update(jurisdiction="DE")
        privacy(world, "DE")

    def gap(self, world: World) -> None:
        Customer.objects.filter(pk=world.customer.pk).update(jurisdiction="FR")
        world.create("contact", "relationship_manager", name="Ann", customer=world.customer.ref, email="ann@x.example")

    def repair(self, world: World) -> None:
        privacy(world, "FR")
