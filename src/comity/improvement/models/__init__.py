"""What this room keeps: findings, improvements, actions, change requests."""

from comity.improvement.models.action import Action as Action
from comity.improvement.models.change_request import ChangeRequest as ChangeRequest
from comity.improvement.models.finding import Finding as Finding
from comity.improvement.models.improvement import Improvement as Improvement
