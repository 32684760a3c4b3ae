"""The kind of this room."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS
from comity.desk.models import Checklist, Macro
from comity.records.kind import Kind, register


def _inside(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    return rows.none() if rights.roles <= CONTACTS else rows


macro = register(
    Kind(
        model=Macro,
        ref="MAC",
        may="definition",
        narrow=_inside,
        fields=("name", "active", "changes", "to_me", "handler", "step", "step_values", "text", "note"),
        columns=("ref", "name", "active", "step", "handler", "text"),
        filters=("step",),
        search=("ref", "name", "note"),
        icon="zap",
        group=_("Complaint desk"),
    )
)

checklist = register(
    Kind(
        model=Checklist,
        ref="CHL",
        may="definition",
        narrow=_inside,
        fields=("name", "points", "holds", "active"),
        columns=("ref", "name", "holds", "active"),
        search=("ref", "name", "points"),
        icon="list-checks",
        group=_("Complaint desk"),
    )
)
