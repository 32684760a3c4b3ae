"""What rooms use in their pages.py: panels on records, places in the side bar, and the gate for pages of their own."""

from comity.web.gate import actor_of, page, person_of
from comity.web.navigation import place
from comity.web.panels import panel

__all__ = ["actor_of", "page", "panel", "person_of", "place"]
