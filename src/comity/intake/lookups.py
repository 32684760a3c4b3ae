"""Names of other systems turned into records and terms of ours; absent ones are registered if the mapping says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import slugify
from django.utils.translation import gettext as _

from comity.accounts.models import Unit
from comity.intake.mapping import WrongMapping
from comity.intake.values import Wanted
from comity.records.access import NotAllowed, within_reach
from comity.records.bulk import Bulk, Incoming
from comity.records.kind import Kind, kind_named
from comity.records.models import Term
from comity.records.trail import Actor

TERM = "term:"
Name = tuple[str, str, str]


class Lookups:
    """What has been looked up so far. One query for each kind and batch."""

    def __init__(self, actor: Actor, unit: Unit | None, note: str) -> None:
        self.actor, self.unit, self.note = actor, unit, note
        self.found: dict[Name, Any] = {}
        self.problems: dict[Name, str] = {}
        self.created: list[Name] = []
        self._bulks: dict[str, Bulk] = {}

    def resolve(self, wanted: Iterable[Wanted]) -> None:
        """Look all of these up, those first that others refer to."""
        missing = {name_of(one): one for one in wanted if name_of(one) not in self.found}
        if not missing:
            return
        self.resolve(value for one in missing.values() for _name, value in one.data if isinstance(value, Wanted))
        by_kind: dict[tuple[str, str], list[Wanted]] = {}
        for one in missing.values():
            by_kind.setdefault((one.kind, one.by), []).append(one)
        for (kind, by), some in by_kind.items():
            if kind.startswith(TERM):
                self._terms(kind.removeprefix(TERM), some)
            else:
                self._records(_kind(kind, by), by, some)

    def answer(self, one: Wanted) -> Any:
        """The record or term, or None; `problem` then says why."""
        return self.found.get(name_of(one))

    def problem(self, one: Wanted) -> str:
        return self.problems.get(name_of(one)) or _("There is no “%(text)s” here.") % {"text": one.text[:80]}

    def begin(self) -> None:
        """A new batch: remember what it creates."""
        self.created, self.problems = [], {}

    def rolled_back(self) -> None:
        """What the batch created is gone again."""
        for name in self.created:
            self.found.pop(name, None)
        self.begin()

    def _terms(self, name: str, wanted: list[Wanted]) -> None:
        words = {one.text for one in wanted}
        for term in Term.objects.filter(list=name, label__in={word[:120] for word in words}):
            self.found.setdefault((TERM + name, "label", term.label), term)
        for one in wanted:
            at, short = name_of(one), one.text[:120]
            known = self.found.get((TERM + name, "label", short))
            if known is None and one.create:
                code = slugify(short, allow_unicode=True)[:60] or "term"
                mark = hashlib.sha256(short.encode()).hexdigest()[:8]
                known, _new = Term.objects.get_or_create(
                    list=name, code=f"{code}-{mark}", defaults={"label": short, "active": True}
                )
                self.created.append((TERM + name, "label", short))
            if known is not None:
                self.found[at] = self.found[(TERM + name, "label", short)] = known
                if at[2] != short:
                    self.created.append(at)

    def _records(self, kind: Kind, by: str, wanted: list[Wanted]) -> None:
        rows = within_reach(kind, self.actor)
        texts = [one.text for one in wanted]
        for record in rows.filter(**{f"{by}__in": texts}).order_by("-pk"):
            self.found[(kind.name, by, str(getattr(record, by)))] = record
        refs = [text for text in texts if text.startswith(f"{kind.ref}-")]
        for record in rows.filter(ref__in=refs) if refs else ():
            self.found[(kind.name, by, record.ref)] = record
        absent = [one for one in wanted if one.create and name_of(one) not in self.found]
        if not absent:
            return
        try:
            bulk = self._bulks.get(kind.name) or Bulk(kind, actor=self.actor, unit=self.unit, note=self.note)
        except NotAllowed:
            for one in absent:
                self.problems[name_of(one)] = _("“%(text)s” is not here, and you may not register it.") % {
                    "text": one.text[:80]
                }
            return
        self._bulks[kind.name] = bulk
        bulk.checker.forget()
        incoming = [Incoming({by: one.text, **self._data(one)}) for one in absent]
        written = bulk.write(enumerate(incoming))
        for index, record in written.created:
            self.found[name_of(absent[index])] = record
            self.created.append(name_of(absent[index]))
        for index, messages in written.errors:
            words = "; ".join(f"{field}: {' '.join(texts)}" for field, texts in messages.items())
            self.problems[name_of(absent[index])] = _("“%(text)s” cannot be registered: %(why)s") % {
                "text": absent[index].text[:80], "why": words,
            }  # fmt: skip

    def _data(self, one: Wanted) -> dict[str, Any]:
        found = {}
        for name, value in one.data:
            if isinstance(value, Wanted):
                value = plain_name(self.answer(value))
            if value is not None:
                found[name] = value
        return found


def name_of(one: Wanted) -> Name:
    return (one.kind, one.by, one.text)


def plain_name(thing: Any) -> str | None:
    """How the doors name it: a term by its code, a record by its reference."""
    return None if thing is None else str(thing.code if isinstance(thing, Term) else thing.ref)


def _kind(name: str, by: str) -> Kind:
    try:
        kind = kind_named(name)
        kind.field(by)
    except (KeyError, FieldDoesNotExist) as error:
        raise WrongMapping(
            _("The mapping looks up %(kind)s by %(by)s, which is not there.") % {"kind": name, "by": by}
        ) from error
    return kind
