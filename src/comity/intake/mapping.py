"""A mapping says in TOML how rows of another system become records: where each field comes from, what happened when.

`docs/import.md` describes the file. Nothing is guessed: a word that is not known here is an error that names its place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.intake.values import ISO, Rule, Source, Words

SHIPPED = Path(__file__).parent / "mappings"
_SOURCE = {"name", "title", "kind", "zone", "dates", "empty", "encoding", "delimiter", "sheet", "match", "key", "group"}
_RULE = {
    "column", "value", "template", "map", "contains", "otherwise", "default", "first", "most", "date", "lookup", "by",
    "create", "data", "term",
}  # fmt: skip
_STEP = {"at", "set", "when", "unless", "watch", "note", "public"}
_FLAG = {"earlier", "than", "note"}


class WrongMapping(ValueError):
    """The mapping itself is at fault. The message names the place."""


@dataclass(frozen=True)
class Step:
    """A rule for the past: at which time what was set, on the rows that `when` and `unless` admit."""

    at: Rule
    set: Mapping[str, Rule]
    when: tuple[tuple[str, Words, bool], ...] = ()  # column, words, whether they must be there
    watch: tuple[str, ...] = ()
    note: Rule | None = None
    public: bool = False


@dataclass(frozen=True)
class Flag:
    """A row that is taken although one time lies before another, with a remark on its timeline."""

    earlier: Rule
    than: Rule
    note: str


@dataclass(frozen=True)
class Plan:
    """One mapping as read: the kind, the source, and the rules."""

    name: str
    title: str
    kind: str
    source: Source
    match: tuple[str, ...]
    key: Rule | None
    fields: Mapping[str, Rule]
    steps: tuple[Step, ...] = ()
    flags: tuple[Flag, ...] = ()
    group: str = ""
    refs: bool = False  # the key is our own reference

    def fits(self, columns: Iterable[str]) -> bool:
        return bool(self.match) and set(self.match) <= set(columns)

    def typed(self, types: Mapping[str, str]) -> Plan:
        """The same, with dates where the record has dates. `types` names the columns of the record that take one."""

        def kept(rules: Mapping[str, Rule]) -> dict[str, Rule]:
            return {name: replace(rule, kept=rule.kept or types.get(name, "")) for name, rule in rules.items()}

        return replace(
            self, fields=kept(self.fields), steps=tuple(replace(step, set=kept(step.set)) for step in self.steps)
        )

    def of_file(self, path: Path) -> Plan:
        """The same, with the name of the file in the name of the source where that asks for it."""
        stem = path.name.split(".")[0]
        return replace(self, source=replace(self.source, name=self.source.name.replace("{file}", stem)[:60]))

    def rules(self) -> list[Rule]:
        """All rules that read columns."""
        found = [*self.fields.values(), *(rule for flag in self.flags for rule in (flag.earlier, flag.than))]
        for step in self.steps:
            found += [step.at, *step.set.values(), *(Rule(column=name) for name in step.watch)]
            found += [Rule(column=name) for name, *_words in step.when]
            found += [step.note] if step.note else []
        return [*found, self.key] if self.key else found

    def columns(self) -> set[str]:
        return {name for rule in self.rules() for name in rule.columns()} | ({self.group} if self.group else set())


def shipped() -> list[Path]:
    """The mappings that come with the product."""
    return sorted(SHIPPED.glob("*.toml"))


@cache
def _read_shipped(path: Path) -> Plan:
    return read(path.read_text("utf-8"), path.stem)


def detect(kind: str, columns: Iterable[str]) -> Plan | None:
    """The shipped mapping to that kind whose columns are all there; of several, the one that names most."""
    plans = [plan for path in shipped() if (plan := _read_shipped(path)).kind == kind and plan.fits(columns)]
    return max(plans, key=lambda plan: len(plan.match), default=None)


def read(text: str, name: str = "") -> Plan:
    """The mapping in a TOML text. Raises WrongMapping."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongMapping(_("The mapping is no TOML: %(why)s") % {"why": error}) from error
    _only(told, {"source", "fields", "steps", "flags"}, "")
    source = told.get("source", {})
    _only(source, _SOURCE, "source")
    try:
        zone = ZoneInfo(source.get("zone", "UTC"))
    except (ValueError, OSError, KeyError) as error:
        raise WrongMapping(_("There is no time zone “%(name)s”.") % {"name": source.get("zone")}) from error
    if not isinstance(source.get("kind"), str) or not told.get("fields"):
        raise WrongMapping(_("A mapping names the kind in [source] and at least one of its [fields]."))
    return Plan(
        name=name or source.get("name", ""),
        title=source.get("title", name),
        kind=source["kind"],
        source=Source(
            name=source.get("name", name),
            zone=zone,
            dates=_dates(source.get("dates", (ISO,))),
            empty=frozenset({"", *source.get("empty", ())}),
            encoding=source.get("encoding", ""),
            delimiter=source.get("delimiter", ""),
            sheet=source.get("sheet", ""),
        ),
        match=tuple(source.get("match", ())),
        key=_rule(source["key"], "source.key") if source.get("key") else None,
        fields={name: _rule(one, f"fields.{name}") for name, one in told["fields"].items()},
        steps=tuple(_step(one, f"steps {n}") for n, one in enumerate(told.get("steps", ()), 1)),
        flags=tuple(_flag(one, f"flags {n}") for n, one in enumerate(told.get("flags", ()), 1)),
        group=source.get("group", ""),
    )


def _dates(told: Any) -> tuple[str, ...]:
    """Forms of dates; one that could not even read what it writes is refused here and not on every row."""
    for form in told:
        try:
            if form != ISO:
                datetime.strptime(datetime(2000, 1, 31).strftime(form), form)
        except (TypeError, ValueError, re.error) as error:
            raise WrongMapping(_("“%(form)s” is no form of a date: %(why)s") % {"form": form, "why": error}) from error
    return tuple(told)


def _only(told: Any, known: set[str], place: str) -> None:
    if not isinstance(told, dict):
        raise WrongMapping(_("[%(place)s] is no table.") % {"place": place})
    unknown = sorted(set(told) - known)
    if unknown:
        raise WrongMapping(
            _("“%(word)s” in [%(place)s] is not known; known are %(known)s.")
            % {"word": unknown[0], "place": place, "known": ", ".join(sorted(known))}
        )


def _rule(told: Any, place: str, **fixed: Any) -> Rule:
    """A rule; a bare text is the name of a column, a bare number or truth value a constant."""
    if isinstance(told, str):
        return Rule(column=told, **fixed)
    if isinstance(told, bool | int | float):
        return Rule(value=told, **fixed)
    _only(told, _RULE, place)
    if sum(name in told for name in ("column", "value", "template")) != 1:
        raise WrongMapping(_("[%(place)s] needs one of column, value and template.") % {"place": place})
    options = {name: told[name] for name in told if name not in ("contains", "date", "data", "term")}
    try:
        options["contains"] = tuple((Words.of(words), value) for words, value in told.get("contains", ()))
    except (TypeError, ValueError) as error:
        raise WrongMapping(
            _("[%(place)s] contains: pairs of words and a value. %(why)s") % {"place": place, "why": error}
        ) from error
    options["data"] = _constants(told.get("data", {}), f"{place}.data")
    if isinstance(told.get("default"), dict):
        options["default"] = _rule(told["default"], f"{place}.default")
    if "term" in told:
        options |= {"lookup": f"term:{told['term']}", "by": "label"}
    elif told.get("lookup") and not told.get("by"):
        raise WrongMapping(_("[%(place)s] looks something up, but does not say by what.") % {"place": place})
    if told.get("date"):
        options["kept"] = "datetime"
    return Rule(**{**options, **fixed})


def _constants(told: Any, place: str) -> dict[str, Rule]:
    """Rules of which a bare text is a constant."""
    found = told.items() if isinstance(told, dict) else ()
    return {n: Rule(value=one) if isinstance(one, str) else _rule(one, f"{place}.{n}") for n, one in found}


def _words(told: Any, place: str) -> Words:
    try:
        return Words.of(told)
    except ValueError as error:
        raise WrongMapping(_("[%(place)s]: %(why)s") % {"place": place, "why": error}) from error


def _step(told: Any, place: str) -> Step:
    _only(told, _STEP, place)
    if "at" not in told:
        raise WrongMapping(_("[%(place)s] does not say when.") % {"place": place})
    note = told.get("note")
    return Step(
        at=_rule(told["at"], f"{place}.at", kept="datetime"),
        set=_constants(told.get("set", {}), f"{place}.set"),
        when=tuple(
            (column, _words(words, f"{place}.{name}"), wanted)
            for name, wanted in (("when", True), ("unless", False))
            for column, words in told.get(name, {}).items()
        ),
        watch=tuple(told.get("watch", ())),
        note=Rule(template=note) if isinstance(note, str) else _rule(note, f"{place}.note") if note else None,
        public=bool(told.get("public")),
    )


def _flag(told: Any, place: str) -> Flag:
    _only(told, _FLAG, place)
    if set(told) != _FLAG:
        raise WrongMapping(_("[%(place)s] needs earlier, than and note.") % {"place": place})
    return Flag(
        _rule(told["earlier"], place, kept="datetime"), _rule(told["than"], place, kept="datetime"), str(told["note"])
    )
