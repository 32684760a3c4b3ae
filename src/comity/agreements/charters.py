"""Charters are promised to everybody whom they concern, named one by one or not (CSMS:2003 4.6)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from comity.accounts.roles import Role
from comity.parties.models import Customer


def for_contacts(person: Any, rights: Any, path: str = "") -> Q | None:
    """What contacts of customers may read though it names none: charters for all customers, or for a segment of
    theirs. `path` leads to the agreement."""
    if Role.CUSTOMER_CONTACT not in rights.roles:
        return None
    theirs = Customer.objects.filter(contacts__person=person).order_by()
    charter = Q(**{f"{path}type": "charter", f"{path}customers": None})
    reached = Q(**{f"{path}segment": None})
    for column in ("segment", "category"):
        reached |= Q(**{f"{path}segment__in": theirs.exclude(**{column: None}).values(column)})
    return charter & reached
