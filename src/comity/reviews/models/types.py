"""The types of reviews, and who may plan and change reviews of which type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.accounts.matrix import MATRIX, Verb
from comity.accounts.rights import Rights, rights_of
from comity.accounts.roles import Role
from comity.records.access import NotAllowed


class Type(models.TextChoices):
    SERVICE = "service", _("Service review")
    COMPLAINT_ANALYSIS = "complaint_analysis", _("Analysis of complaints")
    BRM_ANALYSIS = "brm_analysis", _("Analysis of customer relationships")
    MANAGEMENT = "management", _("Management review")
    OPERATIONAL = "operational", _("Operational review")
    POLICY = "policy", _("Review of the policy")
    PLAN = "plan", _("Review of a plan")
    PROCESS = "process", _("Review of a process")
    AGREEMENT = "agreement", _("Review of an agreement")
    CONTRACT = "contract", _("Review of a contract")
    SUPPLIER = "supplier", _("Review with a supplier")
    SATISFACTION = "satisfaction", _("Review of satisfaction")
    COMMUNICATION = "communication", _("Review of communication")
    PROJECT = "project", _("Review of a project")
    RISK = "risk", _("Review of risks")
    DOCUMENT = "document", _("Review of a document")
    POST_IMPLEMENTATION = "post_implementation", _("Review after a change")


ANALYSIS, SERVICE, MANAGEMENT = "analysis", "review", "management_review"
ROW: Mapping[str, str] = {
    **dict.fromkeys(Type.values, ANALYSIS),
    **dict.fromkeys((Type.SERVICE, Type.PLAN, Type.PROJECT, Type.AGREEMENT, Type.POST_IMPLEMENTATION), SERVICE),
    **dict.fromkeys((Type.MANAGEMENT, Type.POLICY), MANAGEMENT),
}
"""The row of the role matrix that governs each type."""

ANY = "reviews"
OWN_ONLY = re.compile(r"[CEAR]+o(?![a-z])")


def _joined(role: Role) -> str:
    """What a role may with any type; the wider of two reaches is read last and counts."""
    cells = {MATRIX[row][role] for row in (ANALYSIS, SERVICE, MANAGEMENT)}
    return " ".join(sorted(cells, key=lambda cell: (not OWN_ONLY.search(cell), cell)))


MATRIX[ANY] = {role: _joined(role) for role in Role}
"""A row of all three, for the kind as a whole; `demand` and `readable_types` tell the types apart."""


def demand(actor: Any, of: str, verb: Verb) -> None:
    """Raises NotAllowed where the person may not do so with reviews of this type."""
    if not actor.rule and not rights_of(actor.person).may(ROW[of], verb):
        raise NotAllowed(verb)


def readable_types(rights: Rights) -> list[str]:
    """The types that somebody with these rights may read at all."""
    return [of for of, row in ROW.items() if rights.may(row, "read")]
