"""A file from outside as plain words, numbers, lists and names: what would grow, circle or get lost while it is read
is refused, with the line where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml
from django.utils.translation import gettext as _

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
AT_MOST = 4 << 20  # bytes; the largest that is shipped has 0.3 million
DEEPEST = 30  # lists within lists
NUMBER = 20  # signs of a number
PLAIN = ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")


class Unfit(Exception):
    """It is not taken: why, and in which line (0: the whole file)."""

    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.words, self.line = words, line


def plain(path: Path) -> Any:
    """What the file says. Raises OSError, and Unfit for what is no such file."""
    with path.open("rb") as file:
        content = file.read(AT_MOST + 1)
    if len(content) > AT_MOST:
        raise Unfit(_("It is larger than %(n)d MB. Divide it.") % {"n": AT_MOST >> 20})
    try:
        return _told(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unfit(_("It is not written in UTF-8. Save it so.")) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise Unfit(_("This is no YAML: %(problem)s.") % {"problem": problem}, mark.line + 1 if mark else 0) from None


def _told(text: str) -> Any:
    _flat_enough(text)
    loader = LOADER(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        for one in _nodes(node):
            _check(one)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _flat_enough(text: str) -> None:
    """Without building anything: no lists without end, and nothing that stands for something written elsewhere."""
    depth, events = 0, cast(Iterator[Any], yaml.parse(text, Loader=LOADER))
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 0
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Unfit(_("Lists lie in lists here more than %(n)d deep.") % {"n": DEEPEST}, line)
        if isinstance(event, yaml.AliasEvent):
            raise Unfit(_("References (*name) are not read. Write it out."), line)


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from (*_nodes(name), *_nodes(value))
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _nodes(one)


def _check(node: Any) -> None:
    """Raises Unfit for what no page could show or no database keep."""
    line, tag = node.start_mark.line + 1, node.tag.rpartition(":")[2]
    if isinstance(node, yaml.MappingNode):
        names = [name.value for name, _value in node.value if name.tag.endswith(":str")]
        if len(names) < len(node.value):
            raise Unfit(_("Fields have words as names."), line)
        if twice := next((name for name, count in Counter(names).items() if count > 1), ""):
            raise Unfit(_("“%(name)s” is said twice here. Keep one of them.") % {"name": twice[:60]}, line)
    if tag not in PLAIN:
        raise Unfit(_("Only words, numbers, lists and named fields can be kept."), line)
    if tag == "timestamp":
        node.tag = "tag:yaml.org,2002:str"  # a day is a word here
    if isinstance(node, yaml.ScalarNode) and _odd(tag, node.value):
        raise Unfit(_("This number or sign cannot be kept."), line)


def _odd(tag: str, value: str) -> bool:
    if tag in ("int", "float"):
        return len(value) > NUMBER or not value.lstrip("+-").replace(".", "", 1).isdecimal()
    return any(sign < " " and sign not in "\n\t\r" for sign in value)
