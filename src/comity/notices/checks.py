"""Whether everybody was offered a way out of what we send and ask, and whether it was honoured (CSMS:2003 8.7.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from comity.communications.models import Communication
from comity.notices.models import Reach
from comity.parties.models import Consent, Contact
from comity.records.facts import Fact, Part, Rows, predicate, tie, vocabulary
from comity.satisfaction.models import Invitation

vocabulary(
    "consent", Consent, Q(archived_at=None), contact=Fact("contact", to="contact"),
    purpose=Fact("purpose", words={"marketing": (Consent.Purpose.NOTICES.value,)}),
)  # fmt: skip
tie("consent", "contact", "contact")


@predicate("consent_offered_and_respected")
def consent_offered_and_respected(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """Of contacts who were asked in a survey, or written to as some of many: the way out was offered by then, and who
    had taken it got nothing more. What the law or an agreement requires reaches everybody, and is not looked at."""
    required = Reach.objects.filter(communication=OuterRef("pk"), broadcast__required=True)
    many = Communication.objects.filter(bulk=True, direction="outbound", contact__isnull=False, occurred_at__lte=as_of)
    used = {
        Consent.Purpose.SURVEYS: (Invitation.objects.filter(sent_at__lte=as_of), "sent_at"),
        Consent.Purpose.NOTICES: (many.filter(~Exists(required)), "occurred_at"),
    }
    contacts = Contact.objects.filter(status=Contact.Status.ACTIVE, archived_at=None)
    reached, wronged = Q(pk__in=[]), Q(pk__in=[])
    for purpose, (uses, at) in used.items():
        reached |= Q(pk__in=uses.order_by().values("contact"))
        wronged |= Q(pk__in=_against(uses, at, purpose).order_by().values("contact"))
    scope = contacts.filter(reached)
    return scope, scope.filter(wronged)


def _against(uses: QuerySet[Any], at: str, purpose: str) -> QuerySet[Any]:
    """Those before which no way out had been offered, and those after the way out was taken."""
    own = Consent.objects.filter(contact=OuterRef("contact"), purpose=purpose, archived_at=None)
    before = own.filter(chosen_at__lt=OuterRef(at)).order_by("-chosen_at", "-pk")
    offered = own.annotate(day=TruncDate("offered_at")).filter(day__lte=OuterRef("used_on"))
    found: QuerySet[Any] = uses.annotate(used_on=TruncDate(at), last=Subquery(before.values("type")[:1])).filter(
        Q(last=Consent.Type.OPT_OUT) | ~Exists(offered)
    )
    return found
