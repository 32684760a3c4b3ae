"""Measure Comity on its own data: `python -m bench --help`.

The first run builds the data sets and keeps them (COMITY_BENCH_DATA); every run works on copies.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench import cache, report
from bench.measure import Measurement, Result

ENGINES = {"sqlite": ("sqlite",), "postgresql": ("postgresql",), "both": ("sqlite", "postgresql")}


def say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--engine", choices=ENGINES, default="both")
    options.add_argument("--sizes", default="10000,100000", help="numbers of cases, with commas between")
    options.add_argument("--requests", type=int, default=200, help="requests of each work by one client")
    options.add_argument(
        "--out", type=Path, help="the page whose tables are to be replaced, such as docs/performance.md"
    )
    options.add_argument("--build-only", action="store_true", help="make the data sets and measure nothing")
    asked = options.parse_args()
    results: list[Result] = []
    for engine in ENGINES[asked.engine]:
        with cache.cluster(engine) as cluster:
            for cases in (int(size) for size in asked.sizes.split(",")):
                with cache.copy_of(cases, cluster, say) as (data, url, made):
                    if asked.build_only:
                        continue
                    say(f"{engine}, {cases:,} cases: 1 client median, p95; 8 clients median, p95, rate; SQL, ratio")
                    results.append(Measurement(data, url, made, asked.requests, say).run())
    if results:
        text = report.tables(results)
        say(text)
        if asked.out:
            report.put(asked.out, text)


if __name__ == "__main__":
    main()
