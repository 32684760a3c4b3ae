"""The OSCAL documents of a pack, held against NIST's own JSON schemas of OSCAL 1.1.3."""

from __future__ import annotations

import copy
import json
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import distribution
from typing import Any

import jsonschema_rs
import pytest

from comity.compliance.catalogue import shipped
from comity.compliance.oscal import documents as oscal

AS_OF = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VERDICTS = ("met", "gap", "waived", "not_exercised", "not_assessed")
NAMES = ("catalog", "assessment-plan", "assessment-results")
QUERY = """SELECT model, content FROM oscal_support JOIN filecache ON uuid = filecache_uuid
           WHERE version = ? AND type = 'json-schema'"""


@cache
def schemas() -> dict[str, Any]:
    """The published schemas of the version that we write, from the package that carries them; its code is not run."""
    packed = str(distribution("oscal").locate_file("oscal/data/oscal_support.zip"))
    with zipfile.ZipFile(packed) as archive:
        kept = sqlite3.connect(":memory:")
        kept.deserialize(archive.read("oscal_support.db"))
    return {name: json.loads(content) for name, content in kept.execute(QUERY, (f"v{oscal.OSCAL}",)) if name in NAMES}


def problems(name: str, document: Any) -> list[str]:
    checker = jsonschema_rs.Draft7Validator(schemas()[name], validate_formats=True)
    return [f"{'/'.join(map(str, one.instance_path))}: {one.message}" for one in checker.iter_errors(document)]


def rows() -> list[dict[str, Any]]:
    """A verdict for each shipped requirement, every kind of verdict among them."""
    return [
        {"id": one.id, "verdict": VERDICTS[n % 5], "population": n % 3, "gaps": n % 2, "pending": 0, "excluded": False,
         "reason": "" if n == 7 else "Because.\nSo.", "values": {"response_share": 0.95}, "waiver": "WVR-00001"}
        for n, one in enumerate(shipped().requirements.values())
    ]  # fmt: skip


def documents() -> dict[str, Any]:
    return {
        "catalog": oscal.catalog(shipped().standards.values(), AS_OF),
        "assessment-plan": oscal.plan(rows(), "All", AS_OF),
        "assessment-results": oscal.results(rows(), "All", AS_OF),
    }


def test_all_are_valid_by_the_published_schemas_of_their_version() -> None:
    assert {one["$id"].split("/")[-2] for one in schemas().values()} == {oscal.OSCAL} and len(schemas()) == len(NAMES)
    for name, document in documents().items():
        assert problems(name, document) == []
        assert document[name]["metadata"]["oscal-version"] == oscal.OSCAL


def small() -> dict[str, Any]:
    """The results of three requirements, among them a finding."""
    return oscal.results(rows()[:3], "Three", AS_OF)


Fault = Callable[[Any], Any]
FAULTS: dict[str, Fault] = {
    "no uuid": lambda top: top.pop("uuid"),
    "a uuid that is none": lambda top: top.update(uuid="none"),
    "a member that OSCAL does not know": lambda top: top.update(unknown=1),
    "no time of the last change": lambda top: top["metadata"].pop("last-modified"),
    "a time without its zone": lambda top: top["results"][0].update(start="2026-11-22T12:00:00"),
    "nothing imported": lambda top: top.pop("import-ap"),
    "no result": lambda top: top.update(results=[]),
    "a title of no text": lambda top: top["results"][0].update(title=1),
    "an empty list of findings": lambda top: top["results"][0].update(findings=[]),
    "a state between yes and no": lambda top: top["results"][0]["findings"][0]["target"]["status"].update(state="half"),
    "a target that is no token": lambda top: top["results"][0]["findings"][0]["target"].update({"target-id": "7.1 a"}),
    "a value with a blank before it": lambda top: top["results"][0]["observations"][0]["props"][0].update(value=" x"),
    "no method": lambda top: top["results"][0]["observations"][0].update(methods=[]),
}


def test_faults_that_were_planted_are_found() -> None:
    assert problems("assessment-results", small()) == []
    for fault, plant in FAULTS.items():
        broken = copy.deepcopy(small())
        plant(broken["assessment-results"])
        assert problems("assessment-results", broken), fault
    made = documents()
    made["catalog"]["catalog"]["groups"][0]["groups"][0]["controls"][0]["id"] = "4.1 a"
    made["assessment-plan"]["assessment-plan"].pop("reviewed-controls")
    assert ["controls/0/id" in one for one in problems("catalog", made["catalog"])] == [True]
    assert len(problems("assessment-plan", made["assessment-plan"])) == 1


def test_the_same_moment_gives_the_same_documents() -> None:
    assert documents() == documents()


def test_identifiers_are_there_once() -> None:
    found: list[str] = []

    def collect(thing: Any) -> None:
        if isinstance(thing, dict):
            found.extend(value for name, value in thing.items() if name == "uuid")
            for value in thing.values():
                collect(value)
        elif isinstance(thing, list):
            for value in thing:
                collect(value)

    collect(documents())
    assert len(found) == len(set(found)) > 622


def test_every_requirement_is_a_control_and_only_met_and_gap_are_findings() -> None:
    made = documents()["assessment-results"]["assessment-results"]["results"][0]
    assert len(made["observations"]) == 622
    states = {one["title"]: one["target"]["status"]["state"] for one in made["findings"]}
    for row in rows():
        wanted = {"met": "satisfied", "gap": "not-satisfied", "waived": "not-satisfied"}.get(row["verdict"])
        assert states.get(row["id"]) == wanted
    groups = documents()["catalog"]["catalog"]["groups"]
    controls = [one["id"] for standard in groups for clause in standard["groups"] for one in clause["controls"]]
    assert len(controls) == len(set(controls)) == 622


@pytest.mark.parametrize(("name", "made"), [("CSMS-4.1-a1", "CSMS-4.1-a1"), ("7.1 x", "_7.1_x"), ("要求", "__")])
def test_ids_are_what_oscal_allows(name: str, made: str) -> None:
    assert oscal.token(name) == made
