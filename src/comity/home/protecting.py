"""What people ask about their own data in the sample: a copy given, and an erasure that waits for its officer."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from comity.accounts.roles import Role
from comity.home.demonstration import OUTSIDE, Organisation
from comity.parties.models import Contact
from comity.records import write

RM, PR, CH = Role.RELATIONSHIP_MANAGER, Role.PROCESS_MANAGER, Role.COMPLAINT_HANDLER
LEFT = {"name": "Bruno Salvi", "email": "bruno.salvi@customer.example", "phone": "+1 212 555 0177"}


def protect(organisation: Organisation) -> None:
    """The contact who signs in had a copy by mail; a colleague of theirs has left, and asks to be erased."""
    email, _name = OUTSIDE[Role.CUSTOMER_CONTACT]
    contact = Contact.objects.filter(person__email=email, customer__isnull=False).order_by("pk").first()
    if contact is None or contact.customer is None:
        return
    now, officer = timezone.now(), organisation.actor(PR)
    asked = {"contact": contact.ref, "type": "access", "received_at": now - timedelta(days=12)}
    one = organisation.make("data_subject_request", RM, **asked, description="Please send me what you hold on me.")
    for ago, step, said in (
        (11, "identify", {"identified_by": "Called back at the number we know."}), (11, "grant", {}),
        (9, "answer", {"outcome": "The copy went to your address by registered mail."}),
    ):  # fmt: skip
        one = write.transition(one, step, said, actor=officer, happened_at=now - timedelta(days=ago))
    gone = organisation.make("contact", RM, customer=contact.customer.ref, **LEFT)
    for matter in ("My name is wrong on your invoices.", "The technician did not find our entrance."):
        organisation.make("communication", CH, direction="inbound", contact=gone.ref, summary=matter,
                          body=f"{matter} Call me at {LEFT['phone']}. Bruno Salvi")  # fmt: skip
    asked = {"contact": gone.ref, "type": "deletion", "received_at": now - timedelta(days=2)}
    one = organisation.make("data_subject_request", RM, **asked, description="I have left. Please erase me.")
    one = write.transition(one, "identify", {"identified_by": "Wrote from the address we know."}, actor=officer)
    write.transition(one, "grant", actor=officer)
