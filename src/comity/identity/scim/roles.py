"""Groups: the roles inside, in the unit in which the token's person is an administrator, and below.

There are as many as there are roles: none is made or taken away. Administrators are made by administrators only, and
contacts belong to their parties.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from comity.accounts import audit
from comity.accounts.models import Grant, in_force
from comity.accounts.operations import revoke
from comity.accounts.roles import STAFF, Role
from comity.identity.scim.asking import clauses, cut, steps
from comity.identity.scim.description import GROUP
from comity.identity.scim.door import Asked, Data, Wrong
from comity.identity.scim.people import english, people

GIVEN = [role for role in Role if role in STAFF - {Role.ADMINISTRATOR}]


def found(text: str, asked: Asked) -> list[Role]:
    roles = GIVEN
    for name, value in clauses(text):
        match name:
            case "displayname":
                roles = [role for role in roles if english(role).lower() == str(value).lower()]
            case "id":
                roles = [role for role in roles if role.value == value]
            case "members" | "members.value":
                roles = [role for role in roles if value in {str(one.person_id) for one in _grants([role], asked)}]
            case _:
                raise Wrong(400, f"There is no filter by {name} here.", "invalidFilter")
    return roles


def named(name: str) -> Role:
    if name not in {role.value for role in GIVEN}:
        raise Wrong(404, "There is no such role here.")
    return Role(name)


def _grants(roles: Iterable[Role], asked: Asked) -> list[Grant]:
    """Who holds them, as far as the directory sees people."""
    held = Grant.objects.filter(in_force(timezone.localdate()), unit=asked.unit, role__in=roles, person__in=people())
    return list(held.select_related("person").order_by("person_id"))


def shown(roles: list[Role], asked: Asked) -> list[Data]:
    grants = _grants(roles, asked)
    return [cut(_group(role, [one for one in grants if one.role == role], asked), asked.query) for role in roles]


def _group(role: Role, grants: list[Grant], asked: Asked) -> Data:
    members = [
        {"value": str(one.person_id), "display": one.person.name, "$ref": f"{asked.base}/Users/{one.person_id}"}
        for one in grants
    ]
    meta = {"resourceType": "Group", "location": f"{asked.base}/Groups/{role.value}"}
    return {"schemas": [GROUP], "id": role.value, "displayName": english(role), "members": members, "meta": meta}


def replace(role: Role, body: Data, asked: Asked) -> None:
    """Give the role to the members, and take it from everybody else."""
    keep(role, _ids({name.lower(): value for name, value in body.items()}.get("members") or []), asked)


def patch(role: Role, body: Data, asked: Asked) -> None:
    members = {str(one.person_id) for one in _grants([role], asked)}
    for verb, name, one, _part, value in steps(body):
        if name != "members":  # the name of a role is ours
            continue
        named = {one} if one else _ids(value) if value is not None else set(members)
        members = members | named if verb == "add" else members - named if verb == "remove" else named
    keep(role, members, asked)


def keep(role: Role, members: set[str], asked: Asked) -> None:
    """Let exactly these people hold the role, from today; the token's person is left as they are."""
    grants = {str(one.person_id): one for one in _grants([role], asked)}
    new = {str(one.pk): one for one in people().filter(pk__in=members - grants.keys())}
    if (members - grants.keys()) - new.keys():
        raise Wrong(400, "Somebody among the members is not here.", "invalidValue")
    if str(asked.owner.pk) in members ^ grants.keys():
        raise Wrong(403, "The token's person neither gives themselves roles nor takes them.")
    for gone in grants.keys() - members:
        revoke(grants[gone], asked.owner)
    for person in new.values():
        Grant.objects.create(person=person, unit=asked.unit, role=role)
        what = {"role": [None, role.value], "unit": [None, asked.unit.pk], "token": [None, str(asked.token)]}
        audit.record(asked.owner, person, "granted", what)


def _ids(value: Any) -> set[str]:
    """The names of members, told as one or as a list."""
    rows = value if isinstance(value, list) else [value]
    ids = {str(one.get("value")) if isinstance(one, dict) else str(one) for one in rows}
    if not all(one.isdecimal() and len(one) < 18 for one in ids):
        raise Wrong(400, "Members are named by their id.", "invalidValue")
    return ids
