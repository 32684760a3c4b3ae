"""The kinds of this room."""

from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from comity.privacy.forms import HoldForm, RequestForm
from comity.privacy.models import DataSubjectRequest, LegalHold
from comity.privacy.workflow import hold_life, request_life
from comity.records.hanging import hangs
from comity.records.kind import Kind, May, register

GROUP = _("Relationships")

hangs("holds", lambda _kind: LegalHold.objects.filter(subject_ref=OuterRef("ref"), status=LegalHold.Status.HELD))


data_subject_request = register(
    Kind(
        model=DataSubjectRequest,
        ref="DSR",
        may=May(create="case_register", handle="customer"),
        workflow=request_life,
        form=RequestForm,
        fields=("contact", "type", "received_at", "description", "identified_by", "outcome", "owner"),
        columns=("ref", "type", "contact", "status", "received_at", "due_on", "legal_on", "owner"),
        filters=("status", "type", "owner", "received_at"),
        search=("ref", "description"),
        party="contact__person",
        own=("owner", "contact__customer__owner"),
        order="-received_at",
        due="next_due",
        icon="user-search",
        group=GROUP,
    )
)

legal_hold = register(
    Kind(
        model=LegalHold,
        ref="HLD",
        may="definition",
        workflow=hold_life,
        form=HoldForm,
        fields=("subject_ref", "reason", "held_on", "review_on", "owner"),
        columns=("ref", "subject_ref", "reason", "status", "held_on", "review_on", "owner"),
        filters=("status", "review_on", "owner"),
        search=("ref", "subject_ref", "reason"),
        icon="lock",
        group=GROUP,
    )
)
