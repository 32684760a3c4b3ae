"""How cases and escalations answer to the requirements: their names and their clocks."""

from comity.cases.checks import clocks, escalations, names

__all__ = ["clocks", "escalations", "names"]
