"""The small provider, for the tests of pages; and one with a record of each kind."""

import pytest

from tests.api import of_each  # noqa: F401  # the layer
from tests.standing import stood
from tests.worlds import World, world

__all__ = ["world"]


@pytest.fixture
def one_of_each(world: World) -> World:
    stood("one_of_each", world)
    return world
