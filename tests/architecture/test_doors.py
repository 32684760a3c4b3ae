"""One write path and one source of rows: no door goes around `records.write` and `readable`."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

from comity.records.models import Record
from tests.architecture.house import floors, modules, name, rooms, tree

MANAGERS = {"objects", "_default_manager", "_base_manager"}
WRITES = {"update", "delete", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
SOURCES = MANAGERS | {"filter", "exclude", "all", "get_queryset", "readable"}


def doors() -> Iterator[Path]:
    """Files that answer people or machines with records; `accounts` lies below records and has none."""
    for room in above_the_kernel():
        for path in modules(room):
            if room in ("web", "api", "intake") or path.name == "pages.py" or "pages" in path.parts:
                yield path


def above_the_kernel() -> list[str]:
    """The rooms that may import `records`, without the settings."""
    return [room for room in rooms() if floors().get(room, 0) > floors()["records"] and room != "config"]


def plain_tables(path: Path) -> set[str]:
    """Names of models that are no records (a saved view, a term), with the file's own names for them."""
    plain = {model.__name__ for model in apps.get_models() if not issubclass(model, Record)}
    imports = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    return plain | {part.asname for node in imports for part in node.names if part.asname and part.name in plain}


def test_doors_get_their_rows_from_readable() -> None:
    wrong = [
        f"{name(path)}:{node.lineno} {ast.unparse(node)[:60]}"
        for path in doors()
        for plain in [plain_tables(path)]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and not _names(node.value) & plain
    ]
    assert not wrong, "\n".join(wrong)


def test_records_are_written_by_the_write_path_only() -> None:
    """Above the kernel nothing calls a queryset's writing methods on records; the kernel refuses `save` at run time."""
    wrong = [
        f"{name(path)}:{node.lineno} {ast.unparse(node.func)[:60]}("
        for path in modules(*above_the_kernel())
        if path.name != "terms.py"  # seeds of term lists, called by migrations with the historical model
        for plain in [plain_tables(path)]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and (found := _names(node.func.value)) & SOURCES
        and not found & plain
    ]
    assert not wrong, "\n".join(wrong)


def _names(node: ast.AST) -> set[str]:
    """All names in an expression: `Saved.objects.filter(person=p)` gives Saved, objects, filter, p."""
    found = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    return found | {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


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
