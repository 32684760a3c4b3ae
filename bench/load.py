"""A small HTTP client for timing: keep-alive, one thread a client, whole requests from send to last byte."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

Request = tuple[str, str, bytes | None, dict[str, str]]  # method, path, body, headers


@dataclass
class Timing:
    """Times of whole requests in milliseconds, in a run of `seconds`."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    size: int = 0

    @property
    def median(self) -> float:
        return median(self.times)

    @property
    def p95(self) -> float:
        return sorted(self.times)[int(len(self.times) * 0.95) - 1] if len(self.times) > 1 else self.times[0]

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds


def run(
    port: int, request: Callable[[int], Request], count: int, clients: int = 1, ok: tuple[int, ...] = (200,)
) -> Timing:
    """Send `count` requests from `clients` connections; `request` makes the n-th. Raises on another status."""
    timing, lock = Timing(), threading.Lock()
    numbers = iter(range(count))
    failed: list[str] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while not failed:
            with lock:
                n = next(numbers, None)
            if n is None:
                break
            method, path, body, headers = request(n)
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            took = (time.perf_counter() - began) * 1000
            if answer.status not in ok:
                failed.append(f"{method} {path}: {answer.status} {content[:300]!r}")
            with lock:
                timing.times.append(took)
                timing.size = len(content)
        connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    timing.seconds = time.perf_counter() - began
    if failed:
        raise RuntimeError(failed[0])
    return timing
