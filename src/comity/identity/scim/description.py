"""What this server says about itself (RFC 7643 5 to 7)."""

from __future__ import annotations

from typing import Any

Data = dict[str, Any]
SCIM = "urn:ietf:params:scim:schemas:core:2.0"
USER, GROUP = f"{SCIM}:User", f"{SCIM}:Group"
MOST = 200


def _one(name: str, what: str = "string", /, **more: Any) -> Data:
    """An attribute: a single text that may be changed, unless said otherwise."""
    plain = {"multiValued": False, "required": False, "mutability": "readWrite", "returned": "default"}
    text = {"caseExact": False, "uniqueness": "none"} if what == "string" else {}
    return {"name": name, "type": what, "description": name} | plain | text | more


def _many(name: str, *parts: Data, **more: Any) -> Data:
    return _one(name, "complex", multiValued=True, subAttributes=list(parts), **more)


_READ = {"mutability": "readOnly"}
_REF = {"type": "reference", "referenceTypes": ["User"], "caseExact": True} | _READ
SCHEMAS: list[Data] = [
    {
        "id": USER,
        "name": "User",
        "description": "Somebody who works here",
        "attributes": [
            _one("userName", required=True, uniqueness="server"),
            _one("name", "complex", subAttributes=[_one("formatted", **_READ)], **_READ),
            _one("displayName", required=True),
            _one("preferredLanguage", mutability="writeOnly", returned="never", canonicalValues=["en", "zh-Hans"]),
            _one("active", "boolean", required=True),
            _many("emails", _one("value", required=True), required=True),
            _many("groups", _one("value", **_READ), _one("display", **_READ), _one("$ref", **_REF), **_READ),
        ],
    },
    {
        "id": GROUP,
        "name": "Group",
        "description": "A role, in the unit of the token's person and below",
        "attributes": [
            _one("displayName", required=True, mutability="readOnly"),
            _many("members", _one("value", mutability="immutable"), _one("display", **_READ), _one("$ref", **_REF)),
        ],
    },
]
KINDS: list[Data] = [
    {"id": "User", "name": "User", "endpoint": "/Users", "description": "People inside", "schema": USER},
    {"id": "Group", "name": "Group", "endpoint": "/Groups", "description": "Roles", "schema": GROUP},
]
CONFIG: Data = {
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": MOST},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "Token",
            "description": "A token with the scope provision",
            "primary": True,
        }
    ],
}


def described(base: str, kind: str, data: Data) -> Data:
    """One of these as a resource."""
    place = f"{base}/{kind}s" if kind in ("Schema", "ResourceType") else f"{base}/{kind}"
    location = f"{place}/{data['id']}" if "id" in data else place
    return {"schemas": [f"{SCIM}:{kind}"]} | data | {"meta": {"resourceType": kind, "location": location}}
