"""The small provider, and its people signed in."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone, translation

from tests.worlds import World, world

__all__ = ["world"]

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """The language and zone of the last request do not reach the next test."""
    yield
    timezone.deactivate()
    translation.activate("en")


@pytest.fixture
def as_(world: World) -> SignIn:
    """A client signed in as the person of that name."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(world.person(name), backend="comity.accounts.sign_in.CurrentPeople")
        return client

    return sign_in
