"""Whether everybody heard whom a record itself names: those who took part, those who stand in a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from comity.compliance.families import Arguments
from comity.compliance.families.moments import happened
from comity.compliance.inquiry import Inquiry
from comity.compliance.ties import Members, pairs
from comity.records.facts import spoken

Heard = dict[int, list[tuple[int, datetime]]]  # by member: who heard, and when


def everybody(inquiry: Inquiry, part: Members, said: Members, names: tuple[str, str], arguments: Arguments) -> Q:
    """Members of which all heard in time: contacts by a communication, our own people by their acceptance of it."""
    contacts, own = names
    good = _all(inquiry, part, contacts, _heard(part, said, "contact", "occurred_at"), arguments)
    if own:
        vocabulary = spoken("acceptance")
        given = Members("acceptance", vocabulary.rows.filter(status="given", accepted_at__lte=inquiry.as_of))
        good &= _all(inquiry, part, own, _heard(part, given, "person", "accepted_at"), arguments)
    return Q(pk__in=good)


def _heard(part: Members, by: Members, who: str, when: str) -> Heard:
    path, moment = (by.vocabulary.fact(name).path for name in (who, when))
    told = {pk: (whom, at) for pk, whom, at in by.rows.values_list("pk", path, moment) if whom}
    found: Heard = defaultdict(list)
    for member, pk in pairs(part, by):
        if pk in told:
            found[member].append(told[pk])
    return found


def _all(inquiry: Inquiry, part: Members, name: str, heard: Heard, arguments: Arguments) -> set[int]:
    """Who names nobody has nobody to tell."""
    since, within = arguments.get("since"), arguments.get("within")
    start = part.vocabulary.fact(since).path if since else happened(part.kind)
    begun: dict[int, datetime] = {}
    named: dict[int, set[int]] = defaultdict(set)
    rows: Iterable[Any] = part.rows.order_by().values_list("pk", start, part.vocabulary.fact(name).path)
    for pk, at, whom in rows:
        begun[pk] = at
        named[pk] |= {whom} - {None}

    def in_time(pk: int, at: datetime) -> bool:
        late = within and at > inquiry.due(begun[pk], within)
        return not late and not (since and at < begun[pk])

    return {pk for pk in begun if named[pk] <= {whom for whom, at in heard.get(pk, ()) if in_time(pk, at)}}
