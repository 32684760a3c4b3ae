"""The rule family of reviews."""

from typing import Any

from comity.compliance.rules.verdicts import Verdict
from comity.reviews.models import Review, ReviewPoint
from tests.compliance.proofs import proof
from tests.compliance.proofs.improvement import put
from tests.worlds import World, days_ago, moment

BY = "process_manager"


def held(world: World, days: int, **more: Any) -> Any:
    """A review that was held so many days ago."""
    period = {"period_from": days_ago(days).replace(day=1).replace(month=1), "period_to": days_ago(days)}
    values = {"type": "operational", "starts_on": days_ago(days), "leader": world.email(BY), "scope": "All", **more}
    made = world.create("review", BY, **values)
    return put(made, status="minuted", held_at=moment(days), **period)


def point(world: World, review: Any, **more: Any) -> Any:
    """A point on its agenda that says something."""
    values = {"review": review.ref, "list": "agenda", "agenda": "adequacy", "conclusion": "It suffices.", **more}
    return world.create("review_point", BY, **values)


@proof(
    "review_covered", rule="review_covered", type="operational", which="each", topics=["adequacy"], entry="conclusion"
)
class Each:
    """The reviews of the window concluded on the topic; one without a word; a word."""

    def met(self, world: World) -> None:
        self.review: Any = held(world, 20)
        self.point: Any = point(world, self.review)

    def gap(self, world: World) -> None:
        ReviewPoint.objects.update(conclusion="")

    def repair(self, world: World) -> None:
        ReviewPoint.objects.update(conclusion="It suffices.")


@proof("review_covered", rule="review_covered", type="operational", which="latest",
       within="operational_review_interval_days", topics=["adequacy"], entry="conclusion")  # fmt: skip
class Latest(Each):
    """The last one is too old. Never to have held any is a gap."""

    nothing = Verdict.GAP

    def gap(self, world: World) -> None:
        Review.objects.update(held_at=moment(900))

    def repair(self, world: World) -> None:
        Review.objects.update(held_at=moment(3))
