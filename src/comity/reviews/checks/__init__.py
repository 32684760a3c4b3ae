"""How reviews answer to the requirements: their names, checks of their own, and the sets named in words."""

from comity.reviews.checks import dealt, extra, names, newer, sets

__all__ = ["dealt", "extra", "names", "newer", "sets"]
