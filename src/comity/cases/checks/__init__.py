"""How cases and escalations answer to the requirements: their names, their clocks, and checks of their own."""

from comity.cases.checks import clocks, course, escalations, handling, names, populations, standstill

__all__ = ["clocks", "course", "escalations", "handling", "names", "populations", "standstill"]
