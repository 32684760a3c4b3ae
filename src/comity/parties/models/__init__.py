"""Customers and all other parties, the people who deal with them, their duties, and the processes that serve them."""

from comity.parties.models.consents import Consent
from comity.parties.models.customers import Contact, Customer, Segment
from comity.parties.models.interested import InterestedParty
from comity.parties.models.positions import Position
from comity.parties.models.processes import Process, ProcessInterface, ProcessRole, ProcessStep
from comity.parties.models.responsibilities import Acceptance, Responsibility
from comity.parties.models.suppliers import Supplier

__all__ = [
    "Acceptance", "Consent", "Contact", "Customer", "InterestedParty", "Position", "Process", "ProcessInterface",
    "ProcessRole", "ProcessStep", "Responsibility", "Segment", "Supplier",
]  # fmt: skip
