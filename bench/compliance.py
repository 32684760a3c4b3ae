"""Measure the verdicts: `python -m bench.compliance`; one look at every requirement of every standard.

The same data sets as `python -m bench`. Each look is a process of its own: seconds and processor time of the
computation without the start, the number of queries, and the most memory the process ever had. Goal: 5 s and 400 MB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench import cache, server
from bench.__main__ import ENGINES, say

SECONDS, MEMORY = 5.0, 400.0


def look(slowest: int) -> dict[str, Any]:
    """One computation in this process, on the installation that the environment names."""
    import django

    django.setup()
    from django.db import connection

    from comity.compliance.catalogue import requirements
    from comity.compliance.inquiry import Inquiry
    from comity.compliance.operations.computing import answers

    queries = 0

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    began, used = time.monotonic(), time.process_time()
    with connection.execute_wrapper(counted):
        found = answers(Inquiry())
    told = {"seconds": time.monotonic() - began, "processor": time.process_time() - used, "queries": queries}
    told["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    verdicts = Counter(str(one.verdict) for one in found)
    again, times = Inquiry(), []
    for one in requirements().values() if slowest else ():
        began = time.monotonic()
        answers(again, [one])
        times.append((time.monotonic() - began, one.id))
    return {**told, "verdicts": verdicts, "slowest": sorted(times, reverse=True)[:slowest]}


def measure(data: Path, url: str, slowest: int) -> dict[str, Any]:
    """The look of another process at that data."""
    environment = server.environment(data, url)
    words = [sys.executable, "-m", "bench.compliance", "--inside", "--slowest", str(slowest)]
    done = subprocess.run(words, env=environment, cwd=server.ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def row(name: str, cases: int, found: dict[str, Any]) -> str:
    """One line of a table of docs/performance.md."""
    good = found["seconds"] <= SECONDS and found["memory"] <= MEMORY
    return (
        f"| {name}, {cases:,} cases | {found['seconds']:.1f} | {found['processor']:.1f} | {found['queries']:,}"
        f" | {found['memory']:.0f} | {'met' if good else 'missed'} |"
    )


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.compliance", description=__doc__)
    options.add_argument("--engine", choices=ENGINES, default="both")
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--slowest", type=int, default=0, help="name so many requirements that take the longest")
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.inside:
        print(json.dumps(look(asked.slowest)))
        return
    say("| Data | Seconds | Processor, s | Queries | Memory, MB | Goal |\n| --- | --- | --- | --- | --- | --- |")
    for engine in ENGINES[asked.engine]:
        with cache.cluster(engine) as cluster, cache.copy_of(asked.cases, cluster, say) as (data, url, _made):
            every = [measure(data, url, asked.slowest) for _run in range(asked.runs)]
            best = min(every, key=lambda one: one["seconds"])
            say(row(engine, asked.cases, best))
            say(f"{best['verdicts']}; slowest: {', '.join(f'{name} {took:.2f} s' for took, name in best['slowest'])}")


if __name__ == "__main__":
    main()
