"""What somebody asks about personal data stands in the log of communication, where its clock runs (CSMS:2003 8.7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comity.communications.models import Communication
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor

if TYPE_CHECKING:
    from comity.cases.models.case import Case

RULE = "CSMS2003-8.7.4-s3-d"


def topic_of(case: Case) -> str:
    """Under which topic the log keeps what is said about a case."""
    if case.subtype == "privacy":
        return Communication.Topic.PRIVACY
    return Communication.Topic.COMPLAINT if case.is_complaint else Communication.Topic.FEEDBACK


def logged(case: Case, actor: Any) -> None:
    """The message with which it began is logged under privacy: the one that is there, else one that says what the case
    says. From then on whoever answers for privacy or security has the time for such queries to answer it."""
    rule, inbound = Actor.system(RULE, actor.via), Communication.Direction.INBOUND
    began = {"purpose": Communication.Purpose.INTAKE, "topic": topic_of(case)}
    rows = Communication.objects.filter(subject_ref=case.ref, direction=inbound, purpose=began["purpose"])
    known = list(rows.filter(status=Communication.Status.RECORDED))
    for said in known:
        write.assign(said, {"topic": began["topic"]}, actor=rule)
    if not known:
        values = began | {
            "direction": inbound, "customer": case.customer, "contact": case.contact, "subject_ref": case.ref,
            "occurred_at": case.received_at, "summary": case.title, "body": case.description,
            "restricted": case.restricted,
        }  # fmt: skip
        write.create(kind_of(Communication), values, actor=rule, unit=case.unit, happened_at=case.received_at)
