"""Start and stop the real server on loopback, as users do, on a database and data folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running `comity run`: its port, its process, and how long it took until /readyz answered (seconds)."""

    port: int
    process: subprocess.Popen[bytes]
    started: float

    def kill(self) -> None:
        """kill -9 for the supervisor and everything below it."""
        family = [self.process.pid, *below(self.process.pid)]  # orphans could not be found any more
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for _attempt in range(500):  # until the last has let go of the port
            if not any(Path(f"/proc/{pid}/fd").exists() for pid in family):
                return
            time.sleep(0.01)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def processor(self) -> float:
        """Seconds of processor time that the application has used; unlike the clock, blind to what else is running."""
        ticks = 0
        for pid in (self.process.pid, *below(self.process.pid)):
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Proportional set size of all processes of the application, in MB."""
        total = 0
        for pid in (self.process.pid, *below(self.process.pid)):
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
        return total / 1024


def below(pid: int) -> list[int]:
    """All descendants of a process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


def environment(data: Path, url: str = "", more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of an installation on this data folder and database, and what else it is told."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith("COMITY_") and k != "DATABASE_URL"}
    keep |= {
        "DJANGO_SETTINGS_MODULE": "comity.config.settings",
        "COMITY_DATA": str(data),
        "PYTHONPATH": str(ROOT / "src"),
        "COMITY_LOG_LEVEL": "WARNING",
    }
    return keep | ({"DATABASE_URL": url} if url else {}) | dict(more or {})


def start(
    data: Path,
    url: str = "",
    port: int = 0,
    words: tuple[str, ...] = ("run",),
    patience: float = 60,
    more: Mapping[str, str] | None = None,
) -> Server:
    """Start it and wait until it is ready."""
    port = port or free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "comity", *words, "--port", str(port)],
        env=environment(data, url, more),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    while time.monotonic() - began < patience:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer,
        ):
            if answer.status == 200:
                return Server(port, process, time.monotonic() - began)
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    raise RuntimeError("the server did not become ready")


@contextlib.contextmanager
def running(data: Path, url: str = "") -> Iterator[Server]:
    server = start(data, url)
    try:
        yield server
    finally:
        server.stop()


def comity(data: Path, *words: str, url: str = "", more: Mapping[str, str] | None = None) -> str:
    """Run one command of the installation and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "comity", *words],
        env=environment(data, url, more),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"comity {' '.join(words)}: {done.stderr[-2000:]}")
    return done.stdout
