"""What an assessment found goes on as findings, and comes back into the state of its requirement."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from comity.compliance.catalogue import entry
from comity.compliance.models import Assessment, Line, Waiver
from comity.compliance.rules.verdicts import Verdict
from comity.parties.pointers import pointed
from comity.records import write
from comity.records.hanging import has
from comity.records.kind import Kind, kinds
from comity.records.trail import Actor

RULE = "assessment_reported"
OVER = ("closed", "rejected", "cancelled")


def kind() -> Kind | None:
    """The kind of findings, where this installation has one."""
    return next((one for one in kinds() if one.name == "finding"), None)


def open_for(assessment: Assessment, actor: Actor) -> None:
    """One nonconformity for each requirement that the worksheet shows as a gap and that has no finding yet.

    A parent that is a gap through its children only repeats theirs.
    """
    found = kind()
    if found is None:
        return
    gaps = [one for one in assessment.lines.all() if one.verdict == Verdict.GAP]
    parents = {known.parent for one in gaps if (known := entry(one.requirement))}
    for line in gaps:
        if line.finding_ref or (line.requirement in parents and not line.gaps):
            continue
        values = {
            "title": f"{line.requirement}: {assessment}"[:200], "type": "nonconformity", "source_ref": assessment.ref,
            "requirement": line.requirement, "description": "\n\n".join(filter(None, (line.reason_en, line.remark))),
        }  # fmt: skip
        finding = write.create(found, values, actor=actor.by(RULE), unit=assessment.unit)
        Line.objects.filter(pk=line.pk).update(finding_ref=finding.ref)


def of_lines(lines: list[Line]) -> dict[str, Any]:
    """The findings that lines name, by reference."""
    found = kind()
    refs = {one.finding_ref for one in lines if one.finding_ref}
    if found is None or not refs:
        return {}
    return {one.ref: one for one in found.model._default_manager.filter(ref__in=refs)}


def of_requirement(name: str) -> list[Any]:
    """The findings that assessments opened on a requirement and that are not over, newest first."""
    lines = list(Line.objects.filter(requirement=name).exclude(finding_ref="").order_by("-pk"))
    return [one for one in of_lines(lines).values() if one.status not in OVER]


def unanswered(assessment: Assessment) -> list[str]:
    """References of its findings that nobody has taken up: neither improvement, waiver nor rejection."""
    waived = Waiver.objects.filter(Waiver.in_force(timezone.now()), record_ref="").values("requirement")
    lines = assessment.lines.exclude(finding_ref="").exclude(requirement__in=waived)
    return sorted(ref for ref in lines.values_list("finding_ref", flat=True) if not taken_up(pointed(ref)))


def taken_up(finding: Any) -> bool:
    """Has somebody decided on it, or raised an action or improvement from it?"""
    return finding is None or finding.status != "open" or has(finding, "raised")
