"""What did not happen: the gaps of checks about absence, each with its owner and since when it was seen.

Nobody in charge, a review that is overdue, a reply that never came, a document past its review, something that nobody
confirmed or followed up. A standard asks that such things be noticed (ISO/IEC 20000-1:2011 7.1, CSMS:2003 8.3): this
list notices them without anybody asking.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from comity.accounts.models import Person
from comity.compliance import catalogue
from comity.compliance.catalogue import Requirement, Use
from comity.compliance.families.together import answer
from comity.compliance.inquiry import Inquiry, own_days
from comity.compliance.models import Silence
from comity.compliance.operations.computing import latest
from comity.compliance.outcome import Lot
from comity.compliance.reasons import gap
from comity.jobs.calm import calm
from comity.parties.models import Customer
from comity.records.access import readable
from comity.records.kind import Kind, is_kind, kind_of, kinds

log = logging.getLogger(__name__)
ABSENT = frozenset(
    {"responsibility_filled", "planned_interval", "clock_met", "document_in_force", "communicated", "followed_up",
     "accepted", "attested", "kpi_measured", "control_effective"}
)  # fmt: skip
TOLD = ("requirements", "standards", "ref", "owner_id", "customer_id", "since")  # what may change while it lasts
MOST = 200  # of one check; the register behind it has the rest


@dataclass
class Asked:
    """A check about absence, and the requirements that ask it."""

    use: Use
    by: list[Requirement] = field(default_factory=list)

    @property
    def key(self) -> str:
        return sha256(self.use.key.encode()).hexdigest()


def uses(use: Use) -> Iterator[Use]:
    """The rules that a rule is made of."""
    if use.rule != "all_of":
        yield use
    for part in use.arguments.get("parts", ()):
        yield from uses(Use(part["rule"], part["with"]))


def asked() -> list[Asked]:
    """Every check about absence once, however many requirements share it; excluded requirements ask nothing."""
    left_out = {name for name, one in latest().items() if one.excluded}
    found: dict[str, Asked] = {}
    for one in catalogue.requirements().values():
        for use in uses(one.use):
            if use.rule in ABSENT and one.id not in left_out:
                found.setdefault(use.key, Asked(use)).by.append(one)
    return list(found.values())


def found(inquiry: Inquiry) -> Iterator[Silence]:
    """What does not happen at this moment. Of a check that breaks, what was known stays; the board tells of it."""
    for one in asked():
        try:
            yield from list(_heard(inquiry, one))
        except DatabaseError:
            raise
        except Exception:
            log.exception("the rule of %s broke", one.by[0].id)
            yield from Silence.objects.filter(rule=one.key)


def _heard(inquiry: Inquiry, one: Asked) -> Iterator[Silence]:
    outcome = answer(inquiry, one.use)
    given = {
        "rule": one.key,
        "requirements": [requirement.id for requirement in one.by],
        "standards": f",{','.join(sorted({requirement.standard for requirement in one.by}))},",
    }
    for single in outcome.every_single:
        if single.missing:
            yield Silence(label=str(single.label)[:200], **given)
    for lot in outcome.every_lot:
        yield from _records(inquiry, one.use, lot, given)


def _records(inquiry: Inquiry, use: Use, lot: Lot, given: dict[str, Any]) -> Iterator[Silence]:
    model: Any = lot.scope.model
    if not lot.gap_count or not (is_kind(model) or model is Person):
        return
    kind = kind_of(model) if is_kind(model) else None
    rows = lot.gaps
    if kind:
        rows = rows.filter(archived_at__isnull=True)
        if use.rule == "clock_met" and kind.due:  # what ended late cannot be put right any more
            rows = rows.filter(**{f"{kind.due}__isnull": False})
    for row in rows.order_by("pk")[:MOST]:
        yield Silence(
            kind=kind.name if kind else "", record_id=row.pk, ref=row.ref if kind else "", label=str(row)[:200],
            owner_id=_owner(kind, row), customer_id=_customer(row), since=_since(inquiry, kind, row), **given,
        )  # fmt: skip


def _owner(kind: Kind | None, row: Any) -> int | None:
    """Whose it is: the first person whom the kind names; a person answers for himself. Asks nothing of the database."""
    if kind is None:
        return int(row.pk)
    names = (name for name in (*kind.own, "owner") if "__" not in name and kind.field(name).related_model is Person)
    return next((pk for name in names if (pk := getattr(row, f"{name}_id", None)) is not None), None)


def _customer(row: Any) -> int | None:
    return row.pk if isinstance(row, Customer) else getattr(row, "customer_id", None)


def _since(inquiry: Inquiry, kind: Kind | None, row: Any) -> datetime:
    """A deadline of its own that has passed, else the moment at which it is noticed."""
    due = getattr(row, kind.due, None) if kind and kind.due else None
    return due if isinstance(due, datetime) and due < inquiry.as_of else inquiry.as_of


def listen(moment: datetime | None = None) -> int:
    """Write down what does not happen now: new silences come, known ones keep their age, what has happened goes."""
    inquiry = Inquiry(moment or timezone.now())
    with calm(), own_days():
        now = {one.key: one for one in found(inquiry)}
    with transaction.atomic():
        known = {one.key: one for one in Silence.objects.all()}
        Silence.objects.filter(pk__in=[one.pk for key, one in known.items() if key not in now]).delete()
        changed = []
        for key, one in now.items():
            if was := known.get(key):
                one.pk, one.since = was.pk, min(was.since, one.since)
                if any(getattr(one, name) != getattr(was, name) for name in TOLD):
                    changed.append(one)
        Silence.objects.bulk_update(changed, TOLD, batch_size=500)
        Silence.objects.bulk_create([one for key, one in now.items() if key not in known], batch_size=500)
    return len(now)


def seen_by(person: Person, rows: Iterable[Silence]) -> list[Silence]:
    """Those of which the person may read the record; one question for each kind."""
    rows = list(rows)
    ids: dict[str, set[int]] = {}
    for one in rows:
        ids.setdefault(one.kind, set()).add(one.record_id)
    known = {kind.name: kind for kind in kinds()}
    open_to = {
        name: set(readable(known[name], person).filter(pk__in=wanted).values_list("pk", flat=True))
        for name, wanted in ids.items()
        if name in known
    }
    return [one for one in rows if not one.kind or one.record_id in open_to.get(one.kind, ())]


def sentence(one: Silence) -> str:
    """What is wrong, in the words of the first requirement that asks for it and in the reader's language.

    The details stand on the page of the requirement: asking for them costs questions for each row.
    """
    entry = catalogue.requirements().get(next(iter(one.requirements), ""))
    if entry is None:
        return ""
    return gap(entry, one.ref or one.label)
