"""How channels, communications and plans answer to the requirements: names, sets, clocks, and checks of their own."""

from comity.communications.checks import clocks, customers, names, populations

__all__ = ["clocks", "customers", "names", "populations"]
