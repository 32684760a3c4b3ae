"""Who answers for what in the sample organisation, with what authority: approved by the senior manager, accepted by
each; the processes that they own; the rest of the rulebook, linked with what it rules."""

from __future__ import annotations

from typing import Any

from comity.accounts.rights import own_people
from comity.accounts.roles import Role
from comity.agreements.models import AgreementVersion
from comity.compliance.models import Obligation
from comity.documents.models import Document, DocumentVersion, RecordClass
from comity.home.demonstration import LONG_AGO, SINCE, Organisation
from comity.improvement.models import Improvement
from comity.measures.models import Kpi
from comity.parties.models import InterestedParty, Position, Process, ProcessRole, Responsibility
from comity.records import write
from comity.records.write import Actor

R = Role
PR, OD, SN = R.PROCESS_MANAGER, R.OPERATIONS_DIRECTOR, R.SENIOR_MANAGER
RM, PM = R.RELATIONSHIP_MANAGER, R.PROJECT_MANAGER
DUTIES: tuple[tuple[str, Role, dict[str, Any]], ...] = (
    ("senior_manager", SN, {"covers": ["establish"]}), ("senior_manager", OD, {"deputy": True}),
    ("customer_service_owner", SN,
     {"covers": ["full_compliance", "effectiveness_reporting", "requirement_awareness", "implement"]}),
    ("supplier_manager", R.SUPPLIER_MANAGER, {"covers": ["contract", "performance"]}),
    ("project_manager", PM, {}), ("complaint_handler", R.COMPLAINT_HANDLER, {}), ("service_desk", R.SERVICE_DESK, {}),
    ("service_level_manager", PM, {}), ("internal_assessor", R.INTERNAL_ASSESSOR, {}), ("privacy_owner", PR, {}),
    ("security_owner", OD,
     {"covers": ["competence_needs", "training_provision", "training_evaluation", "obligation_awareness",
                 "evaluation_records", "skills_register", "gathering", "analysis", "reporting"]}),
    ("process_owner", PR, {"process": "complaint_handling"}), ("process_owner", PR, {"process": "improvement"}),
    ("process_owner", PR, {"process": "problem_management"}),
    ("process_owner", OD, {"process": "change_control"}), ("process_owner", PM, {"process": "service_development"}),
    ("process_owner", RM, {"process": "market_research"}), ("process_owner", RM, {"process": "value_proposition"}),
    ("process_owner", R.SUPPLIER_MANAGER, {"process": "supplier_relationship"}),
    ("process_owner", PM, {"process": "service_level_management"}),
)  # fmt: skip
DEFINED = "complaint_definition"
ASKED = "Listens, writes plainly, keeps what was promised."
WORDS = {"duties": "As the process document says.", "authorities": "Decides on the daily work; stops what goes wrong."}


def govern(organisation: Organisation) -> None:
    """Assign what is not assigned yet, and say of every duty what it gives."""
    by = organisation.actor(PR)
    for held in Responsibility.objects.filter(authorities=""):
        words = {name: text for name, text in WORDS.items() if not getattr(held, name)}
        write.update(held, words, actor=by)
    for duty, role, more in DUTIES:
        _assign(organisation, duty, role, **more)
    for process in Process.objects.filter(tag=""):
        _assign(organisation, "process_owner", PR, subject_ref=process.ref)
    for process in Process.objects.filter(manual_part=""):
        write.update(process, {"manual_part": "Chapter 5"}, actor=by)
    _keep(organisation)
    _place(organisation)
    _tie(organisation)


def _keep(organisation: Organisation) -> None:
    """Each document has its owner, approver and class; each figure its process."""
    by, kept = organisation.actor(PR), RecordClass.objects.get(name="Rules and documents")
    head = {"owner": organisation.email(OD), "approver_role": OD.value, "distribution": "Comity", "review_interval": 12}
    for document in Document.objects.filter(record_class=None):
        write.update(document, {**head, "record_class": kept.ref}, actor=by)
    for version in DocumentVersion.objects.filter(status="effective", document__type=DEFINED):
        write.transition(version, "publish", {}, actor=by)
    figures = Kpi.objects.filter(process_ref="", staff=None).order_by("pk")
    for process, figure in zip(Process.objects.order_by("pk"), figures, strict=False):
        write.update(figure, {"process_ref": process.ref}, actor=by)
    for party, figure in zip(InterestedParty.objects.order_by("pk"), figures, strict=False):
        write.link(figure, "serves", party, actor=by)


def _place(organisation: Organisation) -> None:
    """Everybody has a position that says what the work asks for."""
    for held in Position.objects.filter(job_requirements=""):
        write.update(held, {"job_requirements": ASKED}, actor=organisation.actor(PR))
    director, senior = (organisation.people[role] for role in (OD, SN))
    for person in own_people().filter(position=None).exclude(pk=senior.pk):
        manager = senior if person == director else director
        where = {"person": person.email, "manager": manager.email, "department": "operations"}
        organisation.make("position", PR, **where, team="Office", job_requirements=ASKED)


def _tie(organisation: Organisation) -> None:
    """The policy names charter, measures, obligations and procedure; the manual names the processes."""
    policy = Document.objects.get(type="customer_service_policy")
    manual = Document.objects.get(type="management_system_manual")
    ruled = (
        *AgreementVersion.objects.filter(agreement__type="charter", status="in_force"),
        *Kpi.objects.filter(level="frontline"),
        *DocumentVersion.objects.filter(document__type="complaint_procedure", status="effective"),
        *Obligation.objects.all(), *Improvement.objects.filter(type="strategic_initiative"),
    )  # fmt: skip
    for record in ruled:
        write.link(policy, "names", record, actor=organisation.actor(PR))
    for process in Process.objects.all():
        write.link(manual, "names", process, actor=organisation.actor(PR))
    for described in Document.objects.filter(type="process_document"):
        for role in ProcessRole.objects.all():
            write.link(described, "names", role, actor=organisation.actor(PR))


def _assign(organisation: Organisation, duty: str, holder: Role, **more: Any) -> None:
    person = organisation.people[holder]
    values = {"role": duty, "person": person.email, "starts_on": SINCE, **WORDS, **more}
    row = organisation.make("responsibility", PR, **values)
    approver = organisation.actor(SN if holder != SN else OD)
    row = write.transition(row, "approve", actor=approver, happened_at=LONG_AGO)
    write.transition(row, "accept", actor=Actor(person), happened_at=LONG_AGO)
