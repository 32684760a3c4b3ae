"""Somebody unknown at the open form: time stands still, and they take their time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from comity.cases.models import Case
from tests.cases.conftest import Desk, desk, world

__all__ = ["desk", "world"]

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
SAID: dict[str, Any] = {
    "description": "The pump stood still.\nNobody answered the phone.", "conduct": "Night shift",
    "when": "last Tuesday", "wanted_remedy": "An apology.", "who": "myself", "name": "Uma Unknown",
    "address": "uma@unknown.example", "tell": "main", "channel": "email",
}  # fmt: skip


@pytest.fixture(autouse=True)
def untouched(db: None) -> Any:
    """Counted tries and the language of the last request do not reach the next test."""
    cache.clear()
    yield
    translation.activate("en")


def picture(name: str = "photo.png", body: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)


class Sender:
    """Opens the form and sends it."""

    def __init__(self, desk: Desk, client: Client) -> None:
        self.desk, self.client = desk, client
        self.answer: Any = None

    def open(self) -> str:
        """The stamp of a fresh form."""
        page = self.client.get("/complain/").content.decode()
        return re.search('name="stamp" value="([^"]+)"', page)[1]  # type: ignore[index]

    def send(self, stamp: str = "", wait: float = 10, **changed: Any) -> Case | None:
        """The case that comes of it, if one does."""
        stamp = stamp or self.open()
        self.desk.later(hours=wait / 3600)
        before = Case.objects.count()
        self.answer = self.client.post("/complain/", {**SAID, "stamp": stamp, **changed})
        made = Case.objects.order_by("-pk").first()
        return made if Case.objects.count() > before else None

    @property
    def text(self) -> str:
        return str(self.answer.content.decode())

    @property
    def link(self) -> str:
        """The path of the secret address on the answer."""
        return re.search(r"/complain/track/[\w-]+/", self.text)[0]  # type: ignore[index]

    def sent(self, **changed: Any) -> tuple[Case, str]:
        case = self.send(**changed)
        assert case is not None, self.text
        return case, self.link


@pytest.fixture
def sender(desk: Desk, client: Client) -> Sender:
    return Sender(desk, client)
