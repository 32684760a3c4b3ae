"""The desk, and what the worker makes of it."""

from tests.cases.conftest import desk
from tests.worlds import world

__all__ = ["desk", "world"]
