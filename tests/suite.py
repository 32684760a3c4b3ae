"""`./comity test`: everything that must hold before a change is good, with one summary at the end.

Without words: style, types and floors; then all tests on SQLite and on PostgreSQL (from the development wheel, or the
server of COMITY_TEST_DATABASE_URL), quick ones first; after them side by side, since they wait, the slow ones (marked
so: whole files imported, processes killed, the API fuzzed) and the journeys in Chromium if there is one. Slow ones and
journeys run on both engines where the engine makes the difference.
With words: pytest with them.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.engines import images

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ON_BOTH = ("newcomer",)
KILLED = ("bench", "intake", "jobs", "nodes", "notices", "privacy")  # slow tests whose outcome hangs on the engine
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Step:
    """One command, and how it ended."""

    name: str
    command: list[str]
    environment: dict[str, str]
    verdict: str = ""
    seconds: float = 0.0
    closing: str = ""

    @property
    def failed(self) -> bool:
        return self.verdict == "FAILED"

    def run(self, aside: bool = False) -> None:
        """Show its output, as it comes or in the end, and keep its last line."""
        print(f"\n=== {self.name}{' begins' if aside else ''}", flush=True)
        began, lines = time.monotonic(), []
        with subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout
            for line in process.stdout:
                lines.append(line) if aside else print(line, end="", flush=True)
                if line.strip():
                    self.closing = line.strip().strip("= ")
        self.seconds = time.monotonic() - began
        self.verdict = "FAILED" if process.returncode else "ok"
        if aside:
            print(f"\n=== {self.name}\n{''.join(lines)}", flush=True)


def pytest(engine: str, *words: str) -> tuple[list[str], dict[str, str]]:
    """The pytest command for one engine."""
    environment = {"COMITY_TEST_ENGINE": engine, "PYTHONPATH": "src", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words], environment


def steps() -> tuple[list[Step], list[Step], list[Step]]:
    """All steps, cheapest first; then those with slow tests, and those with a browser."""
    plain = {"PYTHONPATH": "src"}
    two = ("-n", os.environ.get("COMITY_TEST_PROCESSES", "2"))
    # Never stolen: tests with real transactions come last, and leave a process without the rows of the migrations.
    quick = ("-m", "not browser and not slow", *two, "--dist", "load")
    two = (*two, "--dist", "loadgroup", "--durations=10")
    three = (*two, "-n", "3")  # what drives a browser also waits for it
    rare = ("-m", "slow and not browser", *two)
    quickly = [
        Step("style (ruff)", [str(BIN / "ruff"), "check", "."], plain),
        Step("format (ruff)", [str(BIN / "ruff"), "format", "--check", "."], plain),
        Step("types (mypy)", [str(BIN / "mypy")], {**plain, "COMITY_DATA": os.environ.get("TMPDIR", "/tmp")}),
        Step("floors (import-linter)", [str(BIN / "lint-imports")], plain),
        Step("tests on SQLite", *pytest("sqlite", *quick)),
        Step("tests on PostgreSQL", *pytest("postgresql", *quick)),
    ]
    slowly = [
        Step("slow tests on SQLite", *pytest("sqlite", *rare)),
        Step("slow tests on PostgreSQL", *pytest("postgresql", *rare, *(f"tests/{room}" for room in KILLED))),
    ]
    journeys = [
        Step("journeys on SQLite", *pytest("sqlite", "-m", "browser", *three)),
        Step("journeys on PostgreSQL", *pytest("postgresql", *(f"tests/journeys/test_{name}.py" for name in ON_BOTH))),
    ]
    if not (os.environ.get("COMITY_BROWSER_REQUIRED") or any(map(shutil.which, CHROMIUM))):
        for step in journeys:
            step.verdict, step.closing = "skipped", "no chromium found: install Debian's package `chromium`"
    return quickly, slowly, journeys


def in_turn(some: Iterable[Step], aside: bool = False) -> None:
    for step in some:
        if not step.verdict:
            step.run(aside)


def main(words: list[str]) -> int:
    """0 when every step is good."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is compiled once serves all steps, and what they start
    if words:
        command, environment = pytest(os.environ.get("COMITY_TEST_ENGINE", "sqlite"), *words)
        return subprocess.call(command, cwd=ROOT, env={**os.environ, **environment})
    images()  # here, so that all steps find them
    first, *lanes = steps()
    in_turn(first)
    with ThreadPoolExecutor() as beside:
        list(beside.map(in_turn, lanes, (True, True)))
    every = sum(lanes, first)
    print("\n=== summary")
    for step in every:
        print(f"{step.verdict:<8}{step.name:<26}{step.seconds:6.1f} s  {step.closing}")
    return 1 if any(step.failed for step in every) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
