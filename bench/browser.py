"""What a browser does: sign in through the form, and fetch what a page needs on the first visit."""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import brotli  # type: ignore[import-untyped]

LINKED = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script src|script defer src|use href)="([^"#]+)')


@dataclass
class Browser:
    """One person's browser: the address, and the cookies it was given."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """What it sends with every request."""
        return {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Encoding": "gzip",
        }

    def send(
        self, method: str, path: str, body: bytes | None = None, more: Mapping[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {**self.headers, **(more or {})})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer.status, answer.headers, content

    def page(self, path: str) -> str:
        """The text of a page. Raises on any answer but 200."""
        status, headers, content = self.send("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status}")
        return unpacked(headers, content).decode()

    def sign_in(self, email: str, password: str) -> None:
        """Through the form, as a person does."""
        path = "/accounts/login/"
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page(path))
        form = {"login": email, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        more = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.port}{path}"}
        status, _headers, _content = self.send("POST", path, urlencode(form).encode(), more)
        if status != 302:
            raise RuntimeError(f"The sign-in was answered with {status}")

    def first_visit(self, path: str) -> dict[str, tuple[int, int]]:
        """Bytes over the wire, and unpacked, of a page and of each file it links to."""
        found = {path: self._weight(path)}
        for address in dict.fromkeys(LINKED.findall(self.page(path))):
            found[address.partition("?")[0]] = self._weight(address)
        return found

    def _weight(self, path: str) -> tuple[int, int]:
        _status, headers, content = self.send("GET", path, more={"Accept-Encoding": "gzip, deflate, br"})
        return len(content), len(unpacked(headers, content))


def unpacked(headers: http.client.HTTPMessage, content: bytes) -> bytes:
    match headers.get("Content-Encoding"):
        case "gzip":
            return gzip.decompress(content)
        case "br":
            return bytes(brotli.decompress(content))
        case _:
            return content
