"""How parties, people, duties and processes answer to the requirements: names, sets, and checks of their own."""

from comity.parties.checks import classes, deciding, minimal, names, populations, reading
from comity.parties.checks.names import at_work, held

__all__ = ["at_work", "classes", "deciding", "held", "minimal", "names", "populations", "reading"]
