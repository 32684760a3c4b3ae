"""How documents answer to the words of requirements."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from comity.documents.models import Document, DocumentVersion
from comity.records.facts import Fact, tie, vocabulary


def in_force(as_of: datetime) -> Q:
    """Approved, effective, not withdrawn, and not followed by another version of the document by then."""
    today = timezone.localtime(as_of).date()
    return (
        Q(approved_at__lte=as_of, effective_on__lte=today)
        & (Q(superseded_at__isnull=True) | Q(superseded_at__gt=as_of))
        & (Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of))
    )


vocabulary("document", Document)
vocabulary("document_version", DocumentVersion, in_force=Fact(holds=in_force), approval="approved_at")

tie("document", "customer", "customer")
tie("document_version", "document", "document")
tie("document_version", "customer", "document__customer")
