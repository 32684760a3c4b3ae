"""Figures for Prometheus: how requests went, what waits, what is late.

Each request process counts in a small file of its own in the data folder, mapped into memory: counting costs no call
of the system, a killed process loses nothing, and whichever process is asked adds up the files of all on its machine.
What is in the database is counted there, up to a bound, and at most once in five seconds.
"""

from __future__ import annotations

import mmap
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from hmac import compare_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound
from django.utils import timezone

ROUTES = ("page", "part", "api", "portal", "accounts", "public", "static", "probe")
CODES = ("1xx", "2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
WIDTH = len(BOUNDS) + 2  # a bucket for each bound, one for the rest, and the sum of seconds
SIZE = 8 * WIDTH * len(ROUTES) * len(CODES)
MOST = 10_000  # counted no further
BEGINNINGS = {"/api/": "api", "/portal/": "portal", "/accounts/": "accounts", "/complain/": "public"}
BEGINNINGS |= {"/answer/": "public", "/static/": "static", "/healthz": "probe", "/readyz": "probe", "/metrics": "probe"}


class Counters:
    """The numbers of this process, in its file; made anew after a fork."""

    def __init__(self) -> None:
        self.pid, self.lock = 0, threading.Lock()
        self.slots: memoryview[float] = memoryview(bytearray(SIZE)).cast("d")

    def add(self, route: str, status: int, seconds: float) -> None:
        start = WIDTH * (ROUTES.index(route) * len(CODES) + min(max(status // 100, 1), 5) - 1)
        bucket = next((n for n, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        with self.lock:
            if self.pid != os.getpid():
                self._open()
            self.slots[start + bucket] += 1
            self.slots[start + WIDTH - 1] += seconds

    def _open(self) -> None:
        self.pid = os.getpid()
        path = folder() / f"{socket.gethostname()}-{self.pid}"
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o640), "r+b") as file:
            file.truncate(SIZE)
            self.slots = memoryview(mmap.mmap(file.fileno(), SIZE)).cast("d")


counters = Counters()


def folder() -> Path:
    found: Path = settings.DATA / "metrics"
    found.mkdir(mode=0o750, exist_ok=True)
    return found


def _files() -> list[Path]:
    """Those of this machine: a data folder can be shared."""
    return sorted(folder().glob(f"{socket.gethostname()}-*"))


def sweep() -> None:
    """Forget the processes that are gone: called when the server starts, so that counters begin anew only then."""
    for path in _files():
        if not _alive(int(path.name.rpartition("-")[2])):
            path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


class Measured:
    """Count each request by the sort of its address, its status and how long it took, where figures are wanted."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.COMITY_METRICS_TOKEN:
            return self.respond(request)
        began = time.perf_counter()
        response = self.respond(request)
        counters.add(_route(request), response.status_code, time.perf_counter() - began)
        return response


def _route(request: HttpRequest) -> str:
    for beginning, route in BEGINNINGS.items():
        if request.path.startswith(beginning):
            return route
    return "part" if "HX-Request" in request.headers else "page"


def answer(request: HttpRequest) -> HttpResponse:
    """The figures, for whoever has the token; absent where none is set."""
    token = settings.COMITY_METRICS_TOKEN
    if not token:
        return HttpResponseNotFound()
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {token}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    stored: list[str] = cache.get_or_set("metrics", lambda: list(_stored()), 5) or []
    lines = [*_requests(), *_memory(), *stored]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _head(name: str, sort: str, words: str) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {sort}"


def _requests() -> Iterator[str]:
    """The files added up; buckets hold all that is below their bound, as the format has it."""
    total = [0.0] * (SIZE // 8)
    for path in _files():
        content = path.read_bytes()
        if len(content) == SIZE:
            total = [one + other for one, other in zip(total, memoryview(content).cast("d"), strict=True)]
    name = "comity_http_request_seconds"
    yield from _head(name, "histogram", "How long requests took, by sort of address and status.")
    for n, (route, code) in enumerate((route, code) for route in ROUTES for code in CODES):
        row = total[n * WIDTH : (n + 1) * WIDTH]
        if not any(row):
            continue
        labels, count = f'route="{route}",status="{code}"', 0.0
        for bound, value in zip((*BOUNDS, "+Inf"), row, strict=False):
            count += value
            yield f'{name}_bucket{{{labels},le="{bound}"}} {count:.0f}'
        yield f"{name}_sum{{{labels}}} {row[-1]:.6f}"
        yield f"{name}_count{{{labels}}} {count:.0f}"


def _memory() -> Iterator[str]:
    """Resident memory of the request processes of this machine (Linux only)."""
    found = []
    for path in _files():
        try:
            pages = Path(f"/proc/{int(path.name.rpartition('-')[2])}/statm").read_text().split()[1]
        except OSError:
            continue
        found.append(int(pages) * os.sysconf("SC_PAGE_SIZE"))
    yield from _head("comity_web_processes", "gauge", "Request processes of this machine.")
    yield f"comity_web_processes {len(found)}"
    yield from _head("comity_web_memory_bytes", "gauge", "Resident memory of them all.")
    yield f"comity_web_memory_bytes {sum(found)}"


def _stored() -> Iterator[str]:
    """What the database knows: the same on every machine."""
    from comity.cases.models import Case
    from comity.cases.models.choices import Status
    from comity.communications.models import Mail
    from comity.jobs.models import Job
    from comity.notices.models import Delivery
    from comity.records.kind import kinds
    from comity.records.models import Entry, Outbox

    now = timezone.now()

    def several(name: str, words: str, label: str, rows: dict[str, Any]) -> Iterator[str]:
        yield from _head(name, "gauge", f"{words} Counted up to {MOST}.")
        for value, found in rows.items():
            yield f'{name}{{{label}="{value}"}} {found.order_by()[:MOST].count()}'

    states = {state: Job.objects.filter(state=state) for state in ("ready", "running", "failed")}
    yield from several("comity_jobs", "Jobs by state.", "state", states)
    out = Mail.objects.filter(direction=Mail.Direction.OUT)
    mails = {state: out.filter(state=state) for state in ("waiting", "failed")}
    yield from several("comity_mails", "Mails to be sent, and those given up.", "state", mails)
    messages = {state: Delivery.objects.filter(state=state) for state in ("waiting", "failed")}
    yield from several("comity_webhook_messages", "Messages to webhooks.", "state", messages)
    yield from several("comity_outbox", "Entries not sealed and told yet.", "state", {"waiting": Outbox.objects.all()})
    open_cases = Case.objects.exclude(status=Status.CLOSED)
    yield from several("comity_cases", "Cases that are worked on.", "state", {"open": open_cases})
    late = {kind.name: _late(kind, now) for kind in kinds() if kind.due}
    yield from several("comity_late", "Records whose next deadline has passed.", "kind", late)

    entry = Outbox.objects.order_by("id").values_list("entry_id", flat=True).first()
    oldest = {
        "outbox": Entry.objects.filter(pk=entry).values_list("at", flat=True).first() if entry else None,
        "job": states["ready"].filter(run_at__lte=now).order_by("run_at").values_list("run_at", flat=True).first(),
        "mail": mails["waiting"].order_by("next_at").values_list("at", flat=True).first(),
        "webhook": messages["waiting"].order_by("next_at").values_list("at", flat=True).first(),
    }
    yield from _head("comity_oldest_seconds", "gauge", "For how long the oldest of what waits has waited.")
    for what, at in oldest.items():
        yield f'comity_oldest_seconds{{what="{what}"}} {max((now - at).total_seconds(), 0) if at else 0:.0f}'


def _late(kind: Any, now: Any) -> Any:
    """A day is over at its end."""
    day = kind.field(kind.due).get_internal_type() == "DateField"
    limit = timezone.localdate() if day else now
    return kind.model._default_manager.filter(**{f"{kind.due}__lt": limit}, archived_at__isnull=True)
