"""Measure the analysis of complaints: `python -m bench.analysis`; its page, and how long a count from nothing takes.

The same data sets as `python -m bench`, with topics and causes spread over the cases. "SQL alone" is the plain question
behind the volume chart, asked of the cases themselves: the page answers that and all its other numbers from kept sums.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench import cache, load, server, sql
from bench.__main__ import ENGINES, say
from bench.browser import Browser
from bench.load import Request
from bench.world import World

DIRECTOR = "olga@harbour.example"  # of the sample organisation: may read all figures
REQUESTS = 200
SCAN = (
    "SELECT {month} AS month, status, resolved_at > resolve_due_at, count(*) FROM cases_case WHERE classification ="
    " 'complaint' AND origin = 'customer' AND archived_at IS NULL AND close_ground <> 'reclassified' GROUP BY 1, 2, 3"
)
MONTH = {"sqlite": "substr(received_at, 1, 7)", "postgresql": "to_char(received_at, 'YYYY-MM')"}


def spread(data: Path, url: str) -> None:
    """Topics and causes for all cases, by their numbers."""
    with closing(sql.connect(data, url)) as connection:
        for column, name in (("topic_id", "case_topic"), ("cause_category_id", "cause_category")):
            found = connection.execute(f"SELECT id FROM records_term WHERE list = '{name}' ORDER BY id").fetchall()
            words = " ".join(f"WHEN {n} THEN {pk}" for n, (pk,) in enumerate(found))
            connection.execute(f"UPDATE cases_case SET {column} = CASE id % {len(found)} {words} END")
    sql.settle(data, url)


def measure(data: Path, url: str, made: World, engine: str) -> list[str]:
    """The lines of the table for one size."""
    spread(data, url)
    began = time.monotonic()
    server.comity(data, "recount", url=url)
    counted = time.monotonic() - began
    server.comity(data, "recount", "--check", url=url)
    size, rate = f"{engine}, {made.cases:,} cases", made.cases / counted
    lines = [f"| {size} | count from nothing | {counted:,.0f} s | | {rate:,.0f} cases a second |"]
    with closing(sql.connect(data, url)) as connection:
        times = []
        for _n in range(5):
            at = time.perf_counter()
            connection.execute(SCAN.format(month=MONTH[engine])).fetchall()
            times.append((time.perf_counter() - at) * 1000)
        raw = sorted(times)[2]
        (tallies,) = connection.execute("SELECT count(*) FROM cases_tally").fetchone()
    with server.running(data, url) as running:
        time.sleep(4)
        browser = Browser(running.port)
        browser.sign_in(DIRECTOR, _password())
        customer, service = random.Random(6).choice(made.customers)[0], made.services[0]
        pages = {
            "twelve months": "/analysis/", "one service": f"/analysis/?service={service}",
            "one customer": f"/analysis/?customer={customer}",
            "one customer and service": f"/analysis/?customer={customer}&service={service}",
        }  # fmt: skip
        for name, path in pages.items():
            request = _get(path, browser)
            load.run(running.port, request, 20)
            before = running.processor()
            one = load.run(running.port, request, REQUESTS)
            processor = (running.processor() - before) * 1000 / REQUESTS
            eight = load.run(running.port, request, REQUESTS * 2, clients=8)
            lines.append(
                f"| {size} | {name} | {one.median:.1f} / {one.p95:.1f} | {processor:.1f} |"
                f" {eight.rate:.0f} a second by 8; SQL alone {raw:.1f} ms |"
            )
    return [*lines, f"| {size} | sums kept | {tallies:,} | | |"]


def _get(path: str, browser: Browser) -> Callable[[int], Request]:
    def request(n: int) -> Request:
        return "GET", path, None, browser.headers

    return request


def _password() -> str:
    from comity.home.demonstration import PASSWORD

    return PASSWORD


def main() -> None:
    import os
    import sys

    import django

    sys.path.insert(0, str(server.ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
    django.setup()
    options = argparse.ArgumentParser(prog="python -m bench.analysis", description=__doc__)
    options.add_argument("--engine", choices=ENGINES, default="sqlite")
    options.add_argument("--sizes", default="100000,1000000")
    asked = options.parse_args()
    for engine in ENGINES[asked.engine]:
        with cache.cluster(engine) as cluster:
            for cases in (int(size) for size in asked.sizes.split(",")):
                with cache.copy_of(cases, cluster, say) as (data, url, made):
                    for line in measure(data, url, made, engine):
                        say(line)


if __name__ == "__main__":
    main()
