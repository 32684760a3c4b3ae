"""What compliance keeps: answers and looks, decisions about requirements, obligations, assessments, and packs."""

from comity.compliance.models.answers import Answer, Computation, Kept, Touched
from comity.compliance.models.assessments import Assessment, Line, Method, Task
from comity.compliance.models.decisions import Exclusion, Waiver
from comity.compliance.models.obligations import Obligation
from comity.compliance.models.packs import AuditScope, Pack
from comity.compliance.models.silences import Silence
from comity.compliance.models.standards import StandardFile

__all__ = [
    "Answer", "Assessment", "AuditScope", "Computation", "Exclusion", "Kept", "Line", "Method", "Obligation", "Pack",
    "Silence", "StandardFile", "Task", "Touched", "Waiver",
]  # fmt: skip
