"""Whether the words of an entry say what its rule does: placeholders, and parameters with their defaults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from comity.compliance.catalogue import Use, words
from comity.compliance.reach import parameters_of
from comity.compliance.validation.arguments import Wrong

BRACES = re.compile(r"\{([^{}]*)\}")


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
    direct, reached = parameters_of(Use(entry["rule"], entry["with"]))
    for name in sorted(told - reached):
        yield "check", _("It names %(name)s, which the rule does not use.") % {"name": name}
    for name in sorted(direct - told):
        yield "check", _("The rule uses %(name)s. Name it here.") % {"name": name}
