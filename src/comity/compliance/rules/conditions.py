"""The language in which a catalogue names its populations, read into a tree. Refuses what it does not know.

    status = active; type in new | changed; identified_on within evidence_window_days or decision unset

Conditions are joined by `;` (all hold) and ` or ` (any holds; binds tighter). Each is one of

    PATH = VALUE   PATH != VALUE   PATH < VALUE   PATH <= VALUE   PATH > VALUE   PATH >= VALUE
    PATH in VALUE | VALUE          one of these
    PATH set       PATH unset      filled or empty
    PATH within PARAMETER          in the time so long before the moment of the question
    PATH older PARAMETER           so long ago or longer
    PATH next PARAMETER            in the time so long after it
    PATH ahead                     not yet over
    in_force       PATH.in_force   the version that holds at that moment
    has POPULATION                 tied to at least one member; `not has` to none
    group FIELD, FIELD             one member for each distinct combination
    count >= PARAMETER within PARAMETER   of a group: so many in so long a time
    text: PATH in the period examined   in the period of the review or report in question, else the evidence window
    text: WORDS                    what only code can tell; always the last one

A PATH is a name of the kind's vocabulary, or names with dots through the records it leads to. A VALUE is a word, a
number, true, false, or the name of a parameter or another field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

OPERATORS = ("=", "!=", "<=", ">=", "<", ">")
TIMES = ("within", "older", "next")

_PATH = r"[a-z_]+(?:\.[a-z_]+)*"
_VALUE = r"[A-Za-z0-9_.+-]+"
_COMPARE = re.compile(rf"({_PATH}) (=|!=|<=|>=|<|>) ({_VALUE})")
_IN = re.compile(rf"({_PATH}) in ({_VALUE}(?: \| {_VALUE})*)")
_SET = re.compile(rf"({_PATH}) (set|unset)")
_TIME = re.compile(rf"({_PATH}) (within|older|next) ([a-z_]+)")
_AHEAD = re.compile(rf"({_PATH}) ahead")
_IN_FORCE = re.compile(rf"(?:({_PATH})\.)?in_force")
_HAS = re.compile(r"(not )?has ([a-z_]+)")
_GROUP = re.compile(r"group ([a-z_]+(?:, [a-z_]+)*)")
_EXAMINED = re.compile(rf"({_PATH}) in the period examined")
_COUNT = re.compile(r"count >= ([a-z_]+) within ([a-z_]+)")


class NotUnderstood(ValueError):
    """A condition outside the language; the message names it."""


@dataclass(frozen=True)
class Compare:
    path: str
    operator: str
    value: str


@dataclass(frozen=True)
class OneOf:
    path: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Filled:
    path: str
    filled: bool


@dataclass(frozen=True)
class Timed:
    """`relation` is within, older, next, ahead or examined; the last two have no parameter."""

    path: str
    relation: str
    parameter: str = ""


@dataclass(frozen=True)
class InForce:
    path: str  # empty: the record itself


@dataclass(frozen=True)
class Has:
    population: str
    none: bool


@dataclass(frozen=True)
class Group:
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """Of each group, at least `least` members within `time`; both are parameters."""

    least: str
    time: str


@dataclass(frozen=True)
class Either:
    parts: tuple[Simple, ...]


@dataclass(frozen=True)
class Told:
    """A condition in words, answered by code that is registered under the population's name."""

    words: str


Simple = Compare | OneOf | Filled | Timed | InForce | Has
Condition = Simple | Either | Group | Counted | Told


def parse(text: str) -> tuple[Condition, ...]:
    """The conditions of a population, in order. Raises NotUnderstood."""
    plain, colon, words = text.partition("text:")
    found: list[Condition] = [_any(part.strip()) for part in plain.split(";") if part.strip()]
    if m := _EXAMINED.fullmatch(words.strip()):
        found.append(Timed(m[1], "examined"))
    elif colon:
        found.append(Told(_some(words)))
    return tuple(found)


def _some(words: str) -> str:
    if not words.strip():
        raise NotUnderstood("condition not understood: 'text:' without words")
    return words.strip()


def _any(text: str) -> Condition:
    if m := _GROUP.fullmatch(text):
        return Group(tuple(m[1].split(", ")))
    if m := _COUNT.fullmatch(text):
        return Counted(m[1], m[2])
    parts = tuple(_simple(part.strip()) for part in text.split(" or "))
    return parts[0] if len(parts) == 1 else Either(parts)


def _simple(text: str) -> Simple:
    if m := _IN_FORCE.fullmatch(text):
        return InForce(m[1] or "")
    if m := _HAS.fullmatch(text):
        return Has(m[2], bool(m[1]))
    if m := _SET.fullmatch(text):
        return Filled(m[1], m[2] == "set")
    if m := _TIME.fullmatch(text):
        return Timed(m[1], m[2], m[3])
    if m := _AHEAD.fullmatch(text):
        return Timed(m[1], "ahead")
    if m := _COMPARE.fullmatch(text):
        return Compare(m[1], m[2], m[3])
    if m := _IN.fullmatch(text):
        return OneOf(m[1], tuple(value.strip() for value in m[2].split("|")))
    raise NotUnderstood(f"condition not understood: {text!r}")
