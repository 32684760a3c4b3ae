"""To which standards an auditor from outside is held. Who does anything else here is held to none."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.compliance.catalogue import requirements
from comity.compliance.models import AuditScope
from comity.records.access import READERS
from comity.records.trail import Actor, Thing, log


def scope_of(person: Person) -> frozenset[str] | None:
    """The codes of the standards that this person may see; None: all of them."""
    held = rights_of(person).held
    if not held or not held <= READERS:
        return None
    return frozenset(AuditScope.objects.filter(person=person).values_list("standard", flat=True)) or None


def covers(person: Person, code: str) -> bool:
    """Does the scope take in this standard? All standards together (an empty code) only where there is no scope."""
    scope = scope_of(person)
    return scope is None or code in scope


def requirements_of(person: Person) -> list[str] | None:
    """The requirements of these standards; None: all there are."""
    scope = scope_of(person)
    return None if scope is None else [one.id for one in requirements().values() if one.standard in scope]


@transaction.atomic
def limit(person: Person, codes: Iterable[str], actor: Actor) -> None:
    """Hold an auditor to these standards from now on; to none with an empty list. The trail keeps what it was."""
    before = sorted(AuditScope.objects.filter(person=person).values_list("standard", flat=True))
    after = sorted(set(codes))
    if before == after:
        return
    AuditScope.objects.filter(person=person).delete()
    AuditScope.objects.bulk_create(AuditScope(person=person, standard=code) for code in after)
    log(Thing.of(person), "scoped", actor, changes={"standards": [before, after]})
