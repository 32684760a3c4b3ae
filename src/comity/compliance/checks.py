"""How waivers and obligations answer to the words of requirements."""

from comity.compliance.models import Obligation, Waiver
from comity.records.facts import Fact, vocabulary

vocabulary("waiver", Waiver, record=Fact("record_ref", by_ref=True), decider=Fact("decider", to="staff"))
vocabulary("obligation", Obligation, tags="topic")
