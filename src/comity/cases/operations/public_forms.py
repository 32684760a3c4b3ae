"""The public forms as those outside find them: which one is at an address, what it asks, where the others are."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from comity.accounts.models import Person
from comity.cases.models.public_form import FIRST, FormQuestion, PublicForm
from comity.records.access import may

MOST_QUESTIONS = 40
S = PublicForm.Status


def at(address: str) -> PublicForm | None:
    """The form of this address that is open or was; None where nobody outside may know of one.

    In the place of the shipped form only an open one is found: complaining always stays possible (ISO 10002).
    """
    found = PublicForm.objects.filter(address=address, archived_at__isnull=True).exclude(status=S.DRAFT).first()
    return found if found is not None and (found.status == S.OPEN or address != FIRST) else None


def draft_at(address: str, person: object) -> PublicForm | None:
    """The form of this address as whoever may change it looks at it before it opens."""
    if not isinstance(person, Person):
        return None
    found = PublicForm.objects.filter(address=address, archived_at__isnull=True).first()
    return found if found is not None and may(person, found, "edit") else None


def questions(form: PublicForm) -> list[FormQuestion]:
    """What it asks, in order."""
    return list(form.questions.filter(archived_at__isnull=True).order_by("position", "pk")[:MOST_QUESTIONS])


def for_everybody() -> list[PublicForm]:
    """The open forms to which the others lead."""
    return for_customers(())


def for_customers(customers: Collection[int]) -> list[PublicForm]:
    """The same, and those that are for one of these customers."""
    rows = PublicForm.objects.filter(status=S.OPEN, archived_at__isnull=True).order_by("pk")
    return list(rows.filter(Q(customer__isnull=True) | Q(customer__in=customers)).select_related("customer", "service"))
