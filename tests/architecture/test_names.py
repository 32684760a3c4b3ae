"""Names that say nothing, mechanisms that hide what happens, and words that belong to another floor."""

import ast
import re

from tests.architecture.house import modules, name, tree

EMPTY = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager", "managers", "handler", "handlers"}
HIDING = ("django.db.models.signals", "django.dispatch", "django.core.signals")
# The machinery knows records; what they are about is told in the domain's rooms.
DOMAIN_WORD = re.compile(r"(?<![a-z])(complaint|escalation|agreement|survey|dispute|complainant)", re.I)
GENERAL = ("records", "web", "api", "reports", "jobs")


def test_no_module_has_an_empty_name() -> None:
    assert not [name(path) for path in modules() if EMPTY & {path.stem, path.parent.name}]


def test_no_signals_and_no_metaclasses() -> None:
    wrong = []
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "") in HIDING:
                wrong.append(f"{name(path)}:{node.lineno} imports {node.module}")
            if isinstance(node, ast.ImportFrom) and node.module == "django.db.models":
                wrong += [f"{name(path)}:{node.lineno} signals" for alias in node.names if alias.name == "signals"]
            if isinstance(node, ast.ClassDef) and any(word.arg == "metaclass" for word in node.keywords):
                wrong.append(f"{name(path)}:{node.lineno} has a metaclass")
    assert not wrong


def test_the_machinery_speaks_no_domain_word() -> None:
    """In code: names and strings. Comments and docstrings may give examples; role names are the matrix's."""
    wrong = []
    for path in modules(*GENERAL):
        root = tree(path)
        prose = {
            id(node.value)
            for node in ast.walk(root)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(root):
            word = ""
            if isinstance(node, ast.Name | ast.Attribute):
                word = node.id if isinstance(node, ast.Name) else node.attr
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                word = node.value
            word = re.sub(r"complaint_handler", "", word, flags=re.I)
            if DOMAIN_WORD.search(word):
                wrong.append(f"{name(path)}:{getattr(node, 'lineno', 0)} {word[:60]}")
    assert not wrong
