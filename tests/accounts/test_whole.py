"""Whole rows of a table: the same that the model's own way reads, with the conditions of whoever asks."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.accounts.models import Grant, Person
from comity.accounts.roles import Role
from comity.accounts.whole import rows_of, whole, words_of

from .conftest import Make


def test_rows_come_whole_and_only_those_that_meet_the_conditions(make: Make) -> None:
    ann, bob = make("ann", Role.AUDITOR), make("bob", Role.SERVICE_DESK)
    auditors = Person.objects.filter(grants__role=Role.AUDITOR).order_by("name")
    with CaptureQueriesContext(connection) as asked:
        found = whole(auditors)
        assert [vars(one) | {"_state": None} for one in found] == [vars(one) | {"_state": None} for one in auditors]
        assert found == [ann] and not found[0]._state.adding and whole(Person.objects.none()) == []
        assert rows_of(Person, [bob.pk, None, 0]) == {bob.pk: bob} and rows_of(Person, [None]) == {}
    assert len(asked) == 3
    grant = Grant.objects.get(person=bob)
    assert rows_of(Grant, [grant.pk])[grant.pk].starts_on == grant.starts_on


def test_rows_and_words_are_found_by_name(make: Make) -> None:
    ann, bob = make("ann"), make("bob")
    assert rows_of(Person, [ann.email, "nobody"], "email") == {ann.email: ann}
    assert words_of(Person, {ann.pk, bob.pk, 0}, "email") == {ann.pk: ann.email, bob.pk: bob.email}
