"""The indexes of cases: registers, clocks, bundles of a topic, verdicts."""

from __future__ import annotations

from typing import Any

from django.db.models import Index, Q

FILTERS = (
    "status", "classification", "severity", "handler", "customer", "service", "topic", "channel", "escalation_level",
    "close_ground", "cause_area",
)  # fmt: skip
"""The filters of the register that have an index in the register's order."""

JUDGED = (
    "classification", "id", "status", "close_ground", "received_at", "closed_at", "resolved_at", "assessed_at",
    "answered_at", "acknowledged_at", "resolve_due_at", "answer_due_at", "ack_due_at", "next_due_at", "warn_at",
    "far_over_at", "resolve_from", "explained_at", "breached", "anonymous", "not_solvable_within_level",
    "reject_count", "reopen_count", "handler", "service", "contact", "severity", "origin", "address", "reach", "ref",
)  # fmt: skip
"""What most verdicts count cases by: each asks all complaints of a year, and reads this instead of the wide rows.

The key comes second, so that no register prefers this index to the one that has its order.
"""

INDEXES: list[Any] = [
    Index(fields=["-received_at", "-id"], name="case_newest"),
    *(Index(fields=[name, "-received_at", "-id"], name=f"case_{name}") for name in FILTERS),
    Index(fields=["next_due_at", "id"], name="case_next_due"),
    Index(fields=["sweep_at", "id"], name="case_sweep", condition=Q(sweep_at__isnull=False)),
    Index(fields=["service", "topic", "received_at"], name="case_service_topic"),
    Index(fields=["customer", "topic", "received_at"], name="case_customer_topic"),
    Index(fields=JUDGED, name="case_judged"),
    Index(
        fields=["handler", "status", "classification", "customer"],
        name="case_handled",
        condition=Q(handler__isnull=False),
    ),  # how much each of our people has in hand, and of whom
]
