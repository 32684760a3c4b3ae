"""Catalog, assessment plan and assessment results of OSCAL 1.1 from the verdicts of a moment.

Identifiers follow from what they name, so that the same moment gives the same documents. A verdict is an observation;
met and gap are findings as well. What was not exercised or could not be assessed is no finding, for OSCAL knows only
satisfied and not satisfied, and neither would be true.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from comity.compliance.catalogue import Standard
from comity.compliance.rules.verdicts import Verdict

OSCAL = "1.1.3"
NS = "https://comity.example/ns/oscal"
ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NS)
STATES = {Verdict.MET: "satisfied", Verdict.GAP: "not-satisfied", Verdict.WAIVED: "not-satisfied"}
Row = Mapping[str, Any]


def ident(*parts: str) -> str:
    """The same identifier for the same thing (version 5 of RFC 4122)."""
    return str(uuid.uuid5(ROOT, "/".join(parts)))


def token(name: str) -> str:
    """An id as OSCAL allows it: letters, digits, dot, dash and underscore, beginning with a letter."""
    made = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return made if re.match(r"[A-Za-z_]", made) else f"_{made}"


def prop(name: str, value: Any) -> dict[str, str]:
    """A property of ours. Its value has no blanks at its ends and is never empty."""
    return {"name": name, "ns": NS, "value": re.sub(r"\s+", " ", str(value)).strip() or "-"}


def metadata(title: str, as_of: datetime) -> dict[str, Any]:
    moment = as_of.isoformat()
    return {"title": title, "last-modified": moment, "version": moment, "oscal-version": OSCAL}


def catalog(standards: Iterable[Standard], as_of: datetime) -> dict[str, Any]:
    """The requirements as controls, in groups by standard and clause."""
    every = list(standards)
    title = ", ".join(one.title for one in every)
    return {
        "catalog": {
            "uuid": ident("catalog", as_of.isoformat(), *(one.code for one in every)),
            "metadata": metadata(title, as_of), "groups": [_group(one) for one in every],
        }
    }  # fmt: skip


def _group(standard: Standard) -> dict[str, Any]:
    clauses: dict[str, list[dict[str, Any]]] = {}
    for one in standard.requirements:
        control = {
            "id": token(one.id), "title": one.id,
            "props": [prop("clause", one.clause), prop("evidence", one.evidence), prop("scored", one.scored)],
            "parts": [
                {"id": f"{token(one.id)}_smt", "name": "statement", "prose": one.text},
                {"id": f"{token(one.id)}_obj", "name": "assessment-objective", "prose": one.check},
            ],
        }  # fmt: skip
        if one.parent:
            control["links"] = [{"href": f"#{token(one.parent)}", "rel": "required"}]
        clauses.setdefault(one.clause, []).append(control)
    groups = [
        {"id": token(f"{standard.code}.{clause}"), "title": clause, "controls": controls}
        for clause, controls in clauses.items()
    ]
    return {"id": token(standard.code), "title": standard.title, "groups": groups}


def _controls(rows: Iterable[Row]) -> dict[str, Any]:
    return {"control-selections": [{"include-controls": [{"control-id": token(one["id"])} for one in rows]}]}


def plan(rows: Sequence[Row], title: str, as_of: datetime) -> dict[str, Any]:
    """What was asked: every requirement, of the records, by the checks of the catalogue."""
    return {
        "assessment-plan": {
            "uuid": ident("plan", as_of.isoformat(), title), "metadata": metadata(f"{title}: plan", as_of),
            "import-ssp": {"href": "index.html"}, "reviewed-controls": _controls(rows),
        }
    }  # fmt: skip


def results(rows: Sequence[Row], title: str, as_of: datetime) -> dict[str, Any]:
    """What was found: an observation for each requirement, a finding where it was met or is a gap."""
    moment = as_of.isoformat()
    result: dict[str, Any] = {
        "uuid": ident("result", moment, title), "title": title, "start": moment, "end": moment,
        "description": "Verdicts computed from the operational records; none was set by hand.",
        "reviewed-controls": _controls(rows), "observations": [_observation(one, moment) for one in rows],
    }  # fmt: skip
    findings = [_finding(one, moment) for one in rows if one["verdict"] in STATES]
    if findings:
        result["findings"] = findings
    return {
        "assessment-results": {
            "uuid": ident("results", moment, title), "metadata": metadata(f"{title}: results", as_of),
            "import-ap": {"href": "assessment-plan.json"}, "results": [result],
        }
    }  # fmt: skip


def _observation(row: Row, moment: str) -> dict[str, Any]:
    counted = [prop(name, row[name]) for name in ("verdict", "population", "gaps", "pending", "excluded")]
    made = {
        "uuid": ident("observation", moment, row["id"]), "title": row["id"], "description": row["reason"] or "-",
        "props": [*counted, *(prop(f"value-{token(name)}", value) for name, value in sorted(row["values"].items()))],
        "methods": ["EXAMINE"], "types": ["finding"] if row["verdict"] in STATES else ["control-objective"],
        "collected": moment,
    }  # fmt: skip
    if row["population"]:
        made["relevant-evidence"] = [
            {"href": f"populations/{token(row['id'])}.csv", "description": "The records looked at, gaps marked."}
        ]
    return made


def _finding(row: Row, moment: str) -> dict[str, Any]:
    status: dict[str, Any] = {"state": STATES[row["verdict"]]}
    if row["verdict"] == Verdict.WAIVED:
        status["remarks"] = f"Waived for a time: {row['waiver']}"
    return {
        "uuid": ident("finding", moment, row["id"]), "title": row["id"], "description": row["reason"] or "-",
        "target": {"type": "objective-id", "target-id": f"{token(row['id'])}_obj", "status": status},
        "related-observations": [{"observation-uuid": ident("observation", moment, row["id"])}],
    }  # fmt: skip
