"""Who may see and do what: `readable` is the only source of rows for any door, `may` answers for one verb."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Q, QuerySet

from comity.accounts.matrix import Verb
from comity.accounts.models import Person
from comity.accounts.rights import Rights, rights_of
from comity.accounts.roles import Role
from comity.records.kind import Kind, kind_of
from comity.records.models import GuardedQuerySet, Record

if TYPE_CHECKING:
    from comity.records.write import Actor

OUTSIDE = frozenset({Role.CUSTOMER_CONTACT, Role.SUPPLIER_CONTACT})
READERS = frozenset({Role.AUDITOR})


class NotAllowed(Exception):
    """The person may read the record but not do this with it (403)."""


class NotReadable(Exception):
    """The person may not know that the record exists (404)."""


def _own(kind: Kind, person: Person) -> Q:
    mine = Q()
    for path in kind.own:
        mine |= Q(**{path: True if path.endswith("__isnull") else person})
    return mine


def _within(units: frozenset[int] | None) -> Q:
    return Q() if units is None else Q(unit_id__in=units)


def _split(rights: Rights, row: str, verb: Verb) -> tuple[set[Role], set[Role]]:
    """Roles of the person that grant the verb on all records, and on own records only."""
    everything: set[Role] = set()
    own: set[Role] = set()
    for role in rights.may(row, verb):
        (own if role in OUTSIDE or rights.cell(row, role).scope(verb) == "own" else everything).add(role)
    return everything, own


def readable(kind: Kind, person: Person) -> GuardedQuerySet[Any]:
    """The rows of a kind that a person may read now; an empty queryset without a grant.

    What a person entered stays readable to him while he may register such records at all.
    """
    rights = rights_of(person)
    everything, own = _split(rights, kind.rules.handle, "read")
    rows: Any = kind.model._default_manager.all()
    units = rights.units(everything) if everything else frozenset()
    if units is not None:
        scope = _within(units) if units else Q(pk__in=())
        inside = own - OUTSIDE
        if inside:
            scope |= _within(rights.units(inside)) & _own(kind, person)
        if own & OUTSIDE and kind.party:
            scope |= Q(**{kind.party: person})
        creators = rights.may(kind.rules.create, "create") - OUTSIDE
        if creators:
            scope |= Q(entered_by=person)
        if (duty := kind.model.entrusted(person, rights)) is not None:
            scope |= duty
        rows = rows.filter(scope)
        if own & OUTSIDE and kind.party:
            rows = rows.distinct()
    return cast("GuardedQuerySet[Any]", kind.narrow(rows, person, rights) if kind.narrow else rows)


def within_reach(kind: Kind, actor: Actor) -> QuerySet[Any]:
    """The rows that somebody may name: what the person may read, and everything when a rule acts."""
    return kind.model._default_manager.all() if actor.rule else readable(kind, actor.person)


def readable_of(records: Iterable[Record], person: Person) -> frozenset[Record]:
    """Those of these records that the person may read, so that a page leads to no others; one question for each kind,
    none where the person reads all of it."""
    of_kind: dict[str, list[Record]] = {}
    for record in records:
        of_kind.setdefault(kind_of(record).name, []).append(record)
    found: set[Record] = set()
    for some in of_kind.values():
        rows = readable(kind_of(some[0]), person)
        if rows.query.has_filters():
            known = set(rows.filter(pk__in=[one.pk for one in some]).values_list("pk", flat=True))
            some = [one for one in some if one.pk in known]
        found.update(some)
    return frozenset(found)


def readable_record(kind: Kind, person: Person, ref: str) -> Any:
    """One record by its reference. Raises NotReadable, whether it is absent or hidden."""
    record = readable(kind, person).filter(ref=ref).sole()
    if record is None:
        raise NotReadable(f"{kind.label} {ref}")
    return record


def _is_own(kind: Kind, record: Record, person: Person) -> bool:
    if record.entered_by_id == person.pk:
        return True
    for path in kind.own:
        target: Any = record
        names = path.split("__")
        unassigned = names[-1] == "isnull"
        for name in names[:-1] if unassigned else names:
            target = getattr(target, name, None)
        if (target is None) if unassigned else (target == person):
            return True
    return False


def _holds(rights: Rights, roles: set[Role] | frozenset[Role], record: Record) -> bool:
    if not roles:
        return False
    units = rights.units(roles)
    return units is None or record.unit_id in units


def may_note(person: Person, kind: Kind | None = None) -> bool:
    """May this person leave a note, a file or a link on what they read? Auditors leave nothing behind; administrators
    do so only on what they keep themselves, because they have no say in evidence."""
    rights = rights_of(person)
    if kind is not None and rights.roles == {Role.ADMINISTRATOR}:
        return bool(rights.may(kind.rules.handle, "edit"))
    return not rights.roles <= READERS


def may_tell(person: Person, record: Record) -> bool:
    """May this person leave what the customer sees? Not those who only read, nor anybody whom the record is about."""
    return rights_of(person).tells and may_note(person, kind_of(record)) and not record.barred(person)


def may(actor: Actor | Person, thing: Kind | Record, verb: str) -> bool:
    """May this person create in this kind, or read, edit, note, tell, or take the named move on this record?

    A move names its own roles, so the right to change never means the right to close.
    """
    person: Person = actor if isinstance(actor, Person) else actor.person
    if getattr(actor, "rule", ""):
        return True
    rights = rights_of(person)
    if isinstance(thing, Kind):
        if verb == "create":
            return bool(rights.may(thing.rules.create, "create"))
        return bool(rights.may(thing.rules.handle, cast(Verb, verb)))
    kind = kind_of(thing)
    if (verb == "note" and not may_note(person, kind)) or (verb == "tell" and not may_tell(person, thing)):
        return False
    if verb in ("read", "note", "tell"):
        return readable(kind, person).filter(pk=thing.pk).exists()
    if verb == "edit":
        if thing.barred(person):
            return False
        everything, own = _split(rights, kind.rules.handle, "edit")
        if _holds(rights, everything, thing):
            return True
        inside = own - OUTSIDE
        return _holds(rights, inside, thing) and _is_own(kind, thing, person)
    if kind.workflow is None:
        return False
    roles = frozenset(kind.workflow[verb].by) & rights.roles
    if roles & OUTSIDE:
        return bool(kind.party) and readable(kind, person).filter(pk=thing.pk).exists()
    return _holds(rights, roles, thing)


def creation_unit(kind: Kind, person: Person) -> int | None:
    """The unit a new record belongs to when none is named: the first in which the person may register it."""
    rights = rights_of(person)
    roles = rights.may(kind.rules.create, "create")
    units = rights.units(roles) if roles else frozenset()
    if units is None:
        return rights.first
    return min(units, default=None)
