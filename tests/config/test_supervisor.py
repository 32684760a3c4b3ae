"""Starting, restarting and stopping, with the real processes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from comity.config import server, supervisor

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """A running `comity run` on a folder of its own."""

    def __init__(self, data: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
        environment |= {"COMITY_DATA": str(data), "PYTHONPATH": str(ROOT / "src")}
        environment.pop("DATABASE_URL", None)
        environment["DJANGO_SETTINGS_MODULE"] = "comity.config.settings"
        self.log = data / "log"
        self.began = time.monotonic()
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "comity", "run", "--port", "0"],
                env=environment, cwd=data, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.address = ""

    def wait_until_ready(self) -> None:
        self.until(lambda: "Comity is ready" in self.log.read_text(), 180)
        found = re.search(r"http://\S+:\d+", self.log.read_text())
        assert found
        self.address = found[0]

    def until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait for it, but not for ever."""
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)

    def children(self, pid: int | None = None) -> list[int]:
        """Process ids below, from Linux's own list."""
        pid = pid or self.process.pid
        below: list[int] = []
        for file in Path(f"/proc/{pid}/task/{pid}").glob("children"):
            for word in file.read_text().split():
                below += [int(word), *self.children(int(word))]
        return below

    def web(self) -> int:
        """The process id of the web server's first process."""
        return next(p for p in self.children() if b"\0web\0" in Path(f"/proc/{p}/cmdline").read_bytes())


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data = tmp_path_factory.mktemp("installation with blanks")
    running = Installation(data)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.process.send_signal(signal.SIGTERM)
        below = running.children()
        code = running.process.wait(90)
    assert code == 0, running.log.read_text()
    assert not [pid for pid in below if Path(f"/proc/{pid}").exists()], "a child outlived the supervisor"


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux
@pytest.mark.slow
@pytest.mark.xdist_group("supervisor")
def test_it_answers_and_keeps_its_secret(installation: Installation) -> None:
    assert supervisor.ready(installation.address)
    assert (installation.log.parent / "secret.key").stat().st_mode & 0o077 == 0
    assert (installation.log.parent / "comity.sqlite3").exists()


@linux
@pytest.mark.slow
@pytest.mark.xdist_group("supervisor")
def test_a_killed_web_server_comes_back_without_orphans(installation: Installation) -> None:
    web = installation.web()
    workers = installation.children(web)
    assert len(workers) >= 2
    os.kill(web, signal.SIGKILL)
    installation.until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in (web, *workers)), 90)
    installation.until(lambda: supervisor.ready(installation.address), 90)
    assert installation.web() != web


@linux
@pytest.mark.slow
@pytest.mark.xdist_group("supervisor")
def test_a_killed_request_process_is_replaced(installation: Installation) -> None:
    time.sleep(6)  # younger processes that die count as a crash loop
    web = installation.web()
    before = installation.children(web)
    os.kill(before[0], signal.SIGKILL)
    installation.until(lambda: len(set(installation.children(web)) - set(before)) == 1, 90)
    assert supervisor.ready(installation.address)


@pytest.mark.parametrize("begin", [supervisor.run, server.main])
def test_a_taken_port_is_refused(begin: Callable[[list[str]], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the other one would share it, as our own servers do."""
    monkeypatch.setattr(server, "serve", lambda *_: None)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit, match="cannot listen on 127"):
            begin(["--port", str(taken.getsockname()[1])])


def test_slow_uploads_find_more_threads_than_one_in_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[object, ...]] = []
    monkeypatch.setattr(server, "serve", lambda *told: begun.append(told))
    for name in ("COMITY_WEB_PROCESSES", "COMITY_WEB_THREADS"):
        monkeypatch.delenv(name, raising=False)
    server.main(["--port", "0"])
    monkeypatch.setenv("COMITY_WEB_THREADS", "3")
    server.main(["--port", "0"])
    assert [told[2:] for told in begun] == [(2, 4), (2, 3)]


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    child = supervisor.Child("x", ["x"])
    started: list[float] = []

    class Dead:
        def poll(self) -> int:
            return 1

    def start() -> None:
        child.process, child.started = Dead(), now  # type: ignore[assignment]
        started.append(now)

    monkeypatch.setattr(child, "start", start)
    start()
    while now < 1100:
        child.watch()
        now += 0.25
    pauses = [later - earlier for earlier, later in pairwise(started)]
    assert pauses == sorted(pauses)
    assert pauses[0] <= 1 < 16 <= pauses[-1] <= supervisor.SLOWEST + 1
