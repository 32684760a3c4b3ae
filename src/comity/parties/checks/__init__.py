"""How parties, people, duties and processes answer to the requirements: names, sets, and checks of their own."""

from comity.parties.checks import deciding, names, populations, reading
from comity.parties.checks.names import at_work, held

__all__ = ["at_work", "deciding", "held", "names", "populations", "reading"]
