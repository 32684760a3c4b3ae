"""Whether a rule gets the arguments that it takes, each of the type that the vocabulary gives it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from comity.compliance import reach
from comity.compliance.catalogue import words
from comity.compliance.reach import many, types

Wrong = tuple[str, str]  # where, and what to do about it
POPULATION_OF = ("population", "about", "what", "per")  # arguments whose records a field belongs to
OCCURRENCE_OF = ("kind", "by", "population", "of", "linked_to")
MOST = 36_600  # of anything, such as days


def unknown(word: object, known: Collection[str]) -> str:
    """That a word is none of these, and which one was probably meant."""
    word = str(word)[:60]
    near = get_close_matches(word, list(known), 1)
    hint = _("Did you mean “%(near)s”?") % {"near": near[0]} if near else _("See vocabulary.yaml for those that are.")
    return _("“%(word)s” is not known here.") % {"word": word} + " " + hint


def wrong_arguments(rule: object, given: object, ids: Collection[str]) -> Iterator[Wrong]:
    """Everything that is wrong with a rule and its arguments; `ids` are the entries that it may name."""
    if not isinstance(rule, str) or rule not in words().rules:
        yield "rule", unknown(rule, words().rules)
        return
    if not isinstance(given, Mapping):
        yield "with", _("Write the arguments as name: value.")
        return
    takes = types(rule)
    for name, type_ in takes.items():
        if "!" in type_ and name not in given:
            yield f"with.{name}", _("%(rule)s needs this argument. Add it.") % {"rule": rule}
    for name, value in given.items():
        if name not in takes:
            yield f"with.{name}", _("%(rule)s takes no such argument.") % {"rule": rule} + " " + unknown(name, takes)
        elif name == "parts":
            yield from _parts(value, ids)
        else:
            yield from _values(rule, name, takes[name], value, given, ids)
    for one in _named(given, "name") if rule == "predicate" else ():
        takes_too = words().predicates.get(one, {}).get("arguments", given)
        for name in set(given) - {"name"} - set(takes_too):
            yield f"with.{name}", _("This predicate takes no such argument.") + " " + unknown(name, takes_too)


def _parts(parts: object, ids: Collection[str]) -> Iterator[Wrong]:
    if not isinstance(parts, list):
        yield "with.parts", _("Write a list of parts, each with rule and with.")
        return
    for number, part in enumerate(parts, 1):
        if not isinstance(part, Mapping) or not {"rule", "with"} <= set(part) <= {"rule", "with", "optional"}:
            yield f"with.parts {number}", _("A part has rule, with, and perhaps optional; nothing else.")
            continue
        for where, what in wrong_arguments(part["rule"], part["with"], ids):
            yield f"with.parts {number}, {where}", what


def _values(
    rule: str, name: str, type_: str, value: Any, given: Mapping[str, Any], ids: Collection[str]
) -> Iterator[Wrong]:
    where, need = f"with.{name}", type_.rstrip("*!")
    if isinstance(value, list) and "*" not in type_:
        yield where, _("Give one value, not a list.")
        return
    if need == "bool":
        if value is not True:
            yield where, _("Write true, or leave it out.")
        return
    for one in many(value):
        if isinstance(one, int) and not isinstance(one, bool) and need in ("int", "int_or_param"):
            if not 0 <= one <= MOST:
                yield where, _("Write a number from 0 to %(n)d.") % {"n": MOST}
            continue
        known = _known(rule, name, need, given, ids)
        if need in ("field", "occurrence_field") and not known:
            return  # whose field it would be is told wrong already
        if not isinstance(one, str) or one not in known:
            yield where, unknown(one, known)


def _named(given: Mapping[str, Any], name: str) -> list[str]:
    """The words of an argument; what is none is told wrong where it stands."""
    return [one for one in many(given.get(name, ())) if isinstance(one, str)]


def _tagged(table: str) -> Collection[str]:
    tags = words().tags
    return {one for some in tags["topics"].values() for one in some} if table == "topics" else set(tags.get(table, ()))


def _known(rule: str, name: str, need: str, given: Mapping[str, Any], ids: Collection[str]) -> Collection[str]:
    """The words that an argument of this type may be."""
    told = words()
    if need.startswith("tag:"):
        return _tagged(need[4:])
    if need.startswith("enum:"):
        return need[5:].split(",")
    if need in ("field", "occurrence_field"):
        return {one for kind in _kinds_meant(rule, name, need, given) for one in fields(kind)}
    if need == "state":
        return _of_all(told.machines.get(one, {}).get("path", ()) for one in _named(given, "machine"))
    if need == "section":
        types_of_document = told.tags["document_types"]
        return _of_all(types_of_document.get(one, {}).get("sections", ()) for one in _named(given, "type"))
    if need == "attribute":
        return {x for one in _named(given, "topics") for x in told.tags["clause_topics"].get(one, ())}
    if need == "anytype":
        return {x for one in _named(given, "kind") for x in told.kinds.get(one, {}).get("types", ())}
    documents, parties = told.tags["document_types"], told.tags["parties"]
    tables: Mapping[str, Collection[str]] = {
        "param": told.parameters, "int_or_param": told.parameters, "every": {*told.parameters, "own"},
        "pop": {*told.populations, *told.kinds}, "kind": told.kinds, "id": ids, "clock": told.clocks,
        "machine": told.machines, "pred": told.predicates, "version": {*documents, *told.populations},
        "carried": {*documents, *told.kinds}, "by": {*told.populations, "both_parties"},
        "addressee": {*told.populations, *parties},
    }  # fmt: skip
    return tables.get(need, ())


def _of_all(lists: Any) -> set[str]:
    every = [set(one) for one in lists]
    return set.intersection(*every) if every else set()


def fields(kind: str) -> set[str]:
    """The names that a kind answers to."""
    known = words().kinds.get(kind)
    return {*known["fields"], *words().common_fields} if known else set()


def _kinds_meant(rule: str, name: str, need: str, given: Mapping[str, Any]) -> set[str]:
    """The kinds one of which has to have the field."""
    if rule in ("attested", "responsibility_filled"):
        return {"assessment" if rule == "attested" else "responsibility"}
    if rule == "path_followed":
        return {words().machines[one]["kind"] for one in _named(given, "machine") if one in words().machines}
    places = (*POPULATION_OF, *(("to",) if (rule, name) == ("linked", "fields") else ()))
    if need == "occurrence_field":
        places = OCCURRENCE_OF
    named = (one for place in places for one in _named(given, place))
    found = {kind for one in named for kind in reach.member_kinds(one)}
    return found | ({"kpi", "measurement"} if need == "occurrence_field" and rule == "kpi_measured" else set())
