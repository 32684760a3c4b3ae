"""One write path and one source of rows: no door goes around `records.write` and `readable`."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.house import floors, modules, name, rooms, tree

WRITES = {"save", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
QUERYSET_WRITES = {"update", "delete", "create"}
SOURCES = {"objects", "_default_manager", "_base_manager", "filter", "exclude", "all", "get_queryset", "readable"}


def doors() -> Iterator[Path]:
    """Files that answer people or machines with records; `accounts` lies below records and has none."""
    for room in above_the_kernel():
        for path in modules(room):
            if room in ("web", "api", "intake") or path.name == "pages.py" or "pages" in path.parts:
                yield path


def above_the_kernel() -> list[str]:
    """The rooms that may import `records`, without the settings."""
    return [room for room in rooms() if floors().get(room, 0) > floors()["records"] and room != "config"]


def test_doors_get_their_rows_from_readable() -> None:
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in doors()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    ]
    assert not wrong


def test_records_are_written_by_the_write_path_only() -> None:
    """Above the kernel nothing calls a model's own writing methods; the kernel refuses them at run time as well."""
    wrong = [
        f"{name(path)}:{node.lineno} .{node.func.attr}("
        for path in modules(*above_the_kernel())
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node.func)
    ]
    assert not wrong


def _writes(called: ast.Attribute) -> bool:
    """Whether it is a model's or a queryset's writing method; `dict.update` and `write.create` are not."""
    if called.attr in WRITES:
        return True
    if called.attr not in QUERYSET_WRITES:
        return False
    links = {node.attr for node in ast.walk(called.value) if isinstance(node, ast.Attribute)}
    links |= {node.id for node in ast.walk(called.value) if isinstance(node, ast.Name)}
    return bool(links & SOURCES)


def test_only_the_kernel_opens_the_guard() -> None:
    """`writing()` lets the guarded models be saved; `records` alone may enter it."""
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        if "records" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "comity.records.models"
        and any(alias.name == "writing" for alias in node.names)
    ]
    assert not wrong
