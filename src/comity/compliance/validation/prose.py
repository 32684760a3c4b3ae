"""Whether the words of an entry say what its rule does: placeholders, and parameters with their defaults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from comity.compliance import reach
from comity.compliance.catalogue import words
from comity.compliance.reach import WORD, many, types
from comity.compliance.validation.arguments import Wrong

BRACES = re.compile(r"\{([^{}]*)\}")
ASKING = ("pop", "by", "version", "addressee")  # types of arguments whose populations bring their parameters
EXAMINED = ("population", "per", "commitment", "of", "about")  # arguments whose records are judged


def wrong_messages(entry: Mapping[str, Any]) -> Iterator[Wrong]:
    """Messages may hold {record} and {detail}, and both languages the same ones."""
    for name in ("gap", "gap_zh"):
        for found in BRACES.findall(entry[name]):
            if found not in ("record", "detail"):
                yield name, _("{%(word)s} cannot be filled in. Only {record} and {detail} can.") % {"word": found}
    if Counter(BRACES.findall(entry["gap"])) != Counter(BRACES.findall(entry["gap_zh"])):
        yield "gap_zh", _("Use the same placeholders as in gap.")


def wrong_check(entry: Mapping[str, Any]) -> Iterator[Wrong]:
    """The test in prose names each parameter of the rule as {name=default}, and no other."""
    told: set[str] = set()
    for found in BRACES.findall(entry["check"]):
        name, _sep, default = found.partition("=")
        known = words().parameters.get(name)
        if known is None or str(known["default"]) != default:
            right = f"{{{name}={known['default']}}}" if known else "{name=default}"
            yield "check", _("{%(word)s}: write a parameter with its default, %(right)s.") % {
                "word": found, "right": right,
            }  # fmt: skip
        else:
            told.add(name)
    if entry["rule"] == "same_as":
        return
    direct, reached = used(entry["rule"], entry["with"])
    for name in sorted(told - reached):
        yield "check", _("It names %(name)s, which the rule does not use.") % {"name": name}
    for name in sorted(direct - told):
        yield "check", _("The rule uses %(name)s. Name it here.") % {"name": name}


def used(rule: str, given: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The parameters that a rule is given, and all that its answer hangs on."""
    direct: set[str] = set()
    reached: set[str] = set()
    for part in given.get("parts", ()):
        for whole, more in zip((direct, reached), used(part["rule"], part["with"]), strict=True):
            whole |= more
    for name, type_ in types(rule).items():
        for one in many(given.get(name, ())) if name != "parts" else ():
            if one in words().parameters:
                direct.add(one)
            elif type_.rstrip("*!") in ASKING:
                reached |= reach.parameters(one)
    for one in many(given.get("clock", ())):
        reached |= {word for word in WORD.findall(words().clocks[one]["within"]) if word in words().parameters}
    if rule == "predicate":
        reached |= set(words().predicates[given["name"]]["parameters"])
    return direct, direct | reached


def examined(rule: str, given: Mapping[str, Any]) -> set[str]:
    """The kinds whose records the rule judges."""
    found = {kind for part in given.get("parts", ()) for kind in examined(part["rule"], part["with"])}
    for name, type_ in types(rule).items():
        if name in EXAMINED and type_.rstrip("*!") in ASKING:
            found |= {kind for one in many(given.get(name, ())) for kind in reach.member_kinds(one)}
    return found
