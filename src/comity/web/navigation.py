"""The side bar: pages that rooms add, pinned views, and every kind with a heading, each within the person's rights."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.records.access import may_note
from comity.records.kind import Kind, kinds
from comity.web import aside
from comity.web.cells import capital, each_language
from comity.web.icons import icon

NOTHING = SafeString("")


@dataclass(frozen=True)
class Place:
    """A page in the side bar and the palette. Without a group it stands on top."""

    label: str | Promise
    url: str
    icon: str = "file"
    group: str | Promise = ""
    order: int = 50
    visible: Callable[[Person], bool] | None = None

    def drawn(self, here: bool) -> SafeString:
        return _link(self.url, here, self.icon, escape(self.label))


@dataclass
class Navigation:
    """The side bar in pieces of HTML. Drawn here, for it stands on every page: template loops cost twice as much.

    One group is unfolded: that of the page, else the first.
    """

    links: SafeString = NOTHING
    views: SafeString = NOTHING
    groups: dict[str, SafeString] = field(default_factory=dict)
    opened: str = ""


def _link(url: str, here: bool, sign: str, label: str) -> SafeString:
    mark = ' aria-current="page"' if here else ""
    return SafeString(f'<a href="{escape(url)}"{mark}>{icon(sign)}{label}</a>\n')


def _administrates(person: Person) -> bool:
    return Role.ADMINISTRATOR in rights_of(person).roles


_places = [
    Place(_("Bulk actions"), "/bulk/", "list-checks", order=81, visible=may_note),
    Place(_("People"), "/accounts/people/", "users", _("Administration"), 90, _administrates),
    Place(_("Units"), "/accounts/units/", "network", _("Administration"), 91, _administrates),
]


def place(label: str | Promise, url: str, **options: object) -> None:
    """Add a page of a room to the side bar; called in its pages.py."""
    _places.append(Place(label, url, **options))  # type: ignore[arg-type]


@each_language
def _register(kind: Kind) -> Place:
    return Place(capital(kind.plural), kind.url, kind.icon, str(kind.group))


def places(person: Person) -> list[Place]:
    """Everything this person may go to: the rooms' pages in their order, then the registers."""
    rights = rights_of(person)
    found = [one for one in sorted(_places, key=lambda one: one.order) if one.visible is None or one.visible(person)]
    registers = [
        _register(kind)
        for kind in kinds()
        if kind.group and (rights.may(kind.rules.handle, "read") or rights.may(kind.rules.create, "create"))
    ]
    return [one for one in found if one.order < 90] + registers + [one for one in found if one.order >= 90]


def of(request: HttpRequest, counted: bool = False) -> Navigation:
    """The side bar as this person sees it on this page."""
    found, person = Navigation(), request.user
    if not isinstance(person, Person):
        return found
    known = places(person)
    fitting = [one.url for one in known if request.path.startswith(one.url) and (one.url != "/" or request.path == "/")]
    nearest = max(fitting, key=len, default="")
    for one in known:
        here, heading = one.url == nearest, str(one.group)
        link = one.drawn(here)
        if heading:
            if here or not found.opened:
                found.opened = heading
            found.groups[heading] = found.groups.get(heading, NOTHING) + link
        else:
            found.links += link
    for view in aside.views_of(request):
        if view.pinned and (url := aside.url_of(view)):
            count = f'<span class="n">{aside.count_of(person, view)}</span>' if counted else ""
            label = f'<span class="clip">{escape(view.name)}</span>{count}'
            found.views += _link(url, request.GET.get("view") == str(view.pk), "pin", label)
    return found
