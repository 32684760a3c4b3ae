"""How requests about own data answer to the words of requirements, and their clock (CSMS:2003 8.7.2)."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from comity.privacy.models import DataSubjectRequest
from comity.records.facts import Fact, Timed, clock, tie, vocabulary

vocabulary(
    "data_subject_request", DataSubjectRequest,
    contact=Fact("contact", to="contact"),
    status=Fact("status", words={"open": tuple(state.value for state in DataSubjectRequest.OPEN)}),
)  # fmt: skip
tie("data_subject_request", "contact", "contact")
tie("data_subject_request", "customer", "contact__customer")


@clock("data_subject_request")
def data_subject_request(inquiry: Any) -> Timed:
    """Answered by the day of the law, counted from the receipt (CSMS:2003 8.7.2)."""
    waits = Q(closed_at__isnull=True)
    late = Q(closed_at__date__gt=F("legal_on")) | waits & Q(legal_on__lt=inquiry.today)
    return Timed(late, waits & Q(legal_on__gte=inquiry.today))
