"""What is wrong with an installation is said in one line, never by a stack trace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        (["web", "--prepare", "--port", "0"], {"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        (["web", "--prepare", "--port", "0"], {"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x"}, "DATABASE_URL"),
        (["web", "--port", "0"], {"COMITY_WEB_PROCESSES": "many"}, "COMITY_WEB_PROCESSES"),
        (["web", "--port", "0"], {"COMITY_WEB_THREADS": "many"}, "COMITY_WEB_THREADS"),
        (["verify"], {"COMITY_DATA": "/proc/nowhere"}, "COMITY_DATA"),
    ],
)
def test_no_trace(tmp_path: Path, words: list[str], variables: dict[str, str], said: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMITY_", "DATABASE_URL"))}
    environment = kept | {"COMITY_DATA": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)} | variables
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "comity", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
