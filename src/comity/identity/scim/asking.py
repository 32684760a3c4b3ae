"""What a request asks in the words of the standard: filters, pages, attributes, patches."""

from __future__ import annotations

import json
import re
from typing import Any

from comity.identity.scim.description import MOST
from comity.identity.scim.door import Data, Wrong

CLAUSE = re.compile(r'\s*(?:urn:[\w:.]+:)?([a-z]\w*(?:\.\w+)?)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false)\s*(and\b|$)', re.I)
PATH = re.compile(r'(?:urn:[\w:.]+:)?(\w+)(?:\[\s*(\w+)\s+eq\s+"([^"]*)"\s*\])?(?:\.(\$?\w+))?', re.I)
LISTED = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
GIVEN = ("id", "meta", "schemas", "groups")


def clauses(text: str) -> list[tuple[str, Any]]:
    """The attributes, in small letters, and the values that they must equal; all of them (RFC 7644 3.4.2.2)."""
    found, at, more = [], 0, bool(text.strip())
    while more:
        clause = CLAUSE.match(text, at)
        if clause is None:
            raise Wrong(400, "Only “attribute eq value” is read here, joined by “and”.", "invalidFilter")
        try:
            found.append((clause[1].lower(), json.loads(clause[2].lower() if clause[2][0] != '"' else clause[2])))
        except ValueError as error:
            raise Wrong(400, "A value of the filter is not right.", "invalidFilter") from error
        at, more = clause.end(), bool(clause[3])
    return found


def posted(body: Data) -> dict[str, str]:
    """A query that comes as a body, since addresses stand in logs (RFC 7644 3.4.3)."""
    return {name: ",".join(map(str, one)) if isinstance(one, list) else str(one) for name, one in body.items()}


def page(query: Any) -> tuple[int, int]:
    """The number of the first that is wanted, from 1, and how many."""
    try:
        start, count = int(query.get("startIndex", 1)), int(query.get("count", MOST))
    except ValueError as error:
        raise Wrong(400, "startIndex and count are numbers.", "invalidValue") from error
    return min(max(start, 1), 2**31), min(max(count, 0), MOST)


def listed(resources: list[Data], total: int, start: int) -> Data:
    told = {"totalResults": total, "startIndex": start, "itemsPerPage": len(resources)}
    return {"schemas": [LISTED]} | told | {"Resources": resources}


def cut(resource: Data, query: Any) -> Data:
    """The attributes that are wanted, or without those that are not (RFC 7644 3.9)."""

    def heads(name: str) -> set[str]:
        words = [word.strip().rpartition(":")[2] for word in query.get(name, "").split(",")]
        return {word.split(".")[0].lower() for word in words if word}

    wanted, unwanted = heads("attributes"), heads("excludedAttributes")
    unwanted = {name.lower() for name in resource} - wanted if wanted else unwanted
    left_out = unwanted - {"id", "schemas"}
    return {name: value for name, value in resource.items() if name.lower() not in left_out}


def steps(body: Data) -> list[tuple[str, str, str, str, Any]]:
    """The steps of a patch (RFC 7644 3.5.2): verb, attribute in small letters, value of the filter, part, value.

    A step without a path names its attributes in the value. What we do not keep is passed over by the caller, so that
    a directory may send all it knows; what is ours to give is refused here.
    """
    found, told = [], {name.lower(): value for name, value in body.items()}.get("operations")
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise Wrong(400, "Send Operations.", "invalidSyntax")
    for one in told:
        verb, path, value = str(one.get("op", "")).lower(), one.get("path"), one.get("value")
        if verb not in ("add", "replace", "remove"):
            raise Wrong(400, "An operation adds, replaces or removes.", "invalidSyntax")
        if not path and (verb == "remove" or not isinstance(value, dict)):
            raise Wrong(400, "Name the attribute.", "noTarget")
        for place, what in [(path, value)] if path else value.items():
            match = PATH.fullmatch(str(place))
            if match is None:
                raise Wrong(400, "This path is not read here.", "invalidPath")
            if path and match[1].lower() in GIVEN:
                raise Wrong(400, f"{match[1]} is not changed from outside.", "mutability")
            found.append((verb, match[1].lower(), match[3] or "", (match[4] or "").lower(), what))
    return found
