"""The tables of this room."""

from comity.reviews.models.point import Agenda, ReviewPoint
from comity.reviews.models.review import Review
from comity.reviews.models.types import Type

__all__ = ["Agenda", "Review", "ReviewPoint", "Type"]
