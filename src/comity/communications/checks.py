"""How channels and communications answer to the words of requirements."""

from comity.communications.models import Channel, Communication
from comity.records.facts import Fact, tie, vocabulary

vocabulary(
    "channel", Channel, purposes="purposes__code", customers=Fact("customers", to="customer"), changed_at="changed_at"
)
vocabulary(
    "communication", Communication,
    party=Fact("customer", to="customer"), channel=Fact("channel", to="channel"),
    party_kind=Fact("contact__type", words={"customer": ("customer", "user")}),
)  # fmt: skip

tie("channel", "customer", "customers")
tie("communication", "customer", "customer")
tie("communication", "contact", "contact")
tie("communication", "channel", "channel")
