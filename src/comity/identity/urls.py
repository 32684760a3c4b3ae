"""Below /scim/v2/: what a company's directory asks for and sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import path, re_path

from comity.identity.scim import people, roles
from comity.identity.scim.asking import listed, page, posted
from comity.identity.scim.description import CONFIG, KINDS, SCHEMAS, described
from comity.identity.scim.door import Asked, Wrong, answer, door


def users(asked: Asked) -> HttpResponse:
    query = asked.query
    (start, count), rows = page(query), people.found(query.get("filter", ""))
    return answer(listed(people.shown(list(rows[start - 1 : start - 1 + count]), asked), rows.count(), start))


def _user(person: Any, asked: Asked, status: int = 200) -> HttpResponse:
    [shown] = people.shown([person], asked)
    return answer(shown, status, f"{asked.base}/Users/{person.pk}" if status == 201 else "")


def user_new(asked: Asked) -> HttpResponse:
    return _user(people.add(asked.body(), asked), asked, 201)


def user(asked: Asked, name: str) -> HttpResponse:
    return _user(people.named(name), asked)


def user_put(asked: Asked, name: str) -> HttpResponse:
    return _user(people.replace(people.named(name), asked.body(), asked), asked)


def user_patch(asked: Asked, name: str) -> HttpResponse:
    return _user(people.patch(people.named(name), asked.body(), asked), asked)


def user_gone(asked: Asked, name: str) -> HttpResponse:
    people.take_away(people.named(name), asked)
    return answer(None, 204)


def groups(asked: Asked) -> HttpResponse:
    query = asked.query
    (start, count), found = page(query), roles.found(query.get("filter", ""), asked)
    return answer(listed(roles.shown(found[start - 1 : start - 1 + count], asked), len(found), start))


def group(asked: Asked, name: str) -> HttpResponse:
    return answer(roles.shown([roles.named(name)], asked)[0])


def group_put(asked: Asked, name: str) -> HttpResponse:
    roles.replace(roles.named(name), asked.body(), asked)
    return group(asked, name)


def group_patch(asked: Asked, name: str) -> HttpResponse:
    roles.patch(roles.named(name), asked.body(), asked)
    return group(asked, name)


def _told(kind: str, rows: list[dict[str, Any]]) -> list[Any]:
    def every(asked: Asked) -> HttpResponse:
        if "filter" in asked.request.GET:
            raise Wrong(403, "There is no filter here.")
        return answer(listed([described(asked.base, kind, row) for row in rows], len(rows), 1))

    def one(asked: Asked, name: str) -> HttpResponse:
        found = [row for row in rows if row["id"] == name]
        if not found:
            raise Wrong(404, "There is no such thing here.")
        return answer(described(asked.base, kind, found[0]))

    return [path(f"scim/v2/{kind}s", door(GET=every)), path(f"scim/v2/{kind}s/<str:name>", door(GET=one))]


def _search(every: Callable[[Asked], HttpResponse]) -> Any:
    return door(POST=lambda asked: every(replace(asked, query=posted(asked.body()))))


def config(asked: Asked) -> HttpResponse:
    return answer(described(asked.base, "ServiceProviderConfig", CONFIG))


def nothing(asked: Asked, name: str = "") -> HttpResponse:
    raise Wrong(404, "There is nothing here.")


urlpatterns = [
    path("scim/v2/Users", door(GET=users, POST=user_new)),
    path("scim/v2/Users/.search", _search(users)),
    path("scim/v2/Users/<str:name>", door(GET=user, PUT=user_put, PATCH=user_patch, DELETE=user_gone)),
    path("scim/v2/Groups", door(GET=groups)),
    path("scim/v2/Groups/.search", _search(groups)),
    path("scim/v2/Groups/<str:name>", door(GET=group, PUT=group_put, PATCH=group_patch)),
    path("scim/v2/ServiceProviderConfig", door(GET=config)),
    *_told("ResourceType", KINDS),
    *_told("Schema", SCHEMAS),
    re_path(r"^scim/(?P<name>[\s\S]*)$", door(**dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), nothing))),
]
