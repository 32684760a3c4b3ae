"""The installation as it is started: a web process of its own on an own data folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PASSWORD = "a long pass phrase"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Served:
    """Starts `comity web` with some variables; `localhost`, since passkeys want a name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}

    def start(self, port: int, workers: int = 1, **variables: str) -> str:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("COMITY_", "DJANGO_", "DATABASE"))
        }
        self.environment = kept | {"PYTHONPATH": str(ROOT / "src"), "COMITY_DATA": str(self.folder)} | variables
        command = [sys.executable, "-m", "comity", "web", "--prepare", "--port", str(port), "--workers", str(workers)]
        log = (self.folder / "web.log").open("wb")
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                    return f"http://localhost:{port}"
            except httpx.HTTPError:
                pass
            assert self.process.poll() is None, (self.folder / "web.log").read_text()[-2000:]
            time.sleep(0.1)
        raise AssertionError("not ready")

    def add(self, email: str, name: str) -> None:
        """An administrator with the password of this module."""
        variables = self.environment | {"COMITY_ADMIN_PASSWORD": PASSWORD}
        command = [sys.executable, "-m", "comity", "createadmin", email, "--name", name]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)


@pytest.fixture
def served(tmp_path: Path, prepared: str) -> Iterator[Served]:
    found = Served(tmp_path)
    yield found
    found.stop()
