"""Records that carry what makes them usable, and hang together: register_complete, linked."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from comity.compliance.compiler import Members, bound, column, is_empty, members, where
from comity.compliance.compiler import linked as tied_to
from comity.compliance.families import Arguments, family, many
from comity.compliance.inquiry import Inquiry
from comity.compliance.outcome import Lot, Outcome, Single
from comity.compliance.rules.conditions import Compare
from comity.records.facts import Rows, Unrecorded
from comity.records.models import Entry

WHILE_OPEN, ONCE_DUE = "next_due", "completion_report"
NONE = "none"  # the act by which somebody states, with a reason, that there is nothing to record


def none_stated(part: Members, field: str) -> Q:
    """The rows of which a named person said that there is none of the field."""
    said = Entry.objects.filter(kind=kind_name(part), act=NONE, note__gt="", changes__has_key=field)
    return Q(pk__in=said.values("record_id"))


def kind_name(part: Members) -> str:
    from comity.records.kind import kind_of

    return kind_of(part.vocabulary.model).name


@family
def register_complete(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Members have the fields filled, early enough, in order, reconfirmed; the register has enough of them."""
    lots = [_complete(inquiry, part, arguments) for part in members(inquiry, arguments["population"])]
    singles: list[Single] = []
    least = arguments.get("min")
    if least and sum(lot.size for lot in lots) < least:
        singles.append(Single(arguments["population"], _("fewer than %(least)s recorded") % {"least": least}))
    return Outcome(tuple(lots), tuple(singles))


def _complete(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    fields, vocabulary, rows = many(arguments["fields"]), part.vocabulary, part.rows
    allowed = set(many(arguments.get("none_allowed")))
    empty = {name: _lacking(inquiry, part, name, name in allowed) for name in fields}
    wrong = Q()
    for question in empty.values():
        wrong |= question
    if before := arguments.get("before"):
        fact = vocabulary.fact(before)
        come = Q(**{f"{fact.path}__lte": bound(vocabulary.model, fact.path, _by(inquiry, arguments))})
        rows = rows.filter(come) if "lead" not in arguments else rows
        wrong = (wrong & come) | _filled_late(inquiry, part, fact.path, fields)
    if least := arguments.get("at_least"):
        wrong |= _short_lists(inquiry, part, fields, int(inquiry.number(least)), allowed)
    for earlier, later in zip(many(arguments.get("in_order")), many(arguments.get("in_order"))[1:], strict=False):
        wrong |= Q(**{f"{vocabulary.fact(later).path}__lt": F(vocabulary.fact(earlier).path)})
    if within := arguments.get("reconfirmed_within"):
        wrong |= _unconfirmed(inquiry, part, within)
    return Lot(part.kind, rows, rows.filter(wrong) if wrong else rows.none(), detail=_missing(part, empty))


def _by(inquiry: Inquiry, arguments: Arguments) -> Any:
    return inquiry.after(arguments["lead"]) if "lead" in arguments else inquiry.as_of


def _lacking(inquiry: Inquiry, part: Members, name: str, none_allowed: bool) -> Q:
    """That the field is empty where it must not be."""
    vocabulary = part.vocabulary
    question = is_empty(vocabulary, vocabulary.fact(name))
    if name == WHILE_OPEN:
        question &= where(inquiry, vocabulary, Compare("status", "=", "open"))
    if name == ONCE_DUE:
        due = vocabulary.fact("due_on").path
        question &= Q(**{f"{due}__lt": bound(vocabulary.model, due, inquiry.as_of)})
    return question & ~none_stated(part, name) if none_allowed else question


def _filled_late(inquiry: Inquiry, part: Members, before: str, fields: list[str]) -> Q:
    """Rows of which the trail says that a field got its first value after the moment it should have had one."""
    late = Q()
    for name in fields:
        path = part.vocabulary.fact(name).path
        filled = Entry.objects.filter(
            kind=kind_name(part), record_id=OuterRef("pk"), happened_at__gt=OuterRef(before), at__lte=inquiry.as_of
        )
        filled = filled.filter(Q(**{f"changes__{path}__0": None}) | Q(**{f"changes__{path}__0": ""}))
        late |= Q(Exists(filled.filter(changes__has_key=path)))
    return late


def _short_lists(inquiry: Inquiry, part: Members, fields: list[str], least: int, allowed: set[str]) -> Q:
    short = Q()
    for name in fields:
        path = part.vocabulary.fact(name).path
        found = [pk for pk, value in part.rows.order_by().values_list("pk", path) if len(value or ()) < least]
        question = Q(pk__in=found)
        short |= question & ~none_stated(part, name) if name in allowed else question
    return short


def _unconfirmed(inquiry: Inquiry, part: Members, within: str) -> Q:
    """Neither confirmed nor made in the time."""
    vocabulary = part.vocabulary
    path, made = vocabulary.fact("reconfirmed_at").path, vocabulary.fact("entered_at").path
    since = inquiry.before(within)
    confirmed = Q(**{f"{path}__gt": bound(vocabulary.model, path, since)})
    return ~confirmed & Q(**{f"{made}__lte": since})


def _missing(part: Members, empty: dict[str, Q]) -> Any:
    def detail(record: Any) -> str:
        rows = part.vocabulary.model._default_manager.filter(pk=record.pk)
        lacking = [name for name, question in empty.items() if rows.filter(question).exists()]
        return ", ".join(label(part, name) for name in lacking)

    return detail


def label(part: Members, name: str) -> str:
    """What people call the field."""
    field = column(part.vocabulary.model, part.vocabulary.fact(name).path)
    return str(getattr(field, "verbose_name", name))


@family
def linked(inquiry: Inquiry, arguments: Arguments) -> Outcome:
    """Members are tied to enough of what they depend on."""
    if "each_of" in arguments:
        raise Unrecorded(f"facets of {arguments['population']}")
    return Outcome(tuple(_tied(inquiry, part, arguments) for part in members(inquiry, arguments["population"])))


def _tied(inquiry: Inquiry, part: Members, arguments: Arguments) -> Lot:
    counted = {"min", "max", "distinct"} & set(arguments)
    if counted:
        wrong = Q(pk__in=_miscounted(inquiry, part, arguments))
    elif "to_each" in arguments:
        wrong = Q()
        for name in many(arguments["to_each"]):
            wrong |= ~_to_any(inquiry, part, [name], arguments)
    else:
        wrong = ~_to_any(inquiry, part, many(arguments["to"]), arguments)
    if arguments.get("none_allowed"):
        wrong &= ~none_stated(part, "links")
    if within := arguments.get("reconfirmed_within"):
        wrong |= _unconfirmed(inquiry, part, within)
    return Lot(part.kind, part.rows, part.rows.filter(wrong))


def _to_any(inquiry: Inquiry, part: Members, names: list[str], arguments: Arguments) -> Q:
    found = Q()
    for name in names:
        for target in members(inquiry, name):
            found |= tied_to(part.kind, target)
    return found


def _miscounted(inquiry: Inquiry, part: Members, arguments: Arguments) -> list[int]:
    """Members with too few or too many ties, counted once for each value of `distinct`."""
    seen: dict[int, set[Any]] = {}
    for name in many(arguments["to"]):
        for target in members(inquiry, name):
            for pk, value in pairs(part, target, arguments.get("distinct")):
                seen.setdefault(pk, set()).add(value)
    sizes = Counter({pk: len(values) for pk, values in seen.items()})
    least = _least(inquiry, arguments.get("min"), 0 if "max" in arguments else 1)
    most = int(inquiry.number(arguments["max"])) if "max" in arguments else None
    every = part.rows.order_by().values_list("pk", flat=True)
    return [pk for pk in every if sizes[pk] < least or (most is not None and sizes[pk] > most)]


def _least(inquiry: Inquiry, told: Any, default: int) -> int:
    return default if told is None else told if isinstance(told, int) else int(inquiry.number(told))


def pairs(part: Members, target: Members, distinct: str | None) -> Rows | list[tuple[int, Any]]:
    """Which member is tied to which: (its id, the other's id or its value of `distinct`)."""
    from comity.records.facts import tied

    value = target.vocabulary.fact(distinct).path if distinct else "pk"
    if path := tied(target.kind, part.kind):
        return (
            target.rows.order_by().filter(**{f"{path}__in": part.rows.order_by().values("pk")}).values_list(path, value)
        )
    if path := tied(part.kind, target.kind):
        rows = part.rows.order_by().filter(**{f"{path}__in": target.rows.order_by().values("pk")})
        return rows.values_list("pk", f"{path}__{value}" if distinct else path)
    raise Unrecorded(f"how {part.kind} and {target.kind} are tied")
