"""The OpenAPI document: ninja describes each operation once, and this multiplies the descriptions by the kinds."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.utils.translation import override
from ninja import NinjaAPI

from comity.api.routes import PARAMETERS
from comity.api.shape import UNIT, columns, described, entered, required
from comity.records.filters import filters_of
from comity.records.kind import Kind, kinds

TEXT, WHEN, COUNT = {"type": "string"}, {"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 0}
NAME = {"type": ["string", "null"]}
BASE = {"ref": TEXT, "version": COUNT, "status": NAME, "unit": NAME, "owner": NAME, "entered_at": WHEN,
        "changed_at": WHEN, "archived": {"type": "boolean"}, "url": TEXT}  # fmt: skip
PROBLEM = {"type": TEXT, "title": TEXT, "status": COUNT, "detail": TEXT}
KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Makes a repeated POST safe: the first answer is given again. Kept for 24 hours.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
RECORD: dict[str, Any] = {"$ref": "#/components/schemas/__Kind"}
ANY: dict[str, Any] = {"type": "object"}
PAGE = {"items": {"type": "array", "items": RECORD}, "next": NAME, "count": COUNT, "more": {"type": "boolean"}}


@cache
def document(api: NinjaAPI) -> dict[str, Any]:
    """The document in English, as JSON values."""
    with override("en"):
        base: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
        paths: dict[str, Any] = {}
        for path, item in base["paths"].items():
            for method, operation in item.items():
                _complete(method, operation)
            for kind in kinds() if "{plural}" in path else ():
                if kind.workflow or "transitions" not in path:
                    paths[path.replace("{plural}", kind.path)] = _for_kind(kind, item)
            if "{plural}" not in path:
                paths[path] = item
        for kind in kinds():
            base["components"]["schemas"] |= _schemas(kind)
    refused = {"application/problem+json": {"schema": _object(PROBLEM)}}
    base["components"]["responses"] = {"Problem": {"description": "A problem (RFC 9457).", "content": refused}}
    return base | {"paths": paths}


def _object(properties: dict[str, Any], required: Any = None, **more: Any) -> dict[str, Any]:
    needed = [*properties] if required is None else required
    return {"type": "object", "required": needed, "properties": properties, **more}


def _complete(method: str, operation: dict[str, Any]) -> None:
    """What is the same for all kinds: the answers, the refusals, the key of repeatable requests, the body."""
    name = operation["operationId"].removesuffix("__kind")
    status = "201" if name in ("create", "post_on", "attach_to", "link") else "204" if method == "delete" else "200"
    schema = {"list": _object(PAGE), **dict.fromkeys(("create", "read", "change", "step_of"), RECORD)}.get(name, ANY)
    content = {"application/octet-stream": {}} if name == "file_of" else {"application/json": {"schema": schema}}
    done = {"description": "Done."} | ({} if status == "204" else {"content": content})
    operation["responses"] = {status: done, "default": {"$ref": "#/components/responses/Problem"}}
    operation["parameters"] += [KEY] if method == "post" else []
    if body := operation.pop("x-body", ""):
        given: dict[str, Any] = {"$ref": f"#/components/schemas/__Kind{'New' if body == 'Many' else body}"}
        given = {"type": "array", "maxItems": 1000, "items": given} if body == "Many" else given
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": given}}}


def _for_kind(kind: Kind, item: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(item).replace("__Kind", kind.model.__name__).replace("__kind", f"_{kind.name}")
    found: dict[str, Any] = json.loads(text)
    for operation in found.values():
        operation["tags"] = [kind.path]
        operation["parameters"] = [one for one in operation["parameters"] if one["name"] != "plural"]
        for one in operation["parameters"]:
            if one["name"] == "name" and kind.workflow:
                one["schema"] = {"type": "string", "enum": [move.name for move in kind.workflow.moves]}
        for asked in filters_of(kind, {}) if operation["operationId"].startswith("list_") else ():
            schema = TEXT | (
                {"anyOf": [{"format": "date"}, {"maxLength": 0}]}
                if asked.input == "date"
                else {"enum": ["yes", "no"]}
                if asked.input == "flag"
                else {}
            )
            one = {"in": "query", "name": asked.name, "description": str(asked.label), "schema": schema}
            operation["parameters"] += [one] if asked.name not in PARAMETERS else []
    return found


def _schemas(kind: Kind) -> dict[str, Any]:
    """The kind's record as it is answered, as a new one is given, and as a change is given."""
    name, version = kind.model.__name__, {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
    full = BASE | {column: described(field, reading=True) for column, field in columns(kind).items()}
    return {
        name: _object(full, title=kind.label),
        f"{name}New": _object({"unit": UNIT} | entered(kind), required(kind), additionalProperties=False),
        f"{name}Change": _object({"version": version} | entered(kind), ["version"], additionalProperties=False),
    }
