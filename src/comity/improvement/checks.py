"""How actions and improvements answer to the words of requirements."""

from comity.improvement.models import Action, Improvement
from comity.records.facts import Fact, vocabulary

vocabulary(
    "action", Action,
    status=Fact("status", words={"open": ("open", "in_progress"), "done": ("done", "verified")}),
    source=Fact("source_ref", by_ref=True),
)  # fmt: skip
vocabulary(
    "improvement", Improvement,
    status=Fact("status", words={"done": ("implemented", "effective", "closed")}),
    source=Fact("source_ref", by_ref=True),
)  # fmt: skip
