"""Whether we hold of people what we need, and nothing else (CSMS:2003 8.7.2)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from comity.records.facts import Part, Rows, predicate, spoken
from comity.records.kind import Kind, kind_of

PERSONAL = {"contact": ("name", "email", "phone", "postal_address"), "customer": ("postal_address",)}
"""The fields that tell of a person."""
WORD = re.compile(r"[a-z_]+")


def asked_for(kind: Kind) -> set[str]:
    """The fields that the active classes of this kind list as mandatory, by the names that imports use."""
    classes = spoken("record_class").rows.filter(status="active", archived_at__isnull=True)
    listed = (text for kinds, text in classes.values_list("kinds", "mandatory_fields") if kind.name in kinds)
    columns = {field.name for field in kind.model._meta.concrete_fields}
    return {name for text in listed for name in WORD.findall(text)} & columns.intersection(kind.fields)


def empty(kind: Kind, name: str) -> Q:
    field: Any = kind.model._meta.get_field(name)
    nothing = Q(**{f"{name}__isnull": True})
    return nothing | Q(**{name: ""}) if isinstance(field, models.CharField | models.TextField) else nothing


@predicate("customer_data_complete_and_minimal")
def customer_data_complete_and_minimal(as_of: datetime, rows: Rows, completeness_share: float, **_more: Any) -> Part:
    """Enough of the mandatory fields are filled, and no other field tells of a person."""
    kind = kind_of(rows.model)
    asked, lacking, wrong = asked_for(kind), Q(pk__in=[]), Q(pk__in=[])
    missing = 0
    for name in sorted(asked):
        lacking |= empty(kind, name)
        missing += rows.filter(empty(kind, name)).count()
    if missing > (1 - completeness_share) * rows.count() * len(asked):
        wrong |= lacking
    for name in {*PERSONAL[kind.name]} - asked:
        wrong |= ~empty(kind, name)
    return rows, rows.filter(wrong)
