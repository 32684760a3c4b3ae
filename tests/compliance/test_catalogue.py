"""The shipped catalogue is sound, and a file that is not is refused with words that help."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from comity.clocks.parameters import DEFINITIONS
from comity.compliance import catalogue, reach
from comity.compliance.catalogue import FOLDER, read, shipped, words
from comity.compliance.rules.conditions import Compare, Filled, Group, Has, InForce, OneOf, Timed, parse
from comity.compliance.settings import subject_of
from comity.compliance.validation import faults_of_standard, faults_of_texts
from comity.compliance.validation.arguments import fields
from comity.compliance.validation.prose import BRACES

FILES = read(FOLDER / "vocabulary.yaml")["files"]
TOLD = read(FOLDER / "vocabulary.yaml")
LIMITS = {"text": 150, "text_zh": 75, "check": 520, "gap": 150, "gap_zh": 75}


@pytest.mark.parametrize("file", FILES)
def test_a_shipped_standard_has_no_fault(file: str) -> None:
    told = read(FOLDER / file)
    others = [one.id for one in shipped().requirements.values() if one.standard != Path(file).stem]
    assert not [str(fault) for fault in faults_of_standard(told, file, others)]
    assert len(told["entries"]) == FILES[file]


def test_all_622_entries_are_there_and_592_are_scored() -> None:
    every = shipped().requirements.values()
    assert (len(every), sum(one.scored for one in every)) == (622, 592)


def test_our_wording_is_short() -> None:
    sizes = {(one.id, name): len(getattr(one, name)) for one in shipped().requirements.values() for name in LIMITS}
    assert not {key: size for key, size in sizes.items() if not 3 < size <= LIMITS[key[1]]}


def known_words() -> set[str]:
    tags = TOLD["tags"]
    found = {*TOLD["record_kinds"], *tags, *TOLD["populations"], *TOLD["predicates"], *TOLD["verdicts"]}
    found |= {word for table in tags.values() for word in table} | {x for some in tags["topics"].values() for x in some}
    found |= {x for kind in TOLD["record_kinds"].values() for x in (*kind["types"], *kind["fields"])}
    found |= {x for told in tags["document_types"].values() for x in told["sections"]}
    found |= {x for some in tags["clause_topics"].values() for x in some} | set(TOLD["common_fields"])
    return found | {x for one in TOLD["machines"].values() for state in one["path"] for x in state.split("|")}


def test_checks_speak_the_words_of_the_vocabulary() -> None:
    known = known_words()
    stale = set(TOLD["former_names"]) - {"complaint", "problem", "attestation", "service_review"} - known
    wrong = []
    for one in shipped().requirements.values():
        said = BRACES.sub("", one.check)
        wrong += [(one.id, word) for word in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", said) if word not in known
                  and word.rstrip("s") not in TOLD["record_kinds"]]  # fmt: skip
        wrong += [(one.id, word) for word in stale & set(re.findall(r"\b[a-z_]+\b", said))]
    assert not wrong


def test_populations_name_what_there_is() -> None:
    for name in words().populations:
        _hold(name)


def _hold(name: str) -> None:
    told, known = TOLD["populations"][name], words()
    assert name not in known.kinds
    assert set(told.get("any_of", ())) <= {*known.populations, *known.kinds}
    assert told.get("values_of") in {None, *known.tags}
    if "where" not in told:
        return
    answered, each = fields(told["kind"]), told.get("each")
    assert answered
    assert each is None or each in answered
    for one in reach.plain(parse(told["where"])):
        if isinstance(one, Has):
            assert one.population in {*known.populations, *known.kinds}
        if isinstance(one, Timed) and one.parameter:
            assert one.parameter in known.parameters
        names = one.fields if isinstance(one, Group) else ()
        if isinstance(one, Compare | OneOf | Filled | Timed | InForce):
            names = (one.path.split(".")[0],) if one.path else ()
        assert set(names) <= answered | {each}


def test_predicates_clocks_machines_and_parameters_hold_together() -> None:
    known = words()
    for one in known.predicates.values():
        said = one["population"] + one["condition"]
        named = dict(found.split("=") for found in BRACES.findall(said))
        assert set(named) == set(one["parameters"])
        assert all(str(known.parameters[name]["default"]) == default for name, default in named.items())
    for one in known.clocks.values():
        assert one["kind"] in known.kinds
        assert one["within"] in {*known.parameters, "own"}
    assert all(one["kind"] in known.kinds for one in known.machines.values())
    for name, one in known.parameters.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert "min" not in one or one["min"] <= one["default"] <= one["max"]


def test_nothing_in_the_vocabulary_is_idle() -> None:
    rules: Counter[str] = Counter()
    names: set[str] = set()

    def walk(use: catalogue.Use) -> None:
        rules[use.rule] += 1
        for name, value in use.arguments.items():
            for one in reach.many(value) if name != "parts" else ():
                if isinstance(one, str):
                    names.update(reach.within(one))
        for part in use.arguments.get("parts", ()):
            walk(catalogue.Use(part["rule"], part["with"]))

    for one in shipped().requirements.values():
        walk(one.use)
    known = words()
    assert not set(known.rules) - set(rules)
    assert not set(known.populations) - names
    assert not set(known.predicates) - names
    assert not set(known.clocks) - names


ENTRY: dict[str, Any] = {
    "id": "OWN-1", "clause": "1", "text": "Keep channels open.", "text_zh": "保持渠道畅通。", "records": ["customer"],
    "evidence": "live", "check": "Every active customer has a category.", "rule": "register_complete",
    "with": {"population": "customers_active", "fields": ["category"]}, "gap": "{record} has none.",
    "gap_zh": "“{record}”没有。",
}  # fmt: skip
TIMED = {
    "rule": "register_complete", "records": ["customer"],
    "with": {"population": "customers_active", "fields": ["category"], "reconfirmed_within": "register_review_days"},
    "check": "Reconfirmed in {register_review_days=365} days.",
}  # fmt: skip


def standard(*entries: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {"schema": "requirements/2", "title": "Our own rules", "entries": list(entries or (ENTRY,)), **head}


def test_a_sound_file_has_no_fault() -> None:
    timed = {**deepcopy(ENTRY), **TIMED, "id": "OWN-2", "parent": "OWN-1", "maps_to": ["CSMS-8.7.2-s1"]}
    head = {"exclusions": {"allowed": True, "never": ["OWN-1"]}, "proxy_checks": [{"id": "OWN-1", "reason": "a sign"}]}
    assert not faults_of_standard(standard(ENTRY, timed, **head), "own.yaml", shipped().requirements)


FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown field", {"recrods": []}, "recrods", "records"),
    ("a field that is missing", {"gap_zh": None}, "gap_zh", "missing"),
    ("a number for words", {"clause": 7.1}, "clause", "quotation marks"),
    ("records that are no list", {"records": "customer"}, "records", "square brackets"),
    ("a kind that is none", {"records": ["custmer"]}, "records", "customer"),
    ("evidence of no type", {"evidence": "alive"}, "evidence", "live"),
    ("a strength that is none", {"strength": "must"}, "strength", "known"),
    ("an id with spaces", {"id": "OWN 1"}, "id", "without spaces"),
    ("itself as parent", {"parent": "OWN-1"}, "parent", "itself"),
    ("a parent that is not there", {"parent": "OWN-9"}, "parent", "OWN-1"),
    ("a rule that is none", {"rule": "register_compleet"}, "rule", "register_complete"),
    ("arguments that are none", {"with": []}, "with", "name: value"),
    ("an argument too few", {"with": {"population": "customers_active"}}, "with.fields", "needs"),
    ("an argument too many", {"with": {**ENTRY["with"], "feilds": 1}}, "with.feilds", "fields"),
    ("a population that is none", {"with": {**ENTRY["with"], "population": "customers_activ"}}, "with.population",
     "customers_active"),
    ("a list for one value", {"with": {**ENTRY["with"], "population": ["customers_active"]}}, "with.population", "one"),
    ("a field of another kind", {"with": {**ENTRY["with"], "fields": ["categry"]}}, "with.fields", "category"),
    ("parts that are none", {"rule": "all_of", "with": {"parts": {}}}, "with.parts", "list"),
    ("a part with more", {"rule": "all_of", "with": {"parts": [{"rule": "x"}]}}, "with.parts 1", "rule, with"),
    ("a fault in a part", {"rule": "all_of", "with": {"parts": [{"rule": "x", "with": {}}]}}, "with.parts 1, rule",
     "known"),
    ("a lead-in alone", {"lead_in": True}, "lead_in", "all_of"),
    ("half a repetition", {"rule": "same_as", "with": {"id": "CSMS-8.7.2-s1"}}, "same_as", "same_as"),
    ("a placeholder of no sense", {"gap": "{who} fails.", "gap_zh": "{who}。"}, "gap", "record"),
    ("different placeholders", {"gap_zh": "没有。"}, "gap_zh", "same placeholders"),
    ("a parameter of another default", {**TIMED, "check": "In {register_review_days=9} days."}, "check", "=365}"),
    ("a parameter that is not told", {**TIMED, "check": "Reconfirmed."}, "check", "register_review_days"),
    ("a parameter that is not used", {"check": "In {register_review_days=365} days."}, "check", "does not use"),
    ("records that are not told", {"records": ["segment"]}, "records", "customer"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field", "remedy"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_fault_names_file_entry_field_and_remedy(change: dict[str, Any], field: str, remedy: str) -> None:
    entry = {name: value for name, value in {**deepcopy(ENTRY), **change}.items() if value is not None}
    found = faults_of_standard(standard(entry), "own.yaml", shipped().requirements)
    assert {(one.file, one.entry) for one in found} == {("own.yaml", entry["id"])}
    assert found[0].field == field
    assert remedy in found[0].words


@pytest.mark.parametrize(
    ("told", "field", "remedy"),
    [
        ([], "", "no list"),
        ({"title": "x", "entries": [ENTRY]}, "schema", "requirements/2"),
        (standard(schema="requirements/1"), "schema", "requirements/2"),
        (standard(titel="x"), "titel", "title"),
        ({"schema": "requirements/2", "entries": [ENTRY]}, "title", "missing"),
        ({"schema": "requirements/2", "title": "x"}, "entries", "missing"),
        (standard() | {"entries": {"a": 1}}, "entries", "- id:"),
        (standard(exclusions=True), "exclusions", "allowed"),
        (standard(exclusions={"allowed": "false"}), "exclusions", "allowed"),
        (standard(exclusions={"allowed": True, "never": "OWN-1"}), "exclusions", "allowed"),
        (standard(exclusions={"allowed": True, "never": ["OWN-9"]}), "exclusions", "OWN-1"),
        (standard(proxy_checks=[{"id": "OWN-1"}]), "proxy_checks", "reason"),
    ],
)
def test_a_fault_of_the_head(told: Any, field: str, remedy: str) -> None:
    found = faults_of_standard(told, "own.yaml", shipped().requirements)
    assert [(one.entry, one.field) for one in found] == [("", field)]
    assert remedy in found[0].words


def test_ids_are_nobody_elses() -> None:
    found = faults_of_standard(standard(ENTRY, ENTRY), "own.yaml", ["OWN-1"])
    assert {one.words.split(" ")[0] for one in found} == {"Another"}
    assert len(found) == 3  # once for the file, and each of the two against the other standard


def test_ancestors_do_not_circle() -> None:
    first, second = {**ENTRY, "parent": "OWN-2"}, {**ENTRY, "id": "OWN-2", "parent": "OWN-1"}
    found = faults_of_standard(standard(first, second), "own.yaml", ())
    assert [(one.entry, one.field) for one in found] == [("OWN-1", "parent"), ("OWN-2", "parent")]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"id": "CSMS-4.1-a", "text": "x", "rule": "linked"}, "rule"),
        ({"id": "CSMS-4.1-zz", "text": "x"}, "id"),
        ({"id": "CSMS-4.1-a", "text": " "}, "text"),
        ({"id": "CSMS-4.1-a", "text": "x", "text_zh": ["x"]}, "text"),
        ({"id": ["CSMS-4.1-a"], "text": "x"}, "id"),
        ("CSMS-4.1-a", ""),
    ],
)
def test_licensed_texts_replace_words_only(entry: Any, field: str) -> None:
    told = {"schema": "requirements/2", "texts_of": "csms-2003", "entries": [entry]}
    assert [one.field for one in faults_of_texts(told, "texts.yaml", shipped().requirements)] == [field]


def test_the_parameters_of_an_answer_are_known_beforehand() -> None:
    one = shipped().requirements["ISO20000-7.1-01"]
    assert "document_review_days" in reach.all_parameters(one)


def test_every_parameter_is_a_setting_with_the_same_limits_in_both_languages() -> None:
    for name, told in words().parameters.items():
        known = DEFINITIONS[name]
        ranked = told["unit"] == "rank"
        unit, limits = (told["unit"], (told["min"], told["max"])) if not ranked else ("n", (1, 3))
        assert (known.unit, (known.minimum, known.maximum)) == (unit, limits), name
        assert known.default == (("low", "medium", "high").index(told["default"]) + 1 if ranked else told["default"])
        assert any("\u4e00" <= sign <= "\u9fff" for sign in told["meaning_zh"])
        assert subject_of(name) is not None
    with translation.override("zh-hans"):
        assert (
            str(DEFINITIONS["document_review_days"].meaning) == words().parameters["document_review_days"]["meaning_zh"]
        )
        assert str(subject_of("document_review_days")) == "证据与文件"
    assert subject_of("separation_effect") is None
