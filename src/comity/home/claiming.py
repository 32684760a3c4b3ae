"""What the sample's customer claims because promises were not kept: one given, one refused, one just come in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from comity.accounts.roles import Role
from comity.agreements.models import Target
from comity.home.demonstration import OUTSIDE, Organisation
from comity.parties.models import Contact
from comity.records import write

CH = Role.COMPLAINT_HANDLER
WORTH = {"amount": "120", "currency": settings.COMITY_CURRENCY}
CLAIMS: tuple[tuple[int, str, str, tuple[tuple[int, str, dict[str, Any]], ...]], ...] = (
    (
        30, "Nobody confirmed our complaint of that day until the evening after.", "A part of the monthly fee back.",
        (
            (27, "assess", {"kept": False, "conditions": "The desk was open and no exception applies."}),
            (26, "grant", {"remedy": "credit", **WORTH, "reason": "We were a day late."}),
            (20, "give", {"given_reference": "CN-2041"}),
        ),
    ),
    (
        24, "On the holiday nobody answered.", "An apology.",
        (
            (22, "assess", {"kept": True, "conditions": "Hours count on business days; that day was none."}),
            (22, "refuse", {"reason": "The agreement counts business hours, and the office was closed that day."}),
        ),
    ),
    (2, "The answer came two days after it was due.", "Please make it right.", ()),
)  # fmt: skip


def claim(organisation: Organisation) -> None:
    """The desk writes down what the contact who signs in told it on the phone, and works on it."""
    email, _name = OUTSIDE[Role.CUSTOMER_CONTACT]
    contact = Contact.objects.filter(person__email=email, customer__isnull=False).order_by("pk").first()
    promised = Target.objects.filter(agreement_version__status="in_force", agreement_version__agreement__type="sla")
    target = promised.filter(agreement_version__agreement__customers=contact.customer_id).first() if contact else None
    if contact is None or contact.customer is None or target is None:
        return
    for ago, description, wanted, steps in CLAIMS:
        values = {
            "target": target.ref, "customer": contact.customer.ref, "contact": contact.ref, "description": description,
            "wanted_remedy": wanted, "happened_on": day(ago + 1), "received_at": timezone.now() - timedelta(days=ago),
        }  # fmt: skip
        made = organisation.make("claim", CH, **values)
        for before, step, said in steps:
            said = said | ({"given_on": day(before)} if step == "give" else {})
            at = timezone.now() - timedelta(days=before)
            made = write.transition(made, step, said, actor=organisation.actor(CH), happened_at=at)


def day(ago: int) -> Any:
    return timezone.localdate() - timedelta(days=ago)
