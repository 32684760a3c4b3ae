"""Users: everybody inside. Contacts of customers and suppliers are not the directory's, and not seen."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.utils import timezone

from comity.accounts import audit
from comity.accounts.models import Grant, Person, in_force
from comity.accounts.operations import readdressed, shut_out
from comity.accounts.rights import own_people
from comity.accounts.roles import Role
from comity.identity.models import Listed
from comity.identity.scim.asking import clauses, cut, steps
from comity.identity.scim.description import USER
from comity.identity.scim.door import Asked, Data, Wrong
from comity.records.trail import SERVICE_EMAIL


def people() -> QuerySet[Person]:
    """Whom the directory sees: people inside, also those shut out, but not whom it has taken away."""
    return own_people(also_shut_out=True).exclude(email=SERVICE_EMAIL).exclude(listed__gone=True).order_by("pk")


def found(text: str) -> QuerySet[Person]:
    """Those whom a filter names."""
    rows = people()
    for name, value in clauses(text):
        match name:
            case "username":
                rows = rows.filter(Q(listed__user_name__iexact=value) | Q(listed=None, email__iexact=value))
            case "externalid":
                rows = rows.filter(listed__external_id=value) if value else rows.none()
            case "id":
                rows = rows.filter(pk=value) if str(value).isdecimal() else rows.none()
            case "emails" | "emails.value":
                rows = rows.filter(email__iexact=value)
            case "displayname":
                rows = rows.filter(name__iexact=value)
            case "active":
                rows = rows.filter(is_active=value is True)
            case _:
                raise Wrong(400, f"There is no filter by {name} here.", "invalidFilter")
    return rows


def named(pk: str) -> Person:
    person = people().select_for_update(of=("self",)).filter(pk=pk).first() if pk.isdecimal() and len(pk) < 18 else None
    if person is None:
        raise Wrong(404, "There is nobody here by this name.")
    return person


def shown(rows: list[Person], asked: Asked) -> list[Data]:
    """The people as users, with the roles that the directory may give."""
    today = timezone.localdate()
    grants = Grant.objects.filter(in_force(today), unit=asked.unit, person__in=rows)
    roles = {row.pk: {Role(one.role) for one in grants if one.person_id == row.pk} for row in rows}
    listed = {one.person_id: one for one in Listed.objects.filter(person__in=rows)}
    return [
        cut(_user(row, listed.get(row.pk) or Listed(user_name=row.email), roles[row.pk], asked), asked.query)
        for row in rows
    ]


def _user(person: Person, listed: Listed, roles: set[Role], asked: Asked) -> Data:
    groups = [
        {"value": role.value, "display": english(role), "$ref": f"{asked.base}/Groups/{role.value}"}
        for role in Role
        if role in roles
    ]
    return {
        "schemas": [USER],
        "id": str(person.pk),
        **({"externalId": listed.external_id} if listed.external_id else {}),
        "userName": listed.user_name,
        "name": {"formatted": person.name},
        "displayName": person.name,
        "active": person.is_active,
        "emails": [{"value": person.email}],
        **({"groups": groups} if groups else {}),
        "meta": {"resourceType": "User", "location": f"{asked.base}/Users/{person.pk}"},
    }


def english(role: Role) -> str:
    return role.value.replace("_", " ").capitalize()


def add(body: Data, asked: Asked) -> Person:
    """Somebody new; or who was taken away once and comes back, without the roles they had."""
    told = _whole(body)
    if not told["user_name"]:
        raise Wrong(400, "userName is missing.", "invalidValue")
    address = told["email"] or told["user_name"]
    before = Listed.objects.select_related("person").filter(gone=True, person__email=address.lower()).first()
    person = before.person if before else Person(email=address, is_active=True)
    if before is None:
        person.set_unusable_password()
        person.language = told["language"]
    return keep(person, told | {"email": address, "active": told["active"] is not False}, asked)


def replace(person: Person, body: Data, asked: Asked) -> Person:
    return keep(person, _whole(body), asked)


def patch(person: Person, body: Data, asked: Asked) -> Person:
    told: Data = {}
    for verb, name, _filter, part, value in steps(body):
        match name, part:
            case ("username" | "displayname" | "emails" | "active", _) if verb == "remove":
                raise Wrong(400, f"{name} cannot be without a value.", "invalidValue")
            case ("name", "") if isinstance(value, dict) and value.get("formatted"):
                told["displayName"] = value["formatted"]
            case "name", "formatted":
                told["displayName"] = value
            case "emails", "" | "value":
                told["emails"] = value
            case (("username" | "displayname" | "externalid" | "active"), ""):
                key = {"username": "userName", "displayname": "displayName", "externalid": "externalId"}.get(name, name)
                told[key] = "" if verb == "remove" else value
    return keep(person, _whole(told), asked)


def take_away(person: Person, asked: Asked) -> None:
    """Shut out, without roles, and gone for the directory; what they did stays."""
    keep(person, {"active": False}, asked)
    shut_out(person, [*Role], asked.owner)
    listed = Listed.of(person)
    listed.gone = True
    listed.save()


def keep(person: Person, told: Data, asked: Asked) -> Person:
    """Make the person what is told; what is None stays as it is. The trail names the token."""
    before = Person.objects.filter(pk=person.pk).first()
    for name, value in (("name", told.get("name")), ("email", told.get("email")), ("is_active", told.get("active"))):
        if value is not None:
            setattr(person, name, value.strip().lower() if name == "email" else value)
    person.name = person.name or person.email.partition("@")[0]
    changes = {
        name: [getattr(before, name, None), getattr(person, name)]
        for name in ("email", "name", "is_active")
        if getattr(before, name, None) != getattr(person, name)
    }
    _allow(before, changes, asked)
    if changes:
        validate_email(person.email)
        person.save()
        if before and "email" in changes:
            readdressed(person, before.email)
        act = "added" if before is None else "changed"
        if before and "is_active" in changes:
            act = "activated" if person.is_active else "deactivated"
        audit.record(asked.owner, person, act, changes | {"token": [None, str(asked.token)]})
    _list(person, told.get("user_name"), told.get("external_id"), before)
    return person


def _allow(before: Person | None, changes: Data, asked: Asked) -> None:
    """A directory shuts administrators out, and does nothing else to them; to the token's person, nothing at all."""
    if before is None or not changes:
        return
    is_administrator = before.grants.filter(in_force(timezone.localdate()), role=Role.ADMINISTRATOR).exists()
    shuts_out = changes == {"is_active": [True, False]}
    if before == asked.owner or (is_administrator and not shuts_out):
        raise PermissionDenied


def _list(person: Person, user_name: str | None, external_id: str | None, before: Person | None) -> None:
    """Keep how the directory names the person. A name or address that somebody else has is refused."""
    listed = Listed.of(person)
    if user_name:
        listed.user_name = user_name
    elif before and listed.user_name == before.email:
        listed.user_name = person.email
    if external_id is not None:
        listed.external_id = external_id
    same = Q(email__iexact=listed.user_name) | Q(listed__user_name__iexact=listed.user_name)
    if Person.objects.filter(same).exclude(pk=person.pk).exists():
        raise Wrong(409, "Somebody else has this name or address.", "uniqueness")
    listed.gone = False
    listed.save()


def _whole(body: Data) -> Data:
    """The values of a user that are told, each of its type; None where nothing is said."""
    told = {name.lower(): value for name, value in body.items()}
    name, emails = told.get("name"), told.get("emails")
    name = name if isinstance(name, dict) else {}
    parts = [name.get(part) for part in ("givenName", "familyName") if name.get(part)]
    spoken = told.get("displayname") or name.get("formatted") or " ".join(map(str, parts)) or None
    if isinstance(emails, list):
        first = sorted((one for one in emails if isinstance(one, dict)), key=lambda one: not one.get("primary"))
        emails = first[0] if first else None
    address = emails.get("value") if isinstance(emails, dict) else emails
    language = str(told.get("preferredlanguage") or "").lower()
    return {
        "user_name": _text(told.get("username"), 254),
        "name": _text(spoken, 150),
        "email": _text(address, 254),
        "external_id": _text(told.get("externalid"), 254),
        "active": _flag(told.get("active")),
        "language": Person.Language.CHINESE if language.startswith("zh") else Person.Language.ENGLISH,
    }


def _text(value: Any, most: int) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > most):
        raise Wrong(400, f"A text of at most {most} characters is wanted.", "invalidValue")
    return value


def _flag(value: Any) -> bool | None:
    """Some directories write it as a word."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value is not None and not isinstance(value, bool):
        raise Wrong(400, "active is true or false.", "invalidValue")
    return value
