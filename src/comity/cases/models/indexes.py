"""The indexes of cases: registers, clocks, bundles of a topic, verdicts."""

from __future__ import annotations

from typing import Any

from django.db.models import Index, Q

FILTERS = (
    "status", "severity", "handler", "customer", "service", "topic", "channel", "escalation_level", "close_ground",
    "cause_area",
)  # fmt: skip
"""The filters of the register that have an index in the register's order; the classification has that of RECEIVED."""

RECEIVED = (
    "classification", "-received_at", "-id", "status", "close_ground", "closed_at", "acknowledged_at", "ack_due_at",
    "answered_at", "answer_due_at", "assigned_at", "place_due_at", "anonymous", "contact", "address", "reach", "origin",
    "service", "topic", "severity", "consequence", "channel", "entered_by", "handler", "next_due_at", "tell_at",
    "entered_at", "ref", "customer", "resolved_at",
)  # fmt: skip
"""What verdicts ask of the complaints that came in within a year, and the register's order of one classification."""

COURSE = (
    "classification", "id", "status", "close_ground", "closed_at", "resolved_at", "assessed_at", "triage_due_at",
    "investigate_due_at", "investigating_at", "resolve_due_at", "warn_at", "far_over_at", "resolve_from",
    "explained_at", "breached", "not_solvable_within_level", "reject_count", "reopen_count", "answered_at",
    "answer_due_at", "severity", "ref", "ack_due_at", "confirm_due_at", "pause_ends_at", "cause_area",
    "improvement_need", "investigator", "acknowledged_at", "anonymous", "flagged_at",
)  # fmt: skip
"""What verdicts ask of the course of open and closed complaints. PostgreSQL takes at most 32 columns.

Both are read instead of the wide rows. The key comes second, so that no register prefers this one to that of its order.
"""

INDEXES: list[Any] = [
    Index(fields=["-received_at", "-id"], name="case_newest"),
    *(Index(fields=[name, "-received_at", "-id"], name=f"case_{name}") for name in FILTERS),
    Index(fields=["next_due_at", "id"], name="case_next_due"),
    Index(fields=["sweep_at", "id"], name="case_sweep", condition=Q(sweep_at__isnull=False)),
    Index(fields=["service", "topic", "received_at"], name="case_service_topic"),
    Index(fields=["customer", "topic", "received_at"], name="case_customer_topic"),
    Index(fields=RECEIVED, name="case_received"),
    Index(fields=COURSE, name="case_course"),
    Index(
        fields=["handler", "status", "classification", "customer"],
        name="case_handled",
        condition=Q(handler__isnull=False),
    ),  # how much each of our people has in hand, and of whom
    Index(fields=["public_form", "-received_at"], name="case_public_form", condition=Q(public_form__isnull=False)),
    Index(fields=["at_fault", "-received_at"], name="case_at_fault", condition=Q(at_fault__isnull=False)),
]
