"""`comity run` and `comity demo`: web server and worker of a single machine, started, watched and stopped together.

A child that dies is started again, ever more slowly when it dies at once. SIGTERM and SIGINT stop everything in order.
Standard library only.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from comity.config.processes import free_port

GRACE = 20.0  # seconds a child may take to finish what it has begun
STEADY = 60.0  # a child that lived this long is not in a crash loop
SLOWEST = 30.0  # seconds between two starts of a child that keeps dying


@dataclass
class Child:
    """One supervised process."""

    name: str
    words: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    again_at: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Start it in a group of its own, so that Ctrl-C reaches the supervisor only."""
        environment = {**os.environ, **self.environment, "COMITY_PARENT": str(os.getpid())}
        command = [sys.executable, "-m", "comity", *self.words]
        self.process = subprocess.Popen(command, env=environment, process_group=0)
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start it again when it is dead and its pause is over."""
        now = time.monotonic()
        if self.process and (code := self.process.poll()) is not None:
            self.deaths = 1 if now - self.started > STEADY else self.deaths + 1
            pause = min(SLOWEST, 0.5 * 2 ** (self.deaths - 1))
            say(f"{self.name} ended with {code}; starting it again in {pause:g} s")
            self.process, self.again_at = None, now + pause
        if self.process is None and now >= self.again_at:
            self.start()

    def stop(self) -> None:
        """Ask it to finish."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end, and end it by force when its time is over."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def say(line: str) -> None:
    """One line to the log."""
    print(f"comity: {line}", file=sys.stderr, flush=True)


def ready(address: str) -> bool:
    """Whether the web server takes requests."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def run(words: list[str], demo: bool = False) -> int:
    """Start web and worker and keep them alive until told to stop; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="comity demo" if demo else "comity run")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on; 0 takes any free one")
    options = parser.parse_args(words)
    port = free_port(options.host, options.port)
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)
    address = f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())

    prepare = ["--prepare", "--demo"] if demo else ["--prepare"]
    web = Child("web", ["web", "--host", options.host, "--port", str(port), *prepare])
    worker = Child("worker", ["worker"])
    web.start()
    try:
        # The worker needs the tables that the web process prepares.
        while not stopping.is_set() and not ready(address):
            if web.process and (code := web.process.poll()) is not None:
                return code or 1
            stopping.wait(0.05)
        if not stopping.is_set():
            worker.start()
            announce(address, demo)
        while not stopping.wait(0.2):
            web.watch()
            worker.watch()
        return 0
    finally:
        until = time.monotonic() + GRACE
        for child in (web, worker):
            child.stop()
        for child in (web, worker):
            child.wait(until)


def announce(address: str, demo: bool) -> None:
    """Print where to go, and for a demonstration as whom."""
    print(f"\nComity is ready: {address}/", flush=True)
    file = Path(os.environ.get("COMITY_DATA", "data")) / "sign-ins.json"
    if demo and file.is_file():
        print("\nSign in as")
        for role, email, password in json.loads(file.read_text()):
            print(f"  {role:<28} {email:<36} {password}")
    print("\nCtrl-C stops it.\n", flush=True)
