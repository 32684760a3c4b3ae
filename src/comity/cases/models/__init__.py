"""The tables of the complaint desk."""

from comity.cases.models.case import Case
from comity.cases.models.escalation import Escalation
from comity.cases.models.figures import Count, Fact, Tally
from comity.cases.models.public_form import FormQuestion, PublicForm
from comity.cases.models.referral import Referral

__all__ = ["Case", "Count", "Escalation", "Fact", "FormQuestion", "PublicForm", "Referral", "Tally"]
