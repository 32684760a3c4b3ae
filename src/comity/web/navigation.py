"""The side bar: pages that rooms add, pinned views, and every kind with a heading, each within the person's rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.records.kind import kinds
from comity.web import cells
from comity.web.aside import COLUMNS, count_of, views_of

Visible = Callable[[Person], bool]


@dataclass(frozen=True)
class Place:
    """A page in the side bar and the palette. A place without a group stands on top."""

    label: str | Promise
    url: str
    icon: str = "file"
    group: str | Promise = ""
    order: int = 50
    visible: Visible | None = None
    here: bool = False
    count: str = ""


@dataclass(frozen=True)
class Navigation:
    links: list[Place] = field(default_factory=list)
    views: list[Place] = field(default_factory=list)
    groups: list[tuple[str, list[Place]]] = field(default_factory=list)


_places: list[Place] = []


def place(label: str | Promise, url: str, **options: Any) -> None:
    """Add a page of a room to the side bar; called in its pages.py."""
    _places.append(Place(label, url, **options))


def places(person: Person) -> list[Place]:
    """Everything this person may go to: the rooms' pages, then the registers."""
    rights = rights_of(person)
    found = [one for one in sorted(_places, key=lambda one: one.order) if one.visible is None or one.visible(person)]
    for kind in kinds():
        if kind.group and (rights.may(kind.rules.handle, "read") or rights.may(kind.rules.create, "create")):
            found.append(Place(cells.capital(kind.plural), kind.url, kind.icon, kind.group))
    return found


def of(request: HttpRequest, counted: bool = False) -> Navigation:
    """The side bar as this person sees it on this page."""
    if not request.user.is_authenticated:
        return Navigation()
    found, groups = Navigation(), dict[str, list[Place]]()
    for one in places(request.user):
        here = request.path == one.url or (len(one.url) > 1 and request.path.startswith(one.url))
        shown = replace(one, here=here)
        if one.group:
            groups.setdefault(str(one.group), []).append(shown)
        else:
            found.links.append(shown)
    found.groups.extend(groups.items())
    paths = {kind.name: kind.url for kind in kinds()}
    for view in views_of(request):
        if view.pinned and view.name != COLUMNS and view.kind in paths:
            here = request.GET.get("view") == str(view.pk)
            count = count_of(request.user, view) if counted else ""
            found.views.append(Place(view.name, f"{paths[view.kind]}?{view.query}&view={view.pk}", here=here, count=count))
    return found


def acting_groups(person: Any) -> list[tuple[str, str, bool]]:
    """The choice of those who hold the administrator group beside others: one or the other, never both."""
    if not isinstance(person, Person) or not rights_of(person).must_choose:
        return []
    admin = person.acting_group == Role.ADMINISTRATOR
    others = ", ".join(sorted(str(role.label) for role in rights_of(person).held if role != Role.ADMINISTRATOR))
    return [("", others, not admin), (str(Role.ADMINISTRATOR), str(Role.ADMINISTRATOR.label), admin)]
