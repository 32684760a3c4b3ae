"""Records that carry what makes them usable: register_complete."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Exists, F, JSONField, OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance.columns import bound, column
from comity.compliance.compiler import where
from comity.compliance.families import Arguments, family, many, over
from comity.compliance.families.fields import label, none_stated, unfilled
from comity.compliance.families.moments import made
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Fault, Lot, Outcome, Single, judged
from comity.compliance.reasons import later, length, on
from comity.compliance.rules.conditions import Compare
from comity.compliance.ties import Members
from comity.records.facts import Unrecorded
from comity.records.kind import kind_of
from comity.records.models import Entry

WHILE_OPEN, ONCE_DUE = "next_due", "completion_report"


@family("population fields none_allowed before lead in_order reconfirmed_within at_least min")
def register_complete(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Members have the fields filled, early enough, in order, reconfirmed; the register has enough of them."""
    found = over(inquiry, arguments["population"], lambda part: _complete(inquiry, part, arguments))
    least = int(arguments.get("min", 0))
    if not least or sum(lot.size for lot in found.lots) >= least:
        return found
    few = later(lambda: _("fewer than %(least)s recorded") % {"least": least})
    return Outcome(found.lots, (Single(arguments["population"], few),), unrecorded=found.unrecorded)


def _complete(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    fields, rows, vocabulary = many(arguments["fields"]), part.rows, part.vocabulary
    allowed = {name: none_stated(inquiry, vocabulary, name) for name in many(arguments.get("none_allowed"))}
    faults = [_lacking(inquiry, part, name, allowed.get(name)) for name in fields]
    if before := arguments.get("before"):
        moment = vocabulary.fact(before).path
        come = Q(**{f"{moment}__lte": bound(vocabulary.model, moment, _latest(inquiry, arguments))})
        rows = rows.filter(come) if "lead" in arguments else rows
        faults = [Fault(one.question & come, one.words) for one in faults]
        faults += [_filled_late(inquiry, part, moment, name, arguments) for name in fields]
    if least := arguments.get("at_least"):
        faults += [_short(part, name, int(inquiry.number(least)), allowed.get(name)) for name in fields]
    faults += [_disorder(part, *pair) for pair in pairwise(many(arguments.get("in_order")))]
    if within := arguments.get("reconfirmed_within"):
        faults.append(unconfirmed(inquiry, part, within))
    return judged(part.kind, rows, faults)


def _latest(inquiry: Inquiry, arguments: Arguments) -> datetime:
    """What is due before this moment has to be filled by now."""
    return inquiry.after(arguments["lead"]) if "lead" in arguments else inquiry.as_of


def _lacking(inquiry: Inquiry, part: Members, name: str, unless: Q | None) -> Fault:
    """That the field is empty where it must not be: two of them are asked for only while open, and once due."""
    vocabulary, fault = part.vocabulary, unfilled(part.vocabulary, name, unless)
    if name == WHILE_OPEN:
        return Fault(fault.question & where(inquiry, vocabulary, Compare("status", "=", "open")), fault.words)
    if name == ONCE_DUE:
        due = vocabulary.fact("due_on").path
        past = Q(**{f"{due}__lt": bound(vocabulary.model, due, inquiry.as_of)})
        return Fault(fault.question & past, fault.words)
    return fault


def _filled_late(inquiry: Inquiry, part: Members, before: str, name: str, arguments: Arguments) -> Fault:
    """The trail says that the field got its first value after the moment before which it should have had one.

    With `lead` that moment lies so long earlier; a record that was made later than that had to be complete at once.
    """
    path = part.vocabulary.fact(name).path
    entries = Entry.objects.filter(kind=kind_of(part.vocabulary.model).name, record_id=OuterRef("pk"))
    first = entries.filter(Q(**{f"changes__{path}__0": None}) | Q(**{f"changes__{path}__0": ""})).filter(
        changes__has_key=path, at__lte=inquiry.as_of
    )
    if "lead" in arguments:
        ahead = inquiry.after(arguments["lead"]) - inquiry.as_of
        first = first.filter(happened_at__gt=OuterRef(before) - ahead).exclude(act="create")
    else:
        first = first.filter(happened_at__gt=OuterRef(before))

    def words(row: Any) -> str:
        filled_at = first_of(row)
        return _("%(name)s filled on %(day)s, too late") % {"name": label(part.vocabulary, name), "day": on(filled_at)}

    def first_of(row: Any) -> Any:
        own = Entry.objects.filter(kind=kind_of(part.vocabulary.model).name, record_id=row.pk, changes__has_key=path)
        return own.order_by("pk").values_list("happened_at", flat=True).last()

    return Fault(Q(Exists(first)), words)


def _short(part: Members, name: str, least: int, unless: Q | None) -> Fault:
    """A list with too few entries in it."""
    path = part.vocabulary.fact(name).path
    if not isinstance(column(part.vocabulary.model, path), JSONField):
        raise Unrecorded(f"{part.kind}.{name}, one by one")
    short = Q(pk__in=[pk for pk, value in part.rows.order_by().values_list("pk", path) if len(value or ()) < least])
    short = short if unless is None else short & ~unless
    return Fault(
        short,
        lambda row: _("fewer than %(least)s in %(name)s") % {"least": least, "name": label(part.vocabulary, name)},
    )


def _disorder(part: Members, earlier: str, later_one: str) -> Fault:
    first, second = part.vocabulary.fact(earlier).path, part.vocabulary.fact(later_one).path

    def words(row: Any) -> str:
        names = {"one": label(part.vocabulary, later_one), "other": label(part.vocabulary, earlier)}
        return _("%(one)s lies before %(other)s") % names

    return Fault(Q(**{f"{second}__lt": F(first)}), words)


def unconfirmed(inquiry: Inquiry, part: Members, within: str) -> Fault:
    """Neither confirmed nor made in the time."""
    vocabulary, since = part.vocabulary, inquiry.before(within)
    path, begun = vocabulary.fact("reconfirmed_at").path, made(vocabulary)
    confirmed = Q(**{f"{path}__gt": bound(vocabulary.model, path, since)})
    old = Q(**{f"{begun}__lte": bound(vocabulary.model, begun, since)})

    def words(row: Any) -> str:
        last = type(row)._default_manager.filter(pk=row.pk).values_list(path, flat=True).first()
        return _("last confirmed: %(day)s; asked for within %(time)s") % {
            "day": on(last), "time": length(inquiry.limit(within)),
        }  # fmt: skip

    return Fault(~confirmed & old, words)
