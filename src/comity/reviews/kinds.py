"""The kinds of this room."""

from typing import Any

from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS
from comity.records.hanging import hangs
from comity.records.kind import Kind, register
from comity.reviews import workflows
from comity.reviews.models import Review, ReviewPoint
from comity.reviews.models.types import ANY, readable_types

hangs("review_points", lambda _kind: ReviewPoint.objects.filter(case=OuterRef("pk")), of="case")


def _readable(rows: Any, person: Person, rights: Rights) -> QuerySet[Any]:
    """Only of the types that the reader may read at all; those of a customer who took part read approved minutes."""
    rows = rows.filter(type__in=readable_types(rights))
    if not rights.roles <= CONTACTS:
        return rows  # type: ignore[no-any-return]

    def veil(found: list[Any]) -> None:
        for review in found:
            review.veil()

    return rows.filter(minutes_no__gt=0).through(veil).telling("ref", "title", "conclusions")  # type: ignore[no-any-return]


def _points_readable(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    rows = rows.filter(review__type__in=readable_types(rights))
    return rows.filter(review__minutes_no__gt=0, list="agenda") if rights.roles <= CONTACTS else rows


review = register(
    Kind(
        model=Review,
        ref="REV",
        may=ANY,
        workflow=workflows.review_life,
        narrow=_readable,
        fields=(
            "type", "title", "occasion", "starts_on", "period_from", "period_to", "leader", "customers", "services",
            "process", "subject_ref", "participants", "invited", "attended", "mode", "scope", "agenda", "preparer",
            "host", "facilities", "minutes", "summary", "trend", "ranking", "handling", "resolution",
            "service_improvement", "conclusions", "service_state", "customer_state", "need_change", "expectation_gap",
            "changes", "suitability", "capability_rating", "customer_reaction", "progress_status", "result_status",
            "conformity_checklist", "result", "next_on", "audience",
        ),
        columns=("ref", "title", "type", "starts_on", "leader", "status", "complaints", "next_on", "published_at"),
        filters=("status", "type", "leader", "starts_on"),
        search=("ref", "title", "conclusions"),
        party="attended__person",
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
        may=ANY,
        workflow=workflows.point_life,
        narrow=_points_readable,
        fields=(
            "review", "list", "agenda", "nature", "nothing", "subject_ref", "case", "service", "topic", "why", "number",
            "conclusion", "outcome", "process_owner", "improvement",
        ),
        columns=(
            "ref", "list", "agenda", "case", "service", "topic", "number", "outcome", "status", "review", "improvement",
        ),
        filters=("status", "list", "agenda", "review", "outcome", "service", "topic"),
        search=("ref", "conclusion", "case__ref"),
        party="review__attended__person",
        own=("owner", "review__leader"),
        icon="list-checks",
    )
)  # fmt: skip
