"""What a person may at this moment: one query a request, asked of everywhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone

from comity.accounts.matrix import MATRIX, Permission, Scope, Verb, parse
from comity.accounts.models import Grant, Person, Unit, in_force
from comity.accounts.prepared import ANY, prepared
from comity.accounts.roles import CONTACTS, STAFF, Role


@dataclass(frozen=True)
class Rights:
    """The roles a person acts under now, and where; made by ``rights_of``."""

    roles: frozenset[Role] = frozenset()
    held: frozenset[Role] = frozenset()
    _reach: dict[Role, frozenset[int] | None] = field(default_factory=dict)
    first: int | None = None  # the unit that leads the tree

    @property
    def must_choose(self) -> bool:
        """Holds the administrator group beside others, so acts under one at a time."""
        return Role.ADMINISTRATOR in self.held and len(self.held) > 1

    def units(self, roles: Iterable[Role]) -> frozenset[int] | None:
        """Ids of the units where any of these roles is held, subtrees included; None is everywhere."""
        found: set[int] = set()
        for role in self.roles.intersection(roles):
            reach = self._reach[role]
            if reach is None:
                return None
            found |= reach
        return frozenset(found)

    def cell(self, row: str, role: Role) -> Permission:
        return parse(MATRIX[row][role])

    def may(self, row: str, verb: Verb) -> frozenset[Role]:
        """Those of the person's roles to which the matrix gives this verb on this row."""
        return _granting(self.roles, row, verb)

    @property
    def tells(self) -> bool:
        """May the person write to outside parties? Whoever may put an exchange with them on record."""
        return bool(self.may("communication", "create"))

    def scope(self, row: str, verb: Verb) -> Scope:
        """The widest reach any of the person's roles gives: all, own, or none."""
        reaches = {self.cell(row, role).scope(verb) for role in self.roles}
        return "all" if "all" in reaches else "own" if "own" in reaches else ""


def is_contact(person: Person) -> bool:
    """Does the person stand for an outside party only, and hold nothing inside?"""
    held = rights_of(person).held
    return bool(held) and held <= CONTACTS


def own_people(also_shut_out: bool = False) -> QuerySet[Person]:
    """Our own active people, or also those shut out: all but who is, or once was, here for an outside party only."""
    grants = Grant.objects.filter(person=OuterRef("pk"))
    inside = grants.filter(in_force(timezone.localdate()), role__in=STAFF)
    rows = Person.objects.filter(Q(Exists(inside)) | ~Q(Exists(grants.filter(role__in=CONTACTS))))
    return rows if also_shut_out else rows.filter(is_active=True)


@lru_cache(maxsize=10_000)
def _granting(roles: frozenset[Role], row: str, verb: Verb) -> frozenset[Role]:
    return frozenset(role for role in roles if parse(MATRIX[row][role]).scope(verb))


def rights_of(person: Person) -> Rights:
    """Read the person's rights once, then from the instance. Somebody not current has none."""
    if person._rights is None:
        person._rights = _read(person)
    return person._rights


@prepared
def _units(today: date) -> QuerySet[Unit, tuple[int, str, str | None]]:
    """All units, each with the roles that the person holds there on that day."""
    mine = Q(grants__person=ANY) & in_force(today, "grants__")
    rows = Unit.objects.annotate(mine=FilteredRelation("grants", condition=mine))
    return rows.order_by().values_list("pk", "path", "mine__role")


def _read(person: Person) -> Rights:
    if person.pk is None or not person.current:
        return Rights()
    paths: dict[int, list[int]] = {}
    where: defaultdict[Role, set[int]] = defaultdict(set)
    for unit, path, role in _units(person.pk, timezone.localdate()):
        paths[unit] = [int(step) for step in path.split("/")[:-1]]
        if role:
            where[Role(role)].add(unit)
    roots = {path[0] for path in paths.values()}
    reach: dict[Role, frozenset[int] | None] = {
        role: None if roots <= units else frozenset(u for u, path in paths.items() if units.intersection(path))
        for role, units in where.items()
    }
    held = frozenset(reach)
    first = min(paths, key=lambda unit: paths[unit], default=None)
    return Rights(roles=acting(held, person.acting_group), held=held, _reach=reach, first=first)


def acting(held: frozenset[Role], group: str) -> frozenset[Role]:
    """The administrator group never acts together with another: administrators have no say in evidence."""
    administrator = frozenset({Role.ADMINISTRATOR})
    if not administrator < held:
        return held
    return administrator if group == Role.ADMINISTRATOR else held - administrator
