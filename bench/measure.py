"""The measurements of one data set: whole requests to the real server, and beside each the bare SQL for its rows."""

from __future__ import annotations

import base64
import csv
import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench import load, server, sql, world
from bench.browser import Browser
from bench.load import Request, Timing

DEEP = 5_000
IMPORTED = 20_000


@dataclass(frozen=True)
class Line:
    """One measured work: by one client, by eight, and as SQL alone."""

    one: Timing
    eight: Timing | None = None
    raw: Timing | None = None
    processor: float = 0.0  # ms of the application's processor time for one request

    @property
    def ratio(self) -> float:
        return self.one.median / self.raw.median if self.raw else 0.0


@dataclass
class Result:
    """All that was measured on one engine at one size."""

    engine: str
    cases: int
    lines: dict[str, Line] = field(default_factory=dict)
    start: float = 0.0
    memory: float = 0.0
    after_use: float = 0.0
    imported: float = 0.0
    weights: dict[str, tuple[int, int]] = field(default_factory=dict)


class Measurement:
    """The works, one after the other, on a running server."""

    def __init__(self, data: Path, url: str, made: world.World, count: int, say: Callable[[str], None]) -> None:
        self.data, self.url, self.made, self.count, self.say = data, url, made, count, say
        self.result = Result("PostgreSQL" if url else "SQLite", made.cases)
        self.direct = sql.Direct(data, url)

    def run(self) -> Result:
        """Reads first, then creates, then the import; the copy is thrown away afterwards."""
        self._starts()
        with server.running(self.data, self.url) as running:
            time.sleep(4)  # the worker loads, and both come to rest
            self.result.memory = running.memory()
            browser = Browser(running.port)
            browser.sign_in(self.made.email, self.made.password)
            self.result.weights = browser.first_visit("/cases/?status=acknowledged")
            self._reads(running, browser)
            self._creates(running)
            self.result.after_use = running.memory()
        self.direct.close()
        self._import()
        return self.result

    def _starts(self) -> None:
        times = []
        for _n in range(3):
            running = server.start(self.data, self.url)
            times.append(running.started)
            running.stop()
        self.result.start = median(times)

    def _reads(self, running: server.Server, browser: Browser) -> None:
        direct, made = self.direct, self.made
        api = {"Authorization": f"Bearer {made.token}"}
        dice = random.Random(4)
        refs = [f"CMP-{dice.randint(1, made.cases):05d}" for _n in range(997)]
        at, pk, cursor = self._cursor()

        def page(path: str) -> Callable[[int], Request]:
            return lambda n: ("GET", path, None, browser.headers)

        self._both("register", running, page("/cases/?status=acknowledged"), direct.register)
        if cursor:
            self._both("register, after 5,000 rows", running, page(f"/cases/?after={cursor}"), direct.deep(at, pk))
        record: Callable[[int], Request] = lambda n: ("GET", f"/cases/{refs[n % 997]}/", None, browser.headers)  # noqa: E731
        self._both("record", running, record, direct.record(refs))
        listed: Callable[[int], Request] = lambda n: ("GET", "/api/v1/cases?status=acknowledged", None, api)  # noqa: E731
        self._both("API list", running, listed, direct.register)
        self._both("search, 1 % word", running, page(f"/cases/?q={world.MARKER}"), direct.search(world.MARKER))
        self._both("search, rare word", running, page(f"/cases/?q={world.RARE}"), direct.search(world.RARE))
        self._both("search everywhere", running, page(f"/search/?q={world.MARKER}"), None)

    def _both(
        self, name: str, running: server.Server, request: Callable[[int], Request], raw: Callable[[int], Any] | None
    ) -> None:
        load.run(running.port, request, 20)
        one, processor = self._alone(running, request)
        eight = load.run(running.port, request, self.count * 2, clients=8)
        line = Line(one, eight, self.direct.timed(raw, max(self.count, 200)) if raw else None, processor)
        self.result.lines[name] = line
        self._tell(name, line)

    def _alone(
        self, running: server.Server, request: Callable[[int], Request], ok: tuple[int, ...] = (200,)
    ) -> tuple[Timing, float]:
        """One client, and the milliseconds of processor time that a request took the application."""
        before = running.processor()
        timing = load.run(running.port, request, self.count, ok=ok)
        return timing, (running.processor() - before) * 1000 / self.count

    def _tell(self, name: str, line: Line) -> None:
        eight = f"{line.eight.median:7.1f} {line.eight.p95:7.1f} {line.eight.rate:6.0f}/s" if line.eight else ""
        raw = f"{line.raw.median:8.3f} {line.ratio:6.0f}x" if line.raw else ""
        self.say(f"  {name:<28} {line.one.median:7.1f} {line.one.p95:7.1f} {line.processor:6.1f}   {eight}   {raw}")

    def _cursor(self) -> tuple[Any, int, str]:
        """Where the register is after 5,000 rows, as its own link would say it."""
        found = self.direct.ask(
            f"SELECT received_at, id FROM cases_case ORDER BY received_at DESC, id DESC LIMIT 1 OFFSET {DEEP}"
        )
        if not found:
            return None, 0, ""
        at, pk = found[0]
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at.astimezone(UTC)
        plain = json.dumps([moment.isoformat().replace("+00:00", "Z"), pk], separators=(",", ":"))
        return at, pk, base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    def _creates(self, running: server.Server) -> None:
        headers = {"Authorization": f"Bearer {self.made.token}", "Content-Type": "application/json"}

        def create(n: int) -> Request:
            body = json.dumps(self.made.case_with_key(f"Created {uuid.uuid4().hex}")).encode()
            return "POST", "/api/v1/cases", body, headers

        load.run(running.port, create, 20, ok=(201,))
        one, processor = self._alone(running, create, ok=(201,))
        eight = load.run(running.port, create, self.count * 4, clients=8, ok=(201,))
        line = Line(one, eight, self.direct.timed(self.direct.inserting(), self.count), processor)
        self.direct.ask("DELETE FROM cases_case WHERE id >= 1000000000 RETURNING id")
        self.result.lines["create"] = line
        self._tell("create", line)

    def _import(self) -> None:
        """A file through the command that administrators use, start of the process included."""
        file = self.data / "rows.csv"
        dice = random.Random(5)
        names = ("received_at", "title", "description", "customer", "contact", "service", "channel", "wanted_remedy")
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(names)
            for n in range(IMPORTED):
                day = f"2026-0{n % 6 + 1}-{n % 28 + 1:02d}T{n % 24:02d}:{n % 60:02d}:00Z"
                words, parties = dice.choices(world.VOCABULARY, k=66), dice.choice(self.made.customers)
                service = dice.choice(self.made.services)
                row = (day, " ".join(words[:6]), " ".join(words[6:]), *parties, service, "phone", world.REMEDY)
                writer.writerow(row)
        began = time.monotonic()
        server.comity(self.data, "import", "case", str(file), "--as", self.made.email, url=self.url)
        self.result.imported = IMPORTED / (time.monotonic() - began)
        self.say(f"  import {self.result.imported:,.0f} rows/s")
