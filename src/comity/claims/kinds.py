"""The kind of this room."""

from typing import Any

from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS
from comity.claims.forms import ClaimForm
from comity.claims.models import Claim, of_version
from comity.claims.workflow import claim_life
from comity.records.hanging import hangs
from comity.records.kind import Kind, May, register

hangs("claims", lambda _kind: Claim.objects.filter(target=OuterRef("pk")), of="target")
hangs("claims", lambda _kind: Claim.objects.filter(clause=OuterRef("pk")), of="clause")
hangs("claims", lambda _kind: Claim.objects.filter(of_version(OuterRef("pk"))), of="agreement_version")
hangs("claims", lambda _kind: Claim.objects.filter(case=OuterRef("pk")), of="case")


def _seen(rows: Any, person: Person, rights: Rights) -> QuerySet[Any]:
    """Whoever claims sees what is weighed once it is decided."""
    if not rights.roles <= CONTACTS:
        return rows  # type: ignore[no-any-return]

    def veil(found: list[Any]) -> None:
        for claim in found:
            if claim.undecided:
                claim.veil()

    return rows.through(veil).telling("ref", "description", "wanted_remedy")  # type: ignore[no-any-return]


claim = register(
    Kind(
        model=Claim,
        ref="CLM",
        may=May(create="case_register", handle="case_handle"),
        workflow=claim_life,
        form=ClaimForm,
        narrow=_seen,
        fields=(
            "target", "clause", "customer", "contact", "case", "received_at", "happened_on", "description",
            "wanted_remedy", "owner",
        ),
        columns=(
            "ref", "target", "clause", "customer", "status", "kept", "remedy", "amount", "currency", "received_at",
            "due_on", "owner",
        ),
        filters=("status", "target", "clause", "customer", "owner", "received_at"),
        search=("ref", "description", "wanted_remedy", "conditions", "reason", "given_reference"),
        party="customer__contacts__person",
        own=("owner", "owner__isnull", "customer__owner"),
        order="-received_at",
        due="next_due",
        icon="hand-coins",
        group=_("Complaint desk"),
    )
)  # fmt: skip
