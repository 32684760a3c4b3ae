"""From, to, by whom: the life of a request about own data, and of a legal hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.privacy import telling
from comity.privacy.models import DataSubjectRequest, LegalHold
from comity.records.trail import Actor
from comity.records.workflow import Workflow, move

KEEPERS = (Role.RELATIONSHIP_MANAGER, Role.PROCESS_MANAGER)
OFFICERS = (Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR)  # who may decide on a request and on a hold
S, H, T = DataSubjectRequest.Status, LegalHold.Status, DataSubjectRequest.Type
Words = Iterator[str | Promise]
Data = Mapping[str, Any]


def _about_oneself(one: DataSubjectRequest, actor: Actor) -> Words:
    if one.contact.person_id == actor.person.pk and not actor.rule:
        yield _("You ask this yourself; somebody else decides on it.")


def _not_to_erase(one: DataSubjectRequest, actor: Actor) -> Words:
    yield from _about_oneself(one, actor)
    if one.type == T.DELETION and not actor.rule:
        yield _("Erase their data; then it is done.")


def _closed(one: DataSubjectRequest, actor: Actor, data: Data, at: datetime) -> None:
    one.closed_at = at


def _tell(one: DataSubjectRequest, actor: Actor, data: Data) -> None:
    telling.answered(one, actor)


request_life = Workflow(
    S.RECEIVED,
    (
        move(
            "identify", S.RECEIVED, S.IDENTIFIED, by=KEEPERS, requires=("identified_by",), guard=_about_oneself,
            label=_("Confirm the identity"), primary=True,
        ),
        move(
            "grant", S.IDENTIFIED, S.GRANTED, by=OFFICERS, guard=_about_oneself, label=_("Grant"), primary=True,
            help=_("Then do what they ask. To erase, look at the preview first."),
        ),
        move(
            "refuse", (S.RECEIVED, S.IDENTIFIED, S.GRANTED), S.REFUSED, by=OFFICERS, requires=("outcome",),
            guard=_about_oneself, apply=_closed, effect=_tell, label=_("Refuse"),
            help=_("They are told the reason."),
        ),
        move(
            "answer", S.GRANTED, S.DONE, by=KEEPERS, requires=("outcome",), guard=_not_to_erase, apply=_closed,
            effect=_tell, label=_("Answer"), primary=True,
        ),
        move(
            "withdraw", (S.RECEIVED, S.IDENTIFIED, S.GRANTED), S.WITHDRAWN, by=(*KEEPERS, Role.CUSTOMER_CONTACT),
            note=True, apply=_closed, public=True, label=_("Withdraw"),
        ),
        move("erase", S.GRANTED, S.ERASING, system=True, label=_("Erase their data")),
        move("erased", S.ERASING, S.DONE, system=True, apply=_closed, label=_("Erased")),
    ),
    stages=(S.RECEIVED, S.IDENTIFIED, S.GRANTED, S.DONE),
)  # fmt: skip

hold_life = Workflow(
    H.HELD, (move("lift", H.HELD, H.LIFTED, by=OFFICERS, note=True, label=_("Lift")),), stages=(H.HELD, H.LIFTED)
)
