"""The source tree as the architecture tests see it."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "comity"
MACHINERY = ("records", "web", "api", "clocks", "accounts", "reports", "jobs")


@cache
def floors() -> dict[str, int]:
    """Room to floor, 0 the lowest; read from the contract that import-linter holds."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return {
        room.strip().strip("()"): level for level, layer in enumerate(reversed(layers)) for room in layer.split("|")
    }


def rooms() -> list[str]:
    """The rooms that exist."""
    return sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())


def modules(*folders: str, migrations: bool = False) -> Iterator[Path]:
    """The Python files of the package, or of some rooms."""
    for folder in folders or (".",):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            if migrations or "migrations" not in path.parts:
                yield path


def name(path: Path) -> str:
    """How a file is named in a failure."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(), name(path))


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return tuple(path for word in listed.decode().split("\0") if word and (path := ROOT / word).is_file())
