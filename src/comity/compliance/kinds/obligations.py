"""Obligations: kept where the rules of processes are kept."""

from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.compliance.models import Obligation
from comity.records.kind import Kind, register
from comity.records.workflow import Workflow, move

S = Obligation.Status
KEEPERS = (Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR)

obligation = register(
    Kind(
        model=Obligation,
        ref="OBL",
        may="definition",
        workflow=Workflow(
            S.ACTIVE,
            (
                move("retire", S.ACTIVE, S.RETIRED, by=KEEPERS, note=True, label=_("Retire")),
                move("resume", S.RETIRED, S.ACTIVE, by=KEEPERS, note=True, label=_("Resume")),
            ),
        ),
        fields=("title", "type", "topic", "jurisdiction", "source", "reviewed_on", "owner"),
        columns=("ref", "title", "type", "topic", "jurisdiction", "owner", "status"),
        filters=("status", "type", "topic", "owner"),
        search=("ref", "title", "jurisdiction"),
        icon="scale",
        group=_("Compliance"),
    )
)
