"""The kinds of this room."""

from comity.compliance.kinds import assessment as assessment
from comity.compliance.kinds import decisions as decisions
from comity.compliance.kinds import obligations as obligations
from comity.compliance.kinds import raised as raised
