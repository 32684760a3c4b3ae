"""Rules over customers and those who deal with them."""

from typing import Any

from comity.parties.models import Customer
from tests.compliance.proofs import proof
from tests.worlds import World


@proof("register_complete", rule="register_complete", population="customers_active", fields=["category"])
class Complete:
    """Every active customer belongs to a category."""

    def met(self, world: World) -> None:
        self.category: Any = world.category
        Customer.objects.update(category=world.category)

    def gap(self, world: World) -> None:
        Customer.objects.filter(pk=world.child.pk).update(category=None)

    def repair(self, world: World) -> None:
        Customer.objects.filter(pk=world.child.pk).update(category=self.category)

    def empty(self, world: World) -> None:
        Customer.objects.update(status="retired")
