"""The OSCAL documents of a pack, held against the official models that compliance-trestle carries."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from trestle.oscal import assessment_plan, assessment_results, catalog

from comity.compliance.catalogue import shipped
from comity.compliance.oscal import documents as oscal

AS_OF = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VERDICTS = ("met", "gap", "waived", "not_exercised", "not_assessed")


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


MODELS: dict[str, Any] = {
    "catalog": catalog.Model, "assessment-plan": assessment_plan.Model, "assessment-results": assessment_results.Model,
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_is_valid(name: str) -> None:
    assert MODELS[name].model_validate(documents()[name])


@pytest.mark.parametrize("name", MODELS)
def test_the_models_refuse_what_is_not(name: str) -> None:
    broken = copy.deepcopy(documents()[name])
    broken[name]["uuid"] = "none"
    with pytest.raises(ValidationError):
        MODELS[name].model_validate(broken)
    broken = copy.deepcopy(documents()[name])
    broken[name]["unknown"] = 1
    with pytest.raises(ValidationError):
        MODELS[name].model_validate(broken)


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
