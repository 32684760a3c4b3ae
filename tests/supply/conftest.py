"""The complaint desk, for what is counted of its suppliers."""

from tests.cases.conftest import desk, world

__all__ = ["desk", "world"]
