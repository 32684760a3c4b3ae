"""Pages of the room; importing them puts panels and places in their stead."""

from comity.notices.pages import broadcasts, texts, writing

__all__ = ["broadcasts", "texts", "writing"]
