"""The small provider, an outbox that is emptied on demand, and mails read back as their receivers see them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from comity.communications import originals
from comity.communications.models import Mail
from comity.notices.models import Notification
from comity.notices.operations import sending
from comity.records import seal
from tests.cases.conftest import Desk, desk
from tests.standing import layer, stood
from tests.worlds import World
from tests.worlds import world as built

__all__ = ["Desk", "built", "desk"]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.DEFAULT_FROM_EMAIL = "help@provider.example"
    settings.URL = "https://care.example.org"


@layer
def told_of_its_beginnings(_world: World) -> None:
    """Nobody is told any more of how the small provider was set up."""
    drained()
    Mail.objects.all().delete()
    Notification.objects.all().delete()


@pytest.fixture(name="told_of_its_beginnings")
def _told_of_its_beginnings(built: World) -> None:
    stood("told_of_its_beginnings", built)


@pytest.fixture
def world(built: World, told_of_its_beginnings: None) -> World:
    """The small provider, long after it was set up."""
    return built


def drained() -> None:
    """Let everything that stands in the outbox be heard."""
    while seal.drain():
        pass


def read(mail: Mail) -> EmailMessage:
    """The mail as it goes out, parsed."""
    return message_from_bytes(originals.read(mail.raw), policy=policy.default)  # type: ignore[return-value]


def text_of(mail: Mail) -> str:
    body = read(mail).get_body()
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture
def say(world: World) -> Callable[..., Any]:
    """Log a communication to the contact that Comity carries by mail; returns it."""

    def said(by: str = "relationship_manager", **values: Any) -> Any:
        given = {
            "direction": "outbound", "purpose": "answer", "delivery": "mail", "summary": "Our answer", "body": "Yes.",
            "customer": world.customer.ref, "contact": world.contact.ref,
        }  # fmt: skip
        return world.create("communication", by, **(given | values))

    return said


@pytest.fixture
def mailed(say: Callable[..., Any]) -> Callable[..., Mail]:
    """The same, and its mail in the ledger."""

    def one(**values: Any) -> Mail:
        said = say(**values)
        drained()
        return Mail.objects.get(communication=said)

    return one


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def send() -> int:
    return sending.send_due(1000)
