"""A claim against the time to resolve that the agreement of the customer promises."""

from collections.abc import Callable
from typing import Any

import pytest

from comity.agreements.models import Target
from tests.worlds import World, days_ago, world

__all__ = ["world"]


@pytest.fixture
def claimed(world: World) -> Callable[..., Any]:
    target = Target.objects.get(agreement_version=world.second, metric="acknowledge")

    def claim(by: str = "complaint_handler", **changed: Any) -> Any:
        values = {
            "target": target.ref, "customer": world.customer.ref, "contact": world.contact.ref,
            "happened_on": days_ago(3), "description": "Nobody answered for a day.", "wanted_remedy": "A month free.",
            **changed,
        }  # fmt: skip
        return world.create("claim", by, **values)

    return claim
