"""People with a token each, and a client that speaks JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from comity.accounts.models import ApiToken, Grant, Person, Unit
from comity.accounts.roles import Role


class Machine:
    """A client with a token, or without one."""

    def __init__(self, secret: str = "", **headers: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"accept-language": "en", **headers} | ({"authorization": f"Bearer {secret}"} if secret else {})

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        if method in ("POST", "PATCH") and body is None:
            sent = {"content_type": "application/json"}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(method, f"/api/v1/{path}", headers=self.headers | more, **sent)


@pytest.fixture(autouse=True)
def _clean(db: None) -> Any:
    cache.clear()
    yield
    translation.activate("en")


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.filter(parent=None).first() or Unit.objects.create(name="Provider")


@pytest.fixture
def person(unit: Unit) -> Callable[..., Person]:
    """Makes a person who holds these roles everywhere."""

    def make(*roles: Role) -> Person:
        made = Person.objects.create_user(
            f"{'-'.join(roles) or 'nobody'}@example.org", "correct horse battery", name="P"
        )
        for role in roles:
            Grant.objects.create(person=made, unit=unit, role=role)
        return made

    return make


@pytest.fixture
def machine(person: Callable[..., Person]) -> Callable[..., Machine]:
    """Makes a machine that acts for a new person with these roles."""

    def make(*roles: Role, scopes: tuple[str, ...] = ("read", "write"), days: int = 1) -> Machine:
        return Machine(ApiToken.issue(person(*roles), "test", list(scopes), days)[1])

    return make


@pytest.fixture
def everyone(machine: Callable[..., Machine]) -> Machine:
    """Somebody who holds every role inside except the administrator's."""
    outside = {Role.CUSTOMER_CONTACT, Role.SUPPLIER_CONTACT, Role.ADMINISTRATOR, Role.AUDITOR}
    return machine(*(role for role in Role if role not in outside))
