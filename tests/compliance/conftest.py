from tests.home.conftest import as_, untouched
from tests.worlds import world

__all__ = ["as_", "untouched", "world"]
