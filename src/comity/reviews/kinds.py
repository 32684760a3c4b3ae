"""The kinds of this room."""

from django.utils.translation import gettext_lazy as _

from comity.records.kind import Kind, register
from comity.reviews import workflows
from comity.reviews.models import Review, ReviewPoint

review = register(
    Kind(
        model=Review,
        ref="REV",
        may="analysis",
        workflow=workflows.review_life,
        fields=(
            "type", "title", "starts_on", "period_from", "period_to", "leader", "participants", "mode", "scope",
            "agenda", "trend", "ranking", "handling", "resolution", "service_improvement", "conclusions", "next_on",
            "audience",
        ),
        columns=("ref", "title", "starts_on", "leader", "status", "complaints", "next_on", "published_at"),
        filters=("status", "type", "leader", "starts_on"),
        search=("ref", "title", "conclusions"),
        own=("owner", "leader"),
        order="-starts_on",
        due="next_due",
        icon="clipboard-check",
        group=_("Complaint desk"),
    )
)  # fmt: skip

review_point = register(
    Kind(
        model=ReviewPoint,
        ref="RVP",
        may="analysis",
        workflow=workflows.point_life,
        fields=(
            "review", "list", "case", "service", "topic", "why", "number", "conclusion", "outcome", "process_owner",
            "improvement",
        ),
        columns=("ref", "list", "case", "service", "topic", "number", "outcome", "status", "review", "improvement"),
        filters=("status", "list", "review", "outcome", "service", "topic"),
        search=("ref", "conclusion", "case__ref"),
        own=("owner", "review__leader"),
        icon="list-checks",
    )
)  # fmt: skip
