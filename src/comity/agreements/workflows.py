"""From, to, by whom: the life of services, agreements and their versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.roles import Role
from comity.agreements.models import Agreement, AgreementVersion, Service, ServiceRequirement
from comity.agreements.operations import start
from comity.parties.models import Acceptance, Contact
from comity.parties.operations import holders
from comity.parties.separation import apart, separation
from comity.records import write
from comity.records.kind import kind_named
from comity.records.workflow import Lack, Workflow, move
from comity.records.write import Actor

RM, PM, PR, OD = Role.RELATIONSHIP_MANAGER, Role.PROJECT_MANAGER, Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR
DRAFTERS, DECIDERS = (RM, PM), (PR, OD)
S, A, V = Service.Status, Agreement.Status, AgreementVersion.Status

service_life = Workflow(
    S.PLANNED,
    (
        move("launch", S.PLANNED, S.LIVE, by=DRAFTERS, requires=("launched_on",), label=_("Launch"), primary=True),
        move("retire", (S.PLANNED, S.LIVE), S.RETIRED, by=DRAFTERS, note=True, label=_("Retire")),
        move("resume", S.RETIRED, S.LIVE, by=DRAFTERS, note=True, label=_("Resume")),
    ),
    stages=(S.PLANNED, S.LIVE, S.RETIRED),
)


def _nothing_in_force(agreement: Agreement, actor: Actor) -> Iterator[str | Promise | Lack]:
    if agreement.versions.filter(status__in=(V.AGREED, V.IN_FORCE)).exists():
        yield _("A version of it is still in force. End that first.")


agreement_life = Workflow(
    A.ACTIVE,
    (
        move(
            "end", A.ACTIVE, A.ENDED, by=(*DRAFTERS, *DECIDERS), guard=_nothing_in_force, note=True, label=_("End")
        ),
    ),
)  # fmt: skip


def _signer(version: AgreementVersion, actor: Actor) -> Contact | None:
    rows = Contact.objects.filter(person=actor.person, status=Contact.Status.ACTIVE, signing_authority=True)
    return rows.filter(customer__agreements=version.agreement_id).first()


def _may_sign(version: AgreementVersion, actor: Actor) -> Iterator[str | Promise | Lack]:
    if _signer(version, actor) is None:
        yield _("Only a contact with signing authority for the customer can sign.")


def _sign(version: AgreementVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    version.signed_by, version.signed_on = _signer(version, actor), timezone.localdate(at)


def _change_authority(actor: Actor) -> bool:
    """Where the duty of the change authority is held at all, only its holders decide."""
    held = holders("change_authority")
    return not held or any(row.person_id == actor.person.pk for row in held)


DRAFTER = separation(
    "change", gettext_noop("Whoever drafted the version does not decide on it."),
    _("Who drafts a change does not approve it: enforced (1), or declared (0)."),
)  # fmt: skip


def _by_drafter(version: AgreementVersion, actor: Actor) -> bool:
    return actor.person.pk in (version.author_id, version.entered_by_id)


def _may_agree(version: AgreementVersion, actor: Actor) -> Iterator[str | Promise | Lack]:
    """Both sides have signed this exact version, not after its effective date."""
    if not _change_authority(actor):
        yield _("Only the change authority decides on agreements.")
    if version.effective_on is None:
        yield Lack(_("It needs the day on which it takes effect."), "effective_on")
    if version.agreement.type == Agreement.Type.CHARTER:
        return
    if version.signed_for_us_id is None or version.signed_on is None:
        yield Lack(_("It is not signed on our side."), "signed_for_us")
    elif version.effective_on and version.signed_on > version.effective_on:
        yield Lack(_("It was signed after it takes effect."), "signed_on")
    if version.signed_by_id is None and version.agreement.type in (
        Agreement.Type.SLA,
        Agreement.Type.SERVICE_ACCEPTANCE,
    ):
        yield Lack(_("It is not signed by the customer."), "signed_by")


def _agree(version: AgreementVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    version.approved_by, version.agreed_at = actor.person, at


def _agreed(version: AgreementVersion, actor: Actor, data: Mapping[str, Any]) -> None:
    """Keep the signatures as acceptances of this version, and start it if its day has come."""
    rule = Actor.system("signature_is_acceptance")
    for party in ({"contact": version.signed_by}, {"person": version.signed_for_us}):
        if all(party.values()):
            consent = {**party, "type": Acceptance.Type.SIGNED, "version_ref": version.ref, "topic": str(version)}
            write.create(kind_named("acceptance"), consent, actor=rule)
    if version.effective_on and version.effective_on <= timezone.localdate():
        start(version)


def _ends(version: AgreementVersion, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    version.ended_on = version.ended_on or timezone.localdate(at)


version_life = Workflow(
    V.DRAFT,
    (
        move("negotiate", V.DRAFT, V.IN_NEGOTIATION, by=DRAFTERS, label=_("Offer"), primary=True),
        move("redraft", V.IN_NEGOTIATION, V.DRAFT, by=DRAFTERS, note=True, label=_("Back to draft")),
        move(
            "sign", V.IN_NEGOTIATION, V.IN_NEGOTIATION, by=(Role.CUSTOMER_CONTACT,), guard=_may_sign, apply=_sign,
            label=_("Sign"), primary=True, public=True,
        ),
        apart(DRAFTER, _by_drafter, move(
            "agree", V.IN_NEGOTIATION, V.AGREED, by=DECIDERS, requires=("effective_on",),
            asks=("signed_on", "signed_for_us", "signed_by"), guard=_may_agree, apply=_agree, effect=_agreed,
            label=_("Conclude"), primary=True,
        )),
        move("start", V.AGREED, V.IN_FORCE, system=True, label=_("Take effect")),
        move("supersede", V.IN_FORCE, V.SUPERSEDED, system=True, label=_("Supersede")),
        move("expire", V.IN_FORCE, V.EXPIRED, system=True, label=_("Expire")),
        move(
            "end", (V.AGREED, V.IN_FORCE), V.ENDED, by=DECIDERS, asks=("ended_on",), apply=_ends, note=True,
            label=_("End"),
        ),
        move("withdraw", (V.DRAFT, V.IN_NEGOTIATION), V.WITHDRAWN, by=DRAFTERS, note=True, label=_("Withdraw")),
    ),
    stages=(V.DRAFT, V.IN_NEGOTIATION, V.AGREED, V.IN_FORCE),
)  # fmt: skip


R, D = ServiceRequirement.Status, ServiceRequirement.Decision


def _decide(decision: str) -> Any:
    """What a decision sets on a requirement."""

    def decided(requirement: ServiceRequirement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
        requirement.decision, requirement.decided_at, requirement.decided_by = decision, at, actor.person
        if decision == D.ACCEPTED:
            requirement.reconfirmed_at = timezone.localdate(at)

    return decided


def _supersede(requirement: ServiceRequirement, actor: Actor, data: Mapping[str, Any]) -> None:
    """The version before this one counts no longer."""
    if requirement.replaces and requirement.replaces.status == R.CURRENT:
        write.transition(requirement.replaces, "supersede", actor=actor.by("requirement_replaced"))


def _confirm(requirement: ServiceRequirement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    requirement.confirmed_at, requirement.reconfirmed_at = at, timezone.localdate(at)


def _still_so(requirement: ServiceRequirement, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    requirement.reconfirmed_at = timezone.localdate(at)


requirement_life = Workflow(
    R.PROPOSED,
    (
        move(
            "accept", R.PROPOSED, R.CURRENT, by=DRAFTERS, requires=("interpretation", "effective_on"),
            asks=("reason",), apply=_decide(D.ACCEPTED), effect=_supersede, label=_("Accept"), primary=True,
        ),
        move("reject", R.PROPOSED, R.REJECTED, by=DRAFTERS, requires=("reason",), apply=_decide(D.REJECTED),
             label=_("Reject")),
        move("defer", R.PROPOSED, R.PROPOSED, by=DRAFTERS, requires=("reason", "deferred_to"),
             apply=_decide(D.DEFERRED), label=_("Defer")),
        move("confirm", R.CURRENT, R.CURRENT, by=DRAFTERS, note=True, apply=_confirm,
             label=_("The customer confirmed it"), help=_("Name the communication in which that was said.")),
        move("reconfirm", R.CURRENT, R.CURRENT, by=DRAFTERS, apply=_still_so, label=_("It still holds")),
        move("supersede", R.CURRENT, R.SUPERSEDED, system=True, label=_("Supersede")),
        move("retire", R.CURRENT, R.RETIRED, by=DRAFTERS, note=True, label=_("Retire")),
    ),
    stages=(R.PROPOSED, R.CURRENT),
)  # fmt: skip
