"""The case: one intake from a customer, user or staff member, and all that is found out and done about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.accounts.columns import person
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.cases.models import choices, privacy
from comity.cases.models.columns import moment, proof
from comity.cases.models.indexes import INDEXES
from comity.cases.models.intake import Intake
from comity.cases.models.seen import CaseRows
from comity.cases.rules import words
from comity.cases.rules.deadlines import Figure, Pause, figure
from comity.cases.rules.intake import fits
from comity.cases.rules.notices import Wish
from comity.communications.rules import straight
from comity.records.models import term

if TYPE_CHECKING:
    from comity.accounts.models import Person

RATED_AT_INTAKE = "normal"


class Work(models.Model):
    """What is found out, decided and told while a case is worked."""

    severity = models.CharField(_("severity"), max_length=8, choices=choices.Severity, default=RATED_AT_INTAKE)
    consequence = models.CharField(_("consequence"), max_length=8, choices=choices.Severity, blank=True)
    likelihood = models.CharField(
        _("likelihood of recurrence"), max_length=6, choices=choices.Likelihood, default=choices.Likelihood.MEDIUM
    )
    safety = models.BooleanField(_("people may be in danger"), default=False)
    immediate = models.BooleanField(_("immediate action needed"), default=False)
    intricate = models.BooleanField(_("complex"), default=False)
    risk_score = models.PositiveSmallIntegerField(_("risk score"), null=True, blank=True, editable=False)
    path = models.CharField(_("path"), max_length=8, choices=choices.Path, blank=True, editable=False)
    handler = person(_("handler"), db_index=False)
    investigator = person(_("investigator"))
    plan = models.TextField(_("investigation plan"), blank=True)
    facts = models.TextField(_("facts"), blank=True)
    views_of_parties = models.TextField(_("view of each party"), blank=True)
    cause_category = term("cause_category", null=True, blank=True, verbose_name=_("cause category"))
    cause_area = models.CharField(_("cause area"), max_length=20, choices=choices.CauseArea, blank=True)
    at_fault = models.ForeignKey(
        "parties.Supplier", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("supplier at fault"),
    )  # fmt: skip
    upheld = models.CharField(_("upheld"), max_length=12, choices=choices.Upheld, blank=True)
    improvement_need = models.BooleanField(_("improvement needed?"), null=True, blank=True)
    needs = models.TextField(_("needs found"), blank=True)
    no_action_reason = models.TextField(_("why no action is needed"), blank=True)
    outcome = models.TextField(_("outcome"), blank=True)
    outcome_reasons = models.TextField(_("reasons of the outcome"), blank=True)
    not_solvable_within_level = models.BooleanField(_("not solvable within the service level"), default=False)
    level_analysis = models.TextField(_("why the service level cannot solve it"), blank=True)
    flagged_at = moment(_("flagged"))
    explained_at = moment(_("explained to the customer"))
    promised_at = models.DateTimeField(_("new date promised"), null=True, blank=True)
    extension_reason = models.TextField(_("reason of the extension"), blank=True)
    outside_body = models.CharField(_("outside body the customer may turn to"), max_length=300, blank=True)
    proposed_classification = models.CharField(
        _("proposed classification"), max_length=20, choices=choices.Classification, blank=True
    )
    proposed_by = person(_("proposed by"), editable=False, db_index=False)
    proposal_reason = models.TextField(_("reason of the proposal"), blank=True, editable=False)
    approver = person(_("approved by"), editable=False, db_index=False)
    reclassified_at = moment(_("reclassified"))
    withdrawal_asked_at = moment(_("customer asked to withdraw"))

    class Meta:
        abstract = True


class Course(models.Model):
    """Where a case stands and what runs on it; set by operations and rules alone."""

    status = models.CharField(_("status"), max_length=24, choices=choices.Status, default=choices.Status.RECEIVED)
    resume_status = models.CharField(max_length=24, choices=choices.Status, blank=True, editable=False)
    states_passed = models.JSONField(default=list, editable=False)
    escalation_level = models.PositiveSmallIntegerField(
        _("escalation level"), choices=choices.Level, default=choices.Level.NONE, editable=False
    )
    repeated = models.BooleanField(_("repeated"), default=False, editable=False)
    restricted = models.BooleanField(_("restricted"), default=False, editable=False)
    for_analysis = models.BooleanField(_("on the next analysis"), default=False, editable=False)
    entered_late = models.BooleanField(_("entered late"), default=False, editable=False)
    reopen_count = models.PositiveSmallIntegerField(_("times reopened"), default=0, editable=False)
    reject_count = models.PositiveSmallIntegerField(_("times rejected"), default=0, editable=False)
    acknowledged_at = moment(_("acknowledged"))
    assigned_at = moment(_("first assigned"))
    classified_at = moment(_("classification confirmed"))
    assessed_at = moment(_("assessed"))
    answered_at = moment(_("first substantive answer"))
    investigating_at = moment(_("investigation begun"))
    left_investigating_at = moment(_("investigation ended"))
    resolved_at = moment(_("resolved"))
    closed_at = moment(_("closed"))
    close_ground = models.CharField(
        _("ground of closing"), max_length=24, choices=choices.CloseGround, blank=True, editable=False
    )
    ack_due_at = moment(_("acknowledge by"))
    place_due_at = moment(_("classify and assign by"))
    triage_due_at = moment(_("assess by"))
    answer_due_at = moment(_("answer by"))
    investigate_due_at = moment(_("investigate by"))
    resolve_due_at = moment(_("resolve by"))
    told_due_at = moment(_("resolve by, as the customer was told"))
    warn_at = moment(_("first escalation at"))
    far_over_at = moment(_("top escalation at"))
    confirm_due_at = moment(_("confirm by"))
    remind_at = moment(_("remind at"))
    reminded_at = moment(_("reminded"))
    tell_at = moment(_("next progress notice"))
    news_due_at = moment(_("news by"))
    next_due_at = moment(_("next deadline"))
    sweep_at = moment(_("looked at by the rules"))
    rules_wait_until = moment(_("rules wait until"))
    topic_checked_at = moment(_("repetition looked at"))
    resolve_from = moment(_("resolution clock begun anew"))
    paused_from = moment(_("waiting since"))
    pause_ends_at = moment(_("waiting until"))
    pauses = models.JSONField(default=list, editable=False)
    breached = models.BooleanField(_("resolution clock missed"), default=False, editable=False)
    breaches = models.JSONField(default=list, editable=False)
    result_notice = proof(_("result notice"))
    clarification = proof(_("confirmation of what was unclear"))
    confirmation = proof(_("what the customer said"))
    customer_notice = proof(_("notice of the reclassification"))

    class Meta:
        abstract = True


class Case(Intake, Work, Course):
    """One intake; users see it as a complaint when it is classified so (BRM-3.3, ISO/IEC 20000-1:2011 7.1)."""

    meaning = _("What customers, users and staff bring up: complaints, requests, suggestions, enquiries, praise.")

    Status, Classification, Severity, CloseGround = (
        choices.Status, choices.Classification, choices.Severity, choices.CloseGround,
    )  # fmt: skip

    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", editable=False,
        verbose_name=_("goes on as"),
    )  # fmt: skip
    bundle = models.ForeignKey(
        "cases.Escalation", models.PROTECT, null=True, blank=True, related_name="bundled", editable=False,
        verbose_name=_("topic bundle"),
    )  # fmt: skip

    objects = CaseRows.as_manager()  # type: ignore[misc]

    ties = frozenset({"merged_into", "continued_as", "split_from", "follow_up_of", "proven_by"})

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = INDEXES

    def __str__(self) -> str:
        return self.title

    @property
    def watched(self) -> bool:
        """Every reading of a restricted case leaves a line (PG-004-24)."""
        return self.restricted

    def editable(self, person: Any) -> bool:
        """Once it is being worked on, only handlers change a case."""
        early = self.status in (choices.Status.RECEIVED, choices.Status.ACKNOWLEDGED)
        return early or Role.COMPLAINT_HANDLER in rights_of(person).roles

    @property
    def named(self) -> frozenset[int]:
        """Ids of the people complained about, and of all who sign in for the supplier at fault; read once until they
        change."""
        if self.pk is None:
            return frozenset()
        models.prefetch_related_objects([self], "about", *(["at_fault__contacts"] if self.at_fault_id else []))
        contacts = self.at_fault.contacts.all() if self.at_fault else ()
        return frozenset({one.pk for one in self.about.all()} | {one.person_id for one in contacts if one.person_id})

    @property
    def since(self) -> datetime:
        """Nothing was done about a case before it was received."""
        return self.moved_at or self.received_at

    def barred(self, person: Any) -> bool:
        """Whom a complaint is about neither works on it nor changes what it says (BRM-3.3-4)."""
        return person.pk in self.named

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        """What the complaint owner answers for, and what was put to this person (BRM-3.3-4)."""
        from comity.cases.models.entrusted import opened

        return opened(person, rights)

    def derive(self, changed: set[str]) -> None:
        """Title, restriction and deadlines follow from what was entered. Raises ValidationError for a handler or an
        investigator who may not read the complaints of the case's unit."""
        from comity.cases.models import timing
        from comity.cases.models.entrusted import may_hold

        for name in changed & {"handler", "investigator"}:
            if (held := getattr(self, name)) and not may_hold(held, self.unit_id):
                raise ValidationError({name: _("This person may not read complaints; name somebody else.")})
        if not fits(self.subtype, self.classification):
            if "subtype" in changed:
                raise ValidationError({"subtype": _("This subtype belongs to another classification.")})
            self.subtype = ""  # what it became has no such subtype; the trail keeps what it was
        if self.status not in self.states_passed:
            self.states_passed = [*self.states_passed, self.status]
        self.title = straight(self.title or self.description.strip().split("\n")[0])[:200]
        if self.handler_id and self.assigned_at is None:
            self.assigned_at = self.moved_at or self.entered_at
        self.restricted = self.restricted or self.origin == choices.Origin.INTERNAL
        if self._state.adding or changed & timing.INPUTS:
            timing.reckon(self)
        timing.follow(self)

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        """Say so where the calendar has too little working time for the limits."""
        from comity.records import write

        rule = write.Actor.system("BRM-3.3-3", actor.via)
        for case in records:
            if case.__dict__.pop("_plainly", False):
                words = gettext_noop("The calendar has too little working time; deadlines are counted in plain time.")
                write.note_auto(case, words, rule)
            if case.subtype == choices.Subtype.PRIVACY:
                privacy.logged(case, actor)

    def updated(self, changed: set[str], actor: Any) -> None:
        if "subtype" in changed and self.subtype == choices.Subtype.PRIVACY:
            privacy.logged(self, actor)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Case:
        case = super().from_db(db, field_names, values, **options)
        case.__dict__["_read"] = (field_names, values)
        return case

    def before(self, name: str) -> Any:
        """The value of a column as it was read; what a step sets meanwhile does not show."""
        names, values = self.__dict__.get("_read", ((), ()))
        return values[names.index(name)] if name in names else getattr(self, name)

    def hide_complainant(self) -> None:
        """Forget who complains, in memory only, and say so to every door."""
        self.complainant = self.agent = self.address = self.reach = ""
        self.contact = None
        self.hidden = choices.WHO_COMPLAINS

    @property
    def recorder(self) -> Person:
        """Who wrote it down."""
        return self.entered_by

    @property
    def is_complaint(self) -> bool:
        return self.classification == choices.Classification.COMPLAINT

    @property
    def is_open(self) -> bool:
        return self.status != choices.Status.CLOSED

    @property
    def severity_step(self) -> words.Severity:
        return words.Severity(self.severity)

    @property
    def clock_from(self) -> datetime:
        """When the clocks began: dissatisfaction may have been voiced before anybody called it a complaint."""
        return self.first_dissatisfied_at or self.received_at

    @property
    def wish(self) -> Wish:
        return Wish.of(self.notification_wish)

    @property
    def result_by(self) -> datetime | None:
        """Until when the customer has the result, as they were told: by the newest promise, else by our receipt, whose
        date moves by nothing but the time that we waited for them; before both, by the clock."""
        promised: datetime | None = self.promised_at
        told: datetime | None = self.told_due_at
        due: datetime | None = self.resolve_due_at
        if promised and not (self.resolve_from and promised < self.resolve_from):
            return promised
        if told is None or due is None:
            return due
        return max(told, due) if self.pauses or self.paused_from else told

    @property
    def ended_pauses(self) -> list[Pause]:
        found = ((parse_datetime(start), parse_datetime(end)) for start, end in self.pauses)
        return [(start, end) for start, end in found if start and end]

    @property
    def counted_pauses(self) -> list[Pause]:
        """Ended pauses, and the one that runs at its longest: the latest that the deadline can become."""
        running = [(self.paused_from, self.pause_ends_at)] if self.paused_from and self.pause_ends_at else []
        return [*self.ended_pauses, *running]

    @property
    def waits_for_improvement(self) -> bool:
        """Told to the customer, so that the clock of then rings no more (BRM-3.3-14); one that began anew does."""
        return self._explained and not (self.resolve_from and self.explained_at < self.resolve_from)

    @property
    def _explained(self) -> bool:
        return self.not_solvable_within_level and self.explained_at is not None

    def figure(self, now: datetime | None = None) -> Figure | None:
        """How it counts on the resolution clock; None where that clock does not run."""
        if self.resolve_due_at is None or self.close_ground == choices.CloseGround.RECLASSIFIED:
            return None
        return figure(
            self.resolve_due_at, self.resolved_at or self.closed_at, now or timezone.now(),
            breached=self.breached, waiting=self._explained,
        )  # fmt: skip
