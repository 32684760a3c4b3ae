"""What this room keeps: risks, controls, and what came of running them."""

from comity.risks.models.control import Control as Control
from comity.risks.models.control import ControlRun as ControlRun
from comity.risks.models.risk import Risk as Risk
