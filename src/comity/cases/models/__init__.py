"""The tables of the complaint desk."""

from comity.cases.models.case import Case
from comity.cases.models.escalation import Escalation

__all__ = ["Case", "Escalation"]
