"""A receiver on this machine that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from comity.notices.webhooks.models import Delivery, Webhook
from tests.notices.conftest import Desk, built, desk, drained, own_folder, world
from tests.worlds import World

__all__ = ["Desk", "built", "desk", "own_folder", "world"]

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@dataclass
class Receiver:
    """What it got, newest last, and what it answers."""

    url: str = ""
    code: int = 200
    location: str = ""
    drip: float = 0  # seconds between the letters of an endless answer
    got: list[tuple[dict[str, str], bytes, str]] = field(default_factory=list)

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body, _path in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append((dict(self.headers), body, self.path))
            if told.drip:
                try:
                    while True:
                        self.wfile.write(b"x")
                        self.wfile.flush()
                        time.sleep(told.drip)
                except OSError:
                    return
            self.send_response(told.code)
            if told.location:
                self.send_header("Location", told.location)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}/hook?of=us"
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def subscribed(world: World, receiver: Receiver, settings: Any) -> Callable[..., Webhook]:
    """A subscription to the receiver, agreed."""
    settings.COMITY_WEBHOOK_PRIVATE = LOOPBACK

    def make(by: str = "process_manager", **values: Any) -> Webhook:
        given = {
            "name": "Mirror",
            "url": receiver.url,
            "agreed_at": timezone.now(),
            "made_by": world.person("administrator"),
        }
        return Webhook.objects.create(person=world.person(by), **(given | values))

    return make


def waiting() -> list[Delivery]:
    """The messages to what has happened since the last call."""
    drained()
    return list(Delivery.objects.filter(next_at__isnull=False).order_by("at", "entry_id"))
