"""Where a webhook may go, and that it goes nowhere else whatever a name means a moment later."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from comity.notices.webhooks import line
from tests.certificates import certificate
from tests.notices.webhooks.conftest import LOOPBACK, Receiver


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%lo", "fc00::1", "fd12::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "fec0::1", "2001:db8::1",
        "192.0.0.192", "::ffff:192.0.0.192", "192.88.99.1", "3fff::1", "5f00::1",
    ],
)  # fmt: skip
def test_private_addresses_in_every_dress_are_refused(text: str) -> None:
    assert not line.allowed(line.meant(text), [])


@pytest.mark.parametrize("text", ["8.8.8.8", "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_allowed(text: str) -> None:
    assert line.allowed(line.meant(text), [])


def test_named_networks_are_allowed_and_no_others() -> None:
    mine = [ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd12::/16")]
    assert line.allowed(line.meant("10.1.2.3"), mine) and line.allowed(line.meant("::ffff:10.1.2.3"), mine)
    assert line.allowed(line.meant("fd12::5"), mine)
    assert not line.allowed(line.meant("10.2.0.1"), mine) and not line.allowed(line.meant("127.0.0.1"), mine)


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://a.example/", "https://", "https://user:pw@a.example/", "https://a.example:99999/", "//a.example/",
        "https://a.example/#x", "https://a.example/a b", "https://[::1", "file:///etc/passwd", "https://a.example/ü",
        "https://a.example/\r\nX: y",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(line.Refused, match="https://host/path"):
        line.target(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]", "0"])
def test_every_spelling_of_this_machine_is_refused_and_nothing_connects(host: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_a, **_k: pytest.fail("connected"))
    with pytest.raises(line.Refused):
        line.post(f"https://{host}/", b"{}", {}, [])


def test_one_private_address_among_public_ones_spoils_the_name(monkeypatch: Any) -> None:
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", (a, 443)) for a in ("8.8.8.8", "10.0.0.1")]
    )
    with pytest.raises(line.Refused, match="private"):
        line.resolve("https", "a.example", 443, [])


def test_a_name_is_resolved_once_and_the_connection_goes_to_the_address_that_was_judged(
    receiver: Receiver, monkeypatch: Any
) -> None:
    """A name that means something else at its second look-up (DNS rebinding) finds nobody who looks."""
    asked, real, reached = [], socket.getaddrinfo, []
    connect = socket.create_connection

    def resolve(host: str, port: int, *more: Any, **named: Any) -> Any:
        asked.append(host)
        good = asked.count("hook.example") == 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if good else "10.9.9.9", port))]

    def connected(address: tuple[str, int], *more: Any, **named: Any) -> Any:
        reached.append(address[0])
        monkeypatch.setattr(socket, "getaddrinfo", real)
        return connect(address, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connected)
    port = receiver.url.split(":")[2].split("/")[0]
    assert line.post(f"http://hook.example:{port}/x", b"{}", {}, LOOPBACK).code == 200
    assert asked == ["hook.example"] and reached == ["127.0.0.1"]
    ((headers, body, path),) = receiver.got
    assert (headers["Host"], body, path) == (f"hook.example:{port}", b"{}", "/x")


def test_unencrypted_goes_to_named_networks_only(monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", ("8.8.8.8", 80))])
    with pytest.raises(line.Refused, match="Unencrypted"):
        line.resolve("http", "a.example", 80, LOOPBACK)
    assert line.resolve("https", "a.example", 443, LOOPBACK) == ["8.8.8.8"]


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.code, receiver.location = 302, receiver.url + "&again"
    answer = line.post(receiver.url, b"{}", {}, LOOPBACK)
    assert (answer.code, answer.good, len(receiver.got)) == (302, False, 1)
    assert "Redirects" in answer.reason


def test_an_endless_answer_is_cut_off(receiver: Receiver, monkeypatch: Any) -> None:
    monkeypatch.setattr(line, "WHOLE", 0.6)
    receiver.drip, began = 0.05, time.monotonic()
    answer = line.post(receiver.url, b"{}", {}, LOOPBACK)
    assert answer == line.Answer(reason=line.TOO_SLOW) and answer.down
    assert time.monotonic() - began < 2


def test_the_look_up_of_the_name_counts(receiver: Receiver, monkeypatch: Any) -> None:
    real = socket.getaddrinfo

    def slow(*what: Any, **named: Any) -> Any:
        time.sleep(0.6)
        return real(*what, **named)

    monkeypatch.setattr(line, "WHOLE", 1.0)
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    receiver.drip, began = 0.05, time.monotonic()
    assert line.post(receiver.url, b"{}", {}, LOOPBACK).reason == line.TOO_SLOW
    assert time.monotonic() - began < 1.5


def test_a_name_that_is_never_answered_is_left(monkeypatch: Any) -> None:
    asleep = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: asleep.wait(20))
    with pytest.raises(line.Refused, match="No answer in time"):
        line.resolve("https", "slow.example", 443, [], seconds=0.1)
    asleep.set()


def test_who_takes_the_connection_and_says_nothing_is_left(monkeypatch: Any) -> None:
    monkeypatch.setattr(line, "STEP", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answer = line.post(f"http://127.0.0.1:{silent.getsockname()[1]}/", b"{}", {}, LOOPBACK)
    assert answer.reason == line.TOO_SLOW


def test_nobody_there_is_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert line.post(f"http://127.0.0.1:{port}/", b"{}", {}, LOOPBACK).reason == "Connection refused"


@pytest.mark.parametrize(
    "babble", [b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500]
)
def test_what_is_no_http_is_an_answer(babble: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            other, _address = server.accept()
            other.recv(65536)
            other.sendall(babble)
            other.close()

        threading.Thread(target=speak, daemon=True).start()
        answer = line.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, LOOPBACK)
    assert answer.code is None and answer.reason


@pytest.mark.parametrize(("name", "code"), [("localhost", 204), ("elsewhere.example", None)])
def test_encrypted_lines_check_who_answers(tmp_path: Path, monkeypatch: Any, name: str, code: int | None) -> None:
    pem = certificate(tmp_path, name)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            other, _address = server.accept()
            try:
                with context.wrap_socket(other, server_side=True) as safe:
                    heard = b""
                    while not heard.endswith(b"{}"):  # what is left unread would break the line
                        heard += safe.recv(65536)
                    safe.sendall(b"HTTP/1.1 204 Fine\r\n\r\n")
            except OSError:
                pass

        threading.Thread(target=speak, daemon=True).start()
        answer = line.post(
            f"https://localhost:{server.getsockname()[1]}/", b"{}", {}, [*LOOPBACK, ipaddress.ip_network("::1")]
        )
    assert answer.code == code
    assert code or answer.reason.startswith("TLS: ")
