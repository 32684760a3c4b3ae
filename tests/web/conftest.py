"""The small provider, for the tests of pages."""

from tests.worlds import world

__all__ = ["world"]
