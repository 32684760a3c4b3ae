"""The small provider, for the tests of pages; and one with a record of each kind."""

from tests.api.of_each import each
from tests.worlds import world

__all__ = ["each", "world"]
