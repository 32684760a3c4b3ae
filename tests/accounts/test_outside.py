"""Contacts of outside parties have pages of their own: of these here they get what signing in needs, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import URLPattern

from comity.accounts import pages
from comity.accounts.forms import PersonForm
from comity.accounts.models import ApiToken, Grant, Person
from comity.accounts.roles import CONTACTS, Role
from comity.accounts.urls import urlpatterns
from tests.api.conftest import Machine

from .conftest import Make

SignIn = Callable[[Person], Client]
each = pytest.mark.parametrize("role", sorted(CONTACTS))


@pytest.fixture
def contact(make: Make) -> Callable[[Role], Person]:
    make("insider", Role.SERVICE_DESK)
    return lambda role: make("cara", role)


PAGES = [
    str(one.pattern) for one in urlpatterns if isinstance(one, URLPattern) and one.callback.__module__ == pages.__name__
]


@each
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_of_people_inside(
    contact: Callable[[Role], Person], signed_in: SignIn, role: Role, method: str
) -> None:
    person = contact(role)
    client = signed_in(person)
    assert len(PAGES) > 10
    for pattern in PAGES:
        path = "/accounts/" + re.sub("<[^>]+>", str(person.pk), pattern)
        said = {"name": "Somebody Else", "scopes": "read", "days": "30", "active": "0", "group": ""}
        answer = getattr(client, method)(path, said)
        if pattern in ("me/", "email/"):
            assert (answer.status_code, answer.headers["Location"]) == (302, "/portal/me/"), path
        else:
            assert answer.status_code in ((404,) if method == "post" else (404, 405)), path
    assert Person.objects.get(pk=person.pk).name == "cara" and Person.objects.count() == 2
    assert not ApiToken.objects.exists() and Grant.objects.count() == 2


@each
def test_what_signing_in_needs_is_there(contact: Callable[[Role], Person], signed_in: SignIn, role: Role) -> None:
    client = signed_in(contact(role))
    for path in ("2fa/", "2fa/totp/activate/", "password/change/", "logout/"):
        page = client.get(f"/accounts/{path}", follow=True)
        assert page.status_code == 200 and "insider" not in page.content.decode(), path


@each
def test_no_stand_in_is_a_contact_or_has_one(contact: Callable[[Role], Person], make: Make, role: Role) -> None:
    outside, insider, nobody = contact(role), Person.objects.get(name="insider"), make("nobody")
    assert "stand_in" not in PersonForm(instance=outside).fields
    ann = make("ann", Role.COMPLAINT_HANDLER)
    choices = PersonForm(instance=ann).fields["stand_in"].queryset  # type: ignore[attr-defined]
    assert set(choices) == {insider} and nobody not in choices


@each
def test_no_program_acts_for_a_contact(contact: Callable[[Role], Person], role: Role) -> None:
    person = contact(role)
    with pytest.raises(CommandError):
        call_command("token", person.email)
    assert not ApiToken.objects.exists()
    machine = Machine(ApiToken.issue(person, "of old", ["read", "write"], 1)[1])
    for path in ("terms", "terms?list=remedy", "cases", "contacts"):
        assert machine("GET", path).status_code == 404, path


def test_the_lists_are_for_people_inside(make: Make) -> None:
    for person, status in ((make("ann", Role.SERVICE_DESK), 200), (make("nobody"), 404)):
        assert Machine(ApiToken.issue(person, "t", ["read"], 1)[1])("GET", "terms").status_code == status
