"""The workflow of a public form: a draft is opened, closed, and opened again, by those who look after channels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.cases.models.public_form import PublicForm
from comity.records.workflow import Workflow, move

KEEPERS = (
    Role.RELATIONSHIP_MANAGER, Role.SUPPLIER_MANAGER, Role.PROJECT_MANAGER, Role.PROCESS_MANAGER, Role.ADMINISTRATOR,
)  # fmt: skip
S = PublicForm.Status

form_life = Workflow(
    S.DRAFT,
    (
        move(
            "open", (S.DRAFT, S.CLOSED), S.OPEN, by=KEEPERS, label=_("Put on the web"), primary=True,
            help=_("From now on anybody can find it and write to us."),
        ),
        move(
            "close", S.OPEN, S.CLOSED, by=KEEPERS, note=True, label=_("Close"),
            help=_("Nobody can send it any more. The cases that came by it, and their links, stay as they are."),
        ),
    ),
    stages=(S.DRAFT, S.OPEN, S.CLOSED),
)  # fmt: skip
