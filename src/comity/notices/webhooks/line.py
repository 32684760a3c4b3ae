"""One request to an address that somebody typed: only to where it is allowed, bounded in time and size.

The bound holds for all of it, the look-up of the name included.

A name is resolved once, what it means is judged, and the connection goes to the very address that was judged: a name
that means something else a moment later (DNS rebinding) leads nowhere. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

STEP, WHOLE = 5.0, 15.0  # seconds: for each wait on the line, and for all together
PUBLIC = ipaddress.IPv6Network("2000::/3")
HIDING = tuple(map(ipaddress.IPv6Network, ("2001::/32", "2002::/16")))  # tunnels that carry an older address
RESERVED = tuple(  # for particular purposes, some clouds' inner services among them; Python's own list has them later
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "5f00::/16"))
)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

NO_ADDRESS = gettext_noop("This is not an address of the form https://host/path.")
UNENCRYPTED = gettext_noop("Unencrypted addresses are allowed in the networks of COMITY_WEBHOOK_PRIVATE only.")
UNKNOWN = gettext_noop("The host name is not known.")
PRIVATE = gettext_noop("The host lies in a private network.")
REDIRECT = gettext_noop("Redirects are not followed.")
TOO_SLOW = gettext_noop("No answer in time.")


class Refused(Exception):
    """Nothing was sent; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What came back: a status, or the reason why there is none."""

    code: int | None = None
    reason: str = ""

    @property
    def good(self) -> bool:
        return self.code is not None and 200 <= self.code < 300

    @property
    def down(self) -> bool:
        """Is it the receiver as a whole that has trouble, not this one message?"""
        return self.code is None or self.code >= 500 or self.code == 429


def meant(text: str) -> Address:
    """The address that a socket would reach: an older one that hides in a newer one is unpacked."""
    found = ipaddress.ip_address(text)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped
        if found in NAT64:
            return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found


def allowed(address: Address, private: Iterable[Network]) -> bool:
    """May something be sent there? To the public internet, and to the networks that the installation names."""
    if within(address, private):
        return True
    known = address.version == 4 or (within(address, [PUBLIC]) and not within(address, HIDING))
    return known and address.is_global and not address.is_multicast and not within(address, RESERVED)


def within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == net.version and address in net for net in networks)


def target(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of an address. Raises Refused."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused(NO_ADDRESS) from error
    path = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or parts.fragment:
        raise Refused(NO_ADDRESS)
    if not path.isascii() or any(sign <= " " for sign in path + host):
        raise Refused(NO_ADDRESS)
    return parts.scheme, host, port, path


def resolve(scheme: str, host: str, port: int, private: Iterable[Network], seconds: float = STEP) -> list[str]:
    """What the name means now, if every one of its addresses is allowed. Raises Refused."""
    rows = _looked_up(host, port, seconds)
    found, private = list(dict.fromkeys(str(row[4][0]) for row in rows)), list(private)
    if not all(allowed(meant(text), private) for text in found):
        raise Refused(PRIVATE)
    if scheme == "http" and not all(within(meant(text), private) for text in found):
        raise Refused(UNENCRYPTED)
    return found


def _looked_up(host: str, port: int, seconds: float) -> list[Any]:
    """What the system's resolver says. It knows no time limit: who waits too long leaves it behind in its thread."""
    said: SimpleQueue[list[Any] | None] = SimpleQueue()

    def ask() -> None:
        try:
            said.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            said.put(None)

    threading.Thread(target=ask, daemon=True).start()
    try:
        rows = said.get(timeout=seconds)
    except Empty:
        raise Refused(TOO_SLOW) from None
    if rows is None:
        raise Refused(UNKNOWN)
    return rows


def post(url: str, body: bytes, headers: Mapping[str, str], private: Iterable[Network]) -> Answer:
    """Send a body and read the status. Whatever goes wrong is an answer, too; Refused where nothing may be sent."""
    scheme, host, port, path = target(url)
    end = time.monotonic() + WHOLE
    addresses = resolve(scheme, host, port, private, min(STEP, WHOLE))
    plain, late = _connected(addresses, port, end), threading.Event()
    if isinstance(plain, Answer):
        return plain

    def give_up() -> None:
        late.set()
        with suppress(OSError):
            plain.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(_left(end), give_up)
    clock.daemon = True
    clock.start()
    line: socket.socket = plain
    try:
        if scheme == "https":
            line = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        made = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        connection = made(host, port)
        connection.sock = line  # connected already: http.client looks nothing up again
        connection.request("POST", path, body, dict(headers) | {"Connection": "close"})
        code = connection.getresponse().status  # what it says besides is not read
        return Answer(code, REDIRECT if 300 <= code < 400 else "")
    except (OSError, http.client.HTTPException) as error:
        return Answer(reason=TOO_SLOW if late.is_set() or isinstance(error, TimeoutError) else _words(error))
    finally:
        clock.cancel()
        line.close()
        plain.close()


def _left(end: float) -> float:
    """Seconds that remain; never none at all, which would mean for ever."""
    return max(end - time.monotonic(), 0.01)


def _connected(addresses: Iterable[str], port: int, end: float) -> socket.socket | Answer:
    """A connection to the first of these addresses that takes one; else why none did."""
    trouble = Answer(reason=UNKNOWN)
    for address in list(addresses)[:3]:
        try:
            return socket.create_connection((address, port), timeout=min(STEP, _left(end)))
        except OSError as error:
            trouble = Answer(reason=TOO_SLOW if isinstance(error, TimeoutError) else _words(error))
    return trouble


def _words(error: Exception) -> str:
    """The trouble in the words of the system, without anything that the other side said."""
    if isinstance(error, ssl.SSLError):
        return f"TLS: {getattr(error, 'verify_message', '') or error.reason or 'failed'}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
