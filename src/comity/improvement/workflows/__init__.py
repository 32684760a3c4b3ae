"""From, to, by whom: the lives of findings, improvements, actions and change requests."""

from comity.improvement.workflows.action import action_life as action_life
from comity.improvement.workflows.change_request import change_life as change_life
from comity.improvement.workflows.finding import finding_life as finding_life
from comity.improvement.workflows.improvement import improvement_life as improvement_life
