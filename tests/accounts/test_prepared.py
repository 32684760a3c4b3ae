"""Questions put together once: each asker gets an own answer, and only the first pays for the SQL."""

from datetime import date

from django.db.models import QuerySet

from comity.accounts.models import Grant, Person
from comity.accounts.prepared import ANY, prepared
from comity.accounts.roles import Role

from .conftest import Make

made: list[date] = []


@prepared
def roles_since(day: date) -> QuerySet[Grant, tuple[str]]:
    made.append(day)
    return Grant.objects.filter(person=ANY, starts_on__gte=day).order_by("role").values_list("role")


@prepared
def named() -> QuerySet[Person, tuple[int]]:
    return Person.objects.filter(email=ANY).values_list("pk")


def test_everybody_gets_an_own_answer_and_the_question_is_put_together_once(make: Make) -> None:
    ann, bob = make("ann", Role.AUDITOR, Role.COMPLAINT_HANDLER), make("bob", Role.SERVICE_DESK)
    made.clear()
    long_ago, far_off = date(1990, 1, 1), date(2990, 1, 1)
    assert roles_since(ann.pk, long_ago) == [("auditor",), ("complaint_handler",)]
    assert roles_since(bob.pk, long_ago) == [("service_desk",)]
    assert roles_since(bob.pk, far_off) == []
    assert made == [long_ago, far_off]


def test_it_is_asked_by_words_too(make: Make) -> None:
    ann, bob = make("ann"), make("bob")
    assert named(ann.email) == [(ann.pk,)] and named(bob.email) == [(bob.pk,)] and named("nobody") == []
