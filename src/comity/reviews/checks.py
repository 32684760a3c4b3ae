"""How reviews answer to the words of requirements."""

from comity.records.facts import Fact, vocabulary
from comity.reviews.models import Review

vocabulary("review", Review, status=Fact("status", words={"held": ("held", "closed")}), starts_at="starts_on")
