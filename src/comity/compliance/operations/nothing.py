"""Where nothing exists to record, a named person says so, with a reason: dated evidence, where an empty field is none.

The catalogue says where that is allowed (`none_allowed`). A statement is a line of the record's trail, act `none`,
under the name of the field; of what a record should be tied to, under `links`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef
from django.utils.translation import gettext as _

from comity.compliance.catalogue import Use, shipped, words
from comity.compliance.families import many
from comity.compliance.families.fields import NONE
from comity.compliance.operations.silences import uses
from comity.records.access import NotAllowed, may
from comity.records.facts import Unrecorded, spoken
from comity.records.forms import blank
from comity.records.hanging import hangs, has
from comity.records.kind import Kind, is_kind, kind_of
from comity.records.models import Entry, Record
from comity.records.trail import Actor, log

LINKS = "links"


def allowed(kind: Kind) -> Mapping[str, tuple[str, ...]]:
    """Of what records of the kind may say that there is none, and the requirements that let them."""
    return _allowed().get(kind.name, {})


@cache
def _allowed() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for requirement in shipped().requirements.values():
        for use in uses(requirement.use):
            if use.arguments.get("none_allowed"):
                for kind in filter(None, _kinds(use)):
                    for name in _names(use):
                        found[kind][name] = (*found[kind].get(name, ()), requirement.id)
    return found


def _names(use: Use) -> list[str]:
    told = use.arguments["none_allowed"]
    return many(told) if told is not True else many(use.arguments.get("fields")) or [LINKS]


def _kinds(use: Use) -> Iterator[str]:
    """The kinds whose records are examined; empty for those that this installation does not keep."""
    name = "kind" if use.rule == "planned_interval" else "population"
    for one in many(use.arguments.get(name)):
        yield from _members(one)


def _members(name: str) -> Iterator[str]:
    known = words().populations.get(name)
    for other in known.any_of if known else ():
        yield from _members(other)
    try:
        vocabulary = spoken((known.kind if known else name) or "")
        if known and known.each:
            vocabulary = spoken(vocabulary.fact(known.each).to)
    except Unrecorded:
        return
    if is_kind(vocabulary.model):
        yield kind_of(vocabulary.model).name


def state(record: Record, name: str, reason: str, *, actor: Actor) -> Entry:
    """Put on record that there is none of it. Who may change the record may say so. Raises ValidationError."""
    if not may(actor, record, "edit"):
        raise NotAllowed("edit")
    if name not in allowed(kind_of(record)):
        raise ValidationError({"name": _("Here an entry cannot be replaced by a statement.")})
    if blank(reason):
        raise ValidationError({"reason": _("Say why.")})
    with transaction.atomic():
        return log(record, NONE, actor, changes={name: [None, NONE]}, note=reason.replace("\x00", ""))


hangs("none", lambda kind: Entry.objects.filter(kind=kind, record_id=OuterRef("pk"), act=NONE))


def stated(record: Any) -> list[Entry]:
    """What was said of this record, newest first."""
    if not has(record, "none"):
        return []
    return list(Entry.objects.filter(kind=kind_of(record).name, record_id=record.pk, act=NONE).order_by("-pk"))
