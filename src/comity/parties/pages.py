"""What this room adds to pages: where one person acted on both sides of a separation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comity.parties.separation import uses
from comity.web.panels import panel

SEPARATED = ("customer", "document_version", "agreement_version", "improvement")


def declared(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Each use of the exception, with its reason."""
    lines = list(uses().filter(kind=record.kind.name, record_id=record.pk))
    return {"lines": lines} if lines else None


for _kind in SEPARATED:
    panel(_kind, "parties/declared.html", place="side", order=3, label=_("Declared instead of separated"))(declared)
