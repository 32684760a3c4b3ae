"""A small organisation: a root with two branches, and people in them."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation

from comity.accounts import audit
from comity.accounts.models import Grant, Person, Unit
from comity.accounts.roles import Role

PASSWORD = "a long pass phrase"
Make = Callable[..., Person]


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """The language and zone of the last request, and counted attempts, do not reach the next test."""
    yield
    timezone.deactivate()
    translation.activate("en")


@pytest.fixture
def root(db: None) -> Unit:
    cache.clear()
    return Unit.objects.create(name="Company")


@pytest.fixture
def branch(root: Unit) -> Unit:
    return Unit.objects.create(name="North", parent=root)


@pytest.fixture
def make(root: Unit) -> Make:
    """Make a person with roles held at the root, or elsewhere."""

    def _make(name: str, *roles: Role, unit: Unit | None = None, **fields: Any) -> Person:
        email = f"{name}@example.com"
        person = Person.objects.create_user(email, PASSWORD, name=name, **{"starts_on": date(2020, 1, 1)} | fields)
        for role in roles:
            Grant.objects.create(person=person, unit=unit or root, role=role, starts_on=date(2020, 1, 1))
        return person

    return _make


@pytest.fixture
def signed_in() -> Callable[[Person], Client]:
    def _signed_in(person: Person) -> Client:
        client = Client()
        client.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
        return client

    return _signed_in


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was told to the trail."""
    acts: list[tuple[Any, ...]] = []
    monkeypatch.setattr(audit, "recorders", [lambda *act: acts.append(act)])
    return acts
