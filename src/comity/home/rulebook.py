"""The rulebook of the sample organisation: documents in every state, begun from the starters, and classes of records.

It is as unfinished as rulebooks are: a policy is past its review, a procedure waits for its judge, one is a draft, and
not everybody has confirmed having read what he has to.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from comity.accounts.roles import Role
from comity.documents import operations
from comity.home.demonstration import Organisation
from comity.records import write
from comity.records.kind import kind_named
from comity.records.write import Actor

PR, OD, SN = Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER
CITING = {"compliance_evidence", "supporting_documents"}  # sections that name other documents
READERS = (Role.COMPLAINT_HANDLER, Role.SERVICE_DESK)
IN_FORCE = (
    # type with its process, days ago, days until the review, approver
    ("security_policy", 200, 165, SN), ("privacy_policy", 200, 165, SN),
    ("strategic_plan", 120, 245, SN), ("complaint_procedure", 300, 65, OD), ("document_control_procedure", 300, 65, OD),
    ("risk_procedure", 90, 275, SN), ("management_review_procedure", 300, 65, OD),
    *((type, 210, 155, OD) for type in (
        "assessment_procedure", "change_procedure", "communication_procedure", "dispute_procedure",
        "improvement_procedure", "management_system_manual", "market_research_procedure", "measurement_map",
        "measurement_procedure", "order_fulfilment_procedure", "problem_procedure",
        "process_document:customer_relationship", "process_document:supplier_relationship", "records_procedure",
        "review_plan", "review_rules", "security_procedure", "service_delivery_plan", "service_development_procedure",
        "systems_procedure", "termination_procedure", "value_proposition_procedure", "web_content",
    )),
    ("support_procedure", 430, -65, OD),
    ("customer_service_policy", 200, 165, SN),  # it cites the others
)  # fmt: skip
CLASSES = (
    {
        "name": "Complaints and other cases", "kinds": ["case", "escalation", "communication"],
        "sensitivity": "personal", "customer_information": "true",
        "purpose": "To answer people who turn to us, and to learn from it.",
        "legal_basis": "Contract, and the duty to answer complaints.",
        "permitted_roles": ["complaint_handler", "service_desk", "process_manager", "operations_director"],
        "permitted_use": "Handling, reviews without names, evidence.",
        "disclosure_rule": "To nobody outside but ombudsmen and courts; each disclosure is recorded.",
        "retention_rule": "Six years after closure; then personal content is removed.",
        "security_measures": "Access by role, reading of restricted cases recorded, encrypted copies.",
    },
    {
        "name": "Customers and contacts", "kinds": ["customer", "contact", "segment"], "sensitivity": "personal",
        "customer_information": "true", "purpose": "To look after relationships.",
        "mandatory_fields": "name, type, category, email, phone",
        "permitted_use": "Service, reviews, surveys that were agreed to.",
        "permitted_roles": ["relationship_manager", "service_desk", "complaint_handler"],
        "retention_rule": "Two years after the relationship has ended.",
    },
    {
        "name": "Rules and documents", "kinds": ["document", "document_version"], "sensitivity": "internal",
        "purpose": "So that everybody works by the same rules.", "permitted_use": "Work, training, assessment.",
        "disclosure_rule": "Public ones to everybody, others on request.",
        "retention_rule": "Ten years after the last version was taken back.",
        "security_measures": "Checksums, approval by two people, daily copies.",
    },
)  # fmt: skip


def write_rules(organisation: Organisation) -> None:
    """Documents in force, in review and in draft, with readings; classes of records."""
    writer = organisation.actor(PR)
    for values in CLASSES:
        own = write.create(kind_named("record_class"), {**values, "owner": writer.person.email}, actor=writer)
    held: dict[str, Any] = {}
    for row in IN_FORCE:
        cited = ", ".join(version.document.ref for version in held.values())
        held[row[0]] = _in_force(organisation, own.ref, cited, *row)
    _new_words(organisation, held["complaint_procedure"])
    waiting = operations.from_starter("supply_chain_procedure", "en", writer)
    waiting = write.update(waiting, {"change_reason": "Suppliers asked how they are chosen."}, actor=writer)
    write.transition(waiting, "submit", {}, actor=writer)
    operations.from_starter("supply_chain_plan", "en", writer)
    operations.from_starter("relationship_policy", "zh-hans", writer)


def _at(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def _in_force(
    organisation: Organisation, kept: str, cited: str, type: str, since: int, left: int, approver: Role
) -> Any:
    """A document of that record class from its starter, approved so many days ago, to be reviewed in so many."""
    type, _colon, process = type.partition(":")
    writer, owner = organisation.actor(PR), organisation.people[OD].email
    version = operations.from_starter(type, "en", writer)
    facts = {"owner": owner, "approver_role": approver.value, "distribution": "Comity", "record_class": kept}
    write.update(version.document, facts | ({"process": process} if process else {}), actor=writer)
    sections = {tag: {**said} for tag, said in version.sections.items()}
    for tag in CITING & sections.keys():
        sections[tag]["text"] += f" {cited}."
    version = write.update(version, {"sections": sections}, actor=writer)
    return _issue(organisation, version, "First issue.", since, left, approver)


def _issue(organisation: Organisation, version: Any, reason: str, since: int, left: int, approver: Role) -> Any:
    writer, day = organisation.actor(PR), timezone.localdate(_at(since))
    version = write.update(version, {"change_reason": reason}, actor=writer)
    version = write.transition(version, "submit", {}, actor=writer, happened_at=_at(since))
    dates = {"effective_on": day, "review_due_on": timezone.localdate() + timedelta(days=left)}
    return write.transition(version, "approve", dates, actor=organisation.actor(approver), happened_at=_at(since))


def _new_words(organisation: Organisation, old: Any) -> None:
    """A second version with shorter limits, laid out beside this installation, read by some of those who have to."""
    writer = organisation.actor(PR)
    more = {"readers": [role.value for role in READERS], "distribution": "Comity\nIntranet"}
    write.update(old.document, more, actor=writer)
    version = operations.next_draft(old.document, writer)
    sections = {tag: {**said} for tag, said in version.sections.items()}
    sections["investigation"] = {
        "text": sections["investigation"]["text"].replace("hears every side", "hears every side within two days"),
        "fields": {**sections["investigation"]["fields"], "time_limit": "three business days"},
    }
    version = write.update(version, {"sections": sections}, actor=writer)
    version = _issue(organisation, version, "Investigations had taken too long.", 6, 359, OD)
    version = write.transition(version, "publish", {}, actor=writer)
    for role in READERS[:1]:
        write.transition(version, "confirm_reading", {}, actor=Actor(organisation.people[role], "web"))
