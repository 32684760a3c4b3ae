"""API tokens: shown once, limited in time and scope, worth nothing once their person is gone."""

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from comity.accounts.models import ApiToken, Person

from .conftest import Make

SignIn = Callable[[Person], Client]


def test_a_token_answers_for_its_person_and_keeps_no_secret(make: Make) -> None:
    person = make("ann")
    token, secret = ApiToken.issue(person, "script", ["read"], 30)
    found = ApiToken.authenticate(secret)
    assert found == token and found.person == person
    assert secret.startswith(token.prefix)
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert secret not in str(row)
    assert row["last_used_at"] is not None
    assert ApiToken.authenticate(secret + "x") is None
    assert ApiToken.authenticate("") is None


def test_an_expired_token_is_worth_nothing(make: Make) -> None:
    _token, secret = ApiToken.issue(make("ann"), "script", ["read"], 30)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert ApiToken.authenticate(secret)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert ApiToken.authenticate(secret) is None


def test_a_revoked_token_is_worth_nothing(make: Make) -> None:
    token, secret = ApiToken.issue(make("ann"), "script", ["read"], 30)
    token.revoke()
    assert ApiToken.authenticate(secret) is None


def test_a_revoked_token_stays_so_when_the_clock_goes_back(make: Make) -> None:
    token, secret = ApiToken.issue(make("ann"), "script", ["read"], 30)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        token.revoke()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert ApiToken.authenticate(secret) is None


@pytest.mark.parametrize("fields", [{"is_active": False}, {"ends_on": date(2021, 1, 1)}])
def test_a_token_ends_with_its_person(make: Make, fields: dict[str, object]) -> None:
    person = make("ann")
    _token, secret = ApiToken.issue(person, "script", ["read"], 30)
    Person.objects.filter(pk=person.pk).update(**fields)
    assert ApiToken.authenticate(secret) is None


@pytest.mark.parametrize(
    ("scopes", "verb", "kind", "allowed"),
    [
        (["read"], "read", "customer", True),
        (["read"], "write", "customer", False),
        (["write"], "read", "customer", False),
        (["read", "write"], "write", "customer", True),
        (["customer:read"], "read", "customer", True),
        (["customer:read"], "read", "case", False),
        (["customer:read"], "write", "customer", False),
        ([], "read", "customer", False),
    ],
)
def test_a_scope_allows(scopes: list[str], verb: str, kind: str, allowed: bool) -> None:
    assert ApiToken(scopes=scopes).allows(verb, kind) is allowed


def test_last_use_is_written_once_a_minute(make: Make, django_assert_num_queries: Callable[..., object]) -> None:
    _token, secret = ApiToken.issue(make("ann"), "script", ["read"], 30)
    ApiToken.authenticate(secret)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]  # the token and its person
        ApiToken.authenticate(secret)


def test_the_page_shows_the_secret_once(make: Make, signed_in: SignIn, told: list[object]) -> None:
    person = make("ann")
    client = signed_in(person)
    page = client.post("/accounts/tokens/", {"name": "script", "scopes": "read customer:write", "days": "30"})
    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert page.headers["Cache-Control"].find("no-store") >= 0
    token = ApiToken.authenticate(secret)
    assert token and token.person == person and token.scopes == ["read", "customer:write"]
    assert secret not in client.get("/accounts/me/").content.decode()
    assert secret not in str(told)
    client.post(f"/accounts/tokens/{token.pk}/revoke/")
    assert ApiToken.authenticate(secret) is None
    assert [act[2] for act in told] == ["token_issued", "token_revoked"]  # type: ignore[index]


@pytest.mark.parametrize("scopes", ["", "all", "read,write", "customer:delete", "read; write"])
def test_a_scope_that_does_not_exist_is_refused(make: Make, signed_in: SignIn, scopes: str) -> None:
    signed_in(make("ann")).post("/accounts/tokens/", {"name": "script", "scopes": scopes, "days": "30"})
    assert not ApiToken.objects.exists()


def test_nobody_revokes_the_token_of_another(make: Make, signed_in: SignIn) -> None:
    token, secret = ApiToken.issue(make("ann"), "script", ["read"], 30)
    assert signed_in(make("ben")).post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 404
    assert ApiToken.authenticate(secret)


def test_the_command_prints_a_token(make: Make) -> None:
    person, out = make("ann"), StringIO()
    call_command("token", "ANN@example.com", stdout=out)
    token = ApiToken.authenticate(out.getvalue().strip())
    assert token and token.person == person and token.scopes == ["read", "write"]
    with pytest.raises(CommandError):
        call_command("token", "nobody@example.com")
