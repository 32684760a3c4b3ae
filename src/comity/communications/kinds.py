"""The kinds of this room."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import Role
from comity.communications.forms import CommunicationForm
from comity.communications.models import Channel, Communication, CommunicationPlan, PlanLine, PlanParty, Template, hear
from comity.communications.planning import plan_life
from comity.communications.templates import ANSWER
from comity.records import write
from comity.records.kind import Kind, register
from comity.records.trail import Actor
from comity.records.workflow import Workflow, move

KEEPERS = (Role.RELATIONSHIP_MANAGER, Role.SUPPLIER_MANAGER, Role.PROJECT_MANAGER, Role.PROCESS_MANAGER)
GROUP = _("Relationships")

channel_life = Workflow(
    Channel.Status.ACTIVE,
    (
        move("retire", Channel.Status.ACTIVE, Channel.Status.RETIRED, by=KEEPERS, note=True, label=_("Retire")),
        move("resume", Channel.Status.RETIRED, Channel.Status.ACTIVE, by=KEEPERS, label=_("Resume")),
    ),
)

channel = register(
    Kind(
        model=Channel,
        ref="CHN",
        may="channel",
        workflow=channel_life,
        fields=(
            "name", "type", "address", "audience", "purposes", "hours", "customers", "published_at", "tested_at",
            "test_result", "suitability",
        ),
        columns=("ref", "name", "type", "address", "audience", "published_at", "tested_at", "test_result", "status"),
        filters=("type", "audience", "status", "purposes"),
        search=("ref", "name", "address"),
        party="customers__contacts__person",
        icon="radio-tower",
        group=GROUP,
    )
)  # fmt: skip

communication_life = Workflow(
    Communication.Status.RECORDED,
    (
        move(
            "withdraw", Communication.Status.RECORDED, Communication.Status.WITHDRAWN,
            by=(*KEEPERS, Role.COMPLAINT_HANDLER), note=True, effect=lambda said, actor, data: hear(said, actor),
            label=_("Withdraw"),
        ),
    ),
)  # fmt: skip


def _concerned(rows: Any, person: Person, rights: Rights) -> QuerySet[Any]:
    """Restricted entries are for those who may read all restricted matters, and for those who made or own them."""
    if rights.scope("case_restricted", "read") != "all":
        rows = rows.filter(Q(restricted=False) | Q(entered_by=person) | Q(owner=person))
    return rows.as_seen_by(person, rights)  # type: ignore[no-any-return]


communication = register(
    Kind(
        model=Communication,
        ref="COM",
        may="communication",
        workflow=communication_life,
        form=CommunicationForm,
        narrow=_concerned,
        fields=(
            "direction", "purpose", "topic", "channel", "customer", "contact", "subject_ref", "occurred_at",
            "substantive", "summary", "body", "delivery", "version_carried", "bulk", "restricted",
            "audience", "recipients", "owner", "plan_line", "tags", "service_state", "customer_state",
            "expectation_gap", "need_change", "changes", "findings", "causes", "actions", "score", "response_rate",
            "conclusions", "value", "activities", "people", "judgement",
        ),
        columns=("ref", "occurred_at", "direction", "purpose", "summary", "customer", "subject_ref", "status"),
        filters=("direction", "purpose", "topic", "customer", "channel", "status", "occurred_at"),
        search=("ref", "summary", "body", "subject_ref"),
        party="customer__contacts__person",
        own=("owner", "customer__owner"),
        order="-occurred_at",
        icon="messages-square",
        group=GROUP,
    )
)  # fmt: skip

communication_plan = register(
    Kind(
        model=CommunicationPlan,
        ref="CPL",
        may="channel",
        workflow=plan_life,
        fields=(
            "name", "customer", "segment", "interested_party", "owner", "feedback_channel", "audience", "dates",
            "conflict_levels", "conflict_persons", "conflict_time_limits", "reconfirmed_at",
        ),
        columns=("ref", "name", "version_no", "customer", "segment", "interested_party", "owner", "status"),
        filters=("status", "customer", "segment", "interested_party", "owner"),
        search=("ref", "name"),
        party="customer__contacts__person",
        own=("owner", "customer__owner"),
        icon="megaphone",
        group=GROUP,
    )
)  # fmt: skip

plan_line = register(
    Kind(
        model=PlanLine,
        ref="CLN",
        may="channel",
        fields=("plan", "topic", "topic_level", "channel", "cadence", "response_time", "owner", "contact"),
        columns=("ref", "plan", "topic", "topic_level", "channel", "cadence", "response_time", "owner", "contact"),
        filters=("plan", "topic_level", "channel", "cadence", "owner"),
        search=("ref", "topic", "plan__name"),
        party="plan__customer__contacts__person",
        own=("owner", "plan__owner", "plan__customer__owner"),
        icon="repeat",
        group=GROUP,
    )
)

plan_party = register(
    Kind(
        model=PlanParty,
        ref="CPP",
        may="channel",
        fields=("plan", "own_person", "contact", "role", "duties"),
        columns=("ref", "plan", "own_person", "contact", "role"),
        filters=("plan",),
        search=("ref", "person", "role", "plan__name"),
        party="plan__customer__contacts__person",
        own=("owner", "plan__owner", "plan__customer__owner"),
        icon="user-round",
        group=GROUP,
    )
)

EDITORS = (Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR)


def _replace_former(text: Template, actor: Actor, data: Mapping[str, Any], at: datetime) -> None:
    """The text that stood for the same notice in the same language before goes out of effect."""
    if text.use == ANSWER:
        return
    former = Template.objects.filter(use=text.use, language=text.language, status=Template.Status.EFFECTIVE)
    for one in former.exclude(pk=text.pk):
        write.transition(one, "retire", actor=Actor.system("text_replaced", actor.via), note=text.ref)


template_life = Workflow(
    Template.Status.DRAFT,
    (
        move(
            "adopt", (Template.Status.DRAFT, Template.Status.RETIRED), Template.Status.EFFECTIVE, by=EDITORS,
            apply=_replace_former, label=_("Put into effect"), primary=True,
        ),
        move("retire", Template.Status.EFFECTIVE, Template.Status.RETIRED, by=EDITORS, note=True, label=_("Retire")),
    ),
    stages=(Template.Status.DRAFT, Template.Status.EFFECTIVE, Template.Status.RETIRED),
)  # fmt: skip

template = register(
    Kind(
        model=Template,
        ref="TXT",
        may="definition",
        workflow=template_life,
        fields=("name", "use", "language", "subject", "body"),
        columns=("ref", "name", "use", "language", "subject", "status"),
        filters=("use", "language", "status"),
        search=("ref", "name", "subject", "body"),
        icon="text-quote",
        group=GROUP,
    )
)
