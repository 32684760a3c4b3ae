"""Customers and all other parties, the people who deal with them, their duties, and the processes that serve them."""

from comity.parties.models.customers import Contact, Customer, Segment
from comity.parties.models.interested import InterestedParty
from comity.parties.models.positions import Position
from comity.parties.models.processes import Process, ProcessInterface, ProcessRole, ProcessStep
from comity.parties.models.responsibilities import Acceptance, Responsibility

__all__ = [
    "Acceptance", "Contact", "Customer", "InterestedParty", "Position", "Process", "ProcessInterface", "ProcessRole",
    "ProcessStep", "Responsibility", "Segment",
]  # fmt: skip
