"""Higher floors import lower ones, never the reverse; so do foreign keys given as strings, and files inside a room."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import grimp
import pytest
from django.apps import apps

from tests.architecture.house import PACKAGE, ROOT, floors, modules, name, rooms

INSIDE = (
    ("rules",),
    ("models",),
    ("operations", "forms"),
    ("kinds", "checks", "jobs"),
    ("pages", "reports"),
)
DOMAIN = [room for room in rooms() if floors().get(room, 0) > floors()["web"] and room not in ("config",)]


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("comity", include_external_packages=True, cache_dir=None)


def test_import_linter_keeps_its_contracts() -> None:
    command = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": "src"}
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_foreign_keys_point_down_or_stay_inside() -> None:
    wrong = []
    for model in apps.get_models():
        own = _room(model)
        for field in model._meta.get_fields():
            target = getattr(field, "remote_field", None) and field.related_model
            if not own or field.auto_created or not isinstance(target, type) or not (other := _room(target)):
                continue
            if other != own and floors()[other] >= floors()[own]:
                wrong.append(f"{model._meta.label}.{field.name} points up to {target._meta.label}")
    assert not wrong


def _room(model: type) -> str:
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "comity" else ""


@pytest.mark.parametrize("room", DOMAIN)
def test_inside_a_room_lower_files_do_not_see_higher_ones(room: str) -> None:
    level = {file: number for number, files in enumerate(INSIDE) for file in files}
    wrong = []
    for module in graph().find_descendants(f"comity.{room}"):
        own = level.get(module.split(".")[2])
        for target in graph().find_modules_directly_imported_by(module):
            parts = target.split(".")
            if own is None or parts[:2] != ["comity", room] or len(parts) < 3:
                continue
            if level.get(parts[2], -1) > own:
                wrong.append(f"{module} imports {target}")
    assert not wrong


def test_rules_know_no_django() -> None:
    """Directly or through another module of ours."""
    wrong = []
    for module in graph().modules:
        parts = module.split(".")
        if parts[0] == "comity" and len(parts) > 2 and parts[2] == "rules":
            above = graph().find_upstream_modules(module)
            wrong += [f"{module} reaches {other}" for other in above if other.split(".")[0] == "django"]
    assert not wrong


def test_every_room_has_a_floor_and_an_app() -> None:
    for room in rooms():
        assert room in floors(), f"{room} must choose its floor in pyproject.toml"
        if room != "config":
            assert (PACKAGE / room / "apps.py").exists() or not any(modules(room)), f"{room} lacks apps.py"


def test_no_machinery_names_a_domain_room() -> None:
    """Machinery does not even mention a room above it in a string (labels like `rooms.Model` in foreign keys)."""
    wrong = [
        f"{name(path)}: {room}"
        for path in modules("records", "web", "api", "reports", "clocks", "accounts", "jobs")
        for room in DOMAIN
        if f"comity.{room}" in path.read_text()
    ]
    assert not wrong
