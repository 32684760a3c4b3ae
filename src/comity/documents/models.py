"""Documents, their versions, and classes of records."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comity.accounts.roles import Role
from comity.documents import rules
from comity.documents.types import DocumentType
from comity.records.models import Record, Settled

PERSON = "accounts.Person"
APPROVERS = (Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER)
HERE = "Comity"  # this installation is a point of distribution that a version reaches by taking effect


def roles_in_words(codes: list[str]) -> str:
    """Roles as people call them."""
    known = dict(Role.choices)
    return ", ".join(str(known.get(code, code)) for code in codes)


class RecordClass(Record):
    """How a sort of records or documents is kept: who may see and use it, how long, how it is secured (CSMS:2003 12.1).

    Nothing here disposes of anything: the class says what is to be done, and a check asks whether it is said.
    """

    meaning = _("How a sort of records is kept: who may use and disclose it, for how long, and how it is secured.")

    class Control(models.TextChoices):
        OPEN = "open", _("Open")
        CONTROLLED = "controlled", _("Controlled")
        STRICT = "strict", _("Strictly controlled")

    class Sensitivity(models.TextChoices):
        PUBLIC = "public", _("Public")
        INTERNAL = "internal", _("Internal")
        PERSONAL = "personal", _("Personal")
        SENSITIVE = "sensitive", _("Sensitive")
        HIGHLY_SENSITIVE = "highly_sensitive", _("Highly sensitive")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    name = models.CharField(_("name"), max_length=120)
    kinds = models.JSONField(_("kinds of records"), default=list, blank=True)  # their names
    control_level = models.CharField(_("control level"), max_length=12, choices=Control, default=Control.CONTROLLED)
    sensitivity = models.CharField(
        _("sensitivity"), max_length=20, choices=Sensitivity, default=Sensitivity.INTERNAL, db_index=True
    )
    restricted = models.BooleanField(_("every reading is recorded"), default=False)
    customer_information = models.BooleanField(_("holds information about customers"), default=False)
    purpose = models.TextField(_("purpose"), blank=True)
    legal_basis = models.TextField(_("legal basis"), blank=True)
    permitted_roles = models.JSONField(_("roles that may use it"), default=list, blank=True)
    permitted_use = models.TextField(_("permitted use"), blank=True)
    disclosure_rule = models.TextField(_("rule of disclosure"), blank=True)
    retention_rule = models.TextField(_("retention and disposal"), blank=True)
    mandatory_fields = models.TextField(
        _("mandatory fields"), blank=True, help_text=_("By the names that imports use, with commas: name, email.")
    )
    security_measures = models.TextField(_("security measures"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    in_words = {"permitted_roles": roles_in_words}

    class Meta:
        verbose_name, verbose_name_plural = _("record class"), _("record classes")

    def __str__(self) -> str:
        return self.name


class Document(Record):
    """Controlled document of one type: for one customer, for a segment, or for the whole organisation."""

    meaning = _("A controlled document: for one customer, for a segment, or for the whole organisation.")

    class Classification(models.TextChoices):
        PUBLIC = "public", _("Public")
        INTERNAL = "internal", _("Internal")
        CONFIDENTIAL = "confidential", _("Confidential")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    title = models.CharField(_("title"), max_length=200)
    type = models.CharField(_("type"), max_length=40, choices=DocumentType)
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("customer")
    )
    segment = models.ForeignKey(
        "parties.Segment", models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("segment")
    )
    process = models.CharField(_("process"), max_length=60, blank=True)
    classification = models.CharField(
        _("classification"), max_length=15, choices=Classification, default=Classification.INTERNAL
    )
    record_class = models.ForeignKey(
        RecordClass, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("record class")
    )
    approver_role = models.CharField(
        _("approved by the role"), max_length=30, choices=[(role.value, role.label) for role in APPROVERS], blank=True
    )
    review_interval = models.PositiveSmallIntegerField(_("reviewed every … months"), null=True, blank=True)
    distribution = models.TextField(
        _("distribution"), blank=True,
        help_text=_("Where the version in force has to lie, one place a line. “Comity” is this installation."),
    )  # fmt: skip
    readers = models.JSONField(_("who confirms having read it"), default=list, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    in_words = {"readers": roles_in_words}

    class Meta:
        verbose_name, verbose_name_plural = _("document"), _("documents")
        indexes = [models.Index(fields=["type", "customer"], name="document_of_customer")]

    def __str__(self) -> str:
        return self.title

    @property
    def watched(self) -> bool:
        """Is every reading recorded? The class of the document says so (CSMS:2003 12.1, 13.1)."""
        return self.record_class is not None and self.record_class.restricted

    @property
    def points(self) -> list[str]:
        """The places where the version in force has to lie."""
        return rules.lines(self.distribution)

    def clean(self) -> None:
        if self.customer_id and self.segment_id:
            raise ValidationError(_("Name a customer or a segment, not both."))


class SectionsColumn(models.JSONField):
    """Sections as their room reads them."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        return rules.Sections(found) if isinstance(found, dict) else found


def sections_in_words(stored: Any) -> str:
    """How many sections; their text stands on the page of the version."""
    return ngettext("%(n)d section", "%(n)d sections", len(stored)) % {"n": len(stored)}


class DocumentVersion(Record):
    """One version of a document, immutable once approved by somebody who is not its author (ISO/IEC 20000-1:2011 4.3).

    It holds from its effective date until the next version of the same document holds, or until it is withdrawn.
    Its content is a text, sections under the tags that requirements name, files, or several of these.
    """

    meaning = _("One version of a document; once approved it no longer changes.")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        APPROVED = "approved", _("Approved")
        EFFECTIVE = "effective", _("Effective")
        SUPERSEDED = "superseded", _("Superseded")
        WITHDRAWN = "withdrawn", _("Obsolete")

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions", verbose_name=_("document"))
    version_no = models.PositiveIntegerField(_("version"), default=0, blank=True, help_text=_("Empty: the next one."))
    body = models.TextField(_("text"), blank=True, max_length=100_000, help_text=_("Markdown."))
    sections = SectionsColumn(_("sections"), default=dict, blank=True)  # {tag: {"text": …, "fields": {name: …}}}
    cites = models.ManyToManyField(Document, blank=True, related_name="cited_by", verbose_name=_("documents cited"))
    change_reason = models.TextField(_("reason for this version"), blank=True)
    replaces = models.CharField(_("replaces"), max_length=20, blank=True, editable=False)  # a reference, or "none"
    author = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("author"))
    approver = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("approver")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    files = models.JSONField(default=list, editable=False)  # [{"id", "name", "sha256"}] approved with it
    checksum = models.CharField(_("checksum"), max_length=64, blank=True, editable=False)
    effective_on = models.DateField(_("effective on"), null=True, blank=True)
    review_due_on = models.DateField(_("review due"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True, editable=False)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    released_at = models.DateTimeField(_("released"), null=True, blank=True, editable=False)
    published = models.JSONField(_("published"), default=dict, editable=False)  # {place: moment}
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    CONTENT = frozenset(
        {"document", "version_no", "body", "sections", "cites", "change_reason", "author", "effective_on"}
    )
    in_words = {"sections": sections_in_words}

    class Meta:
        verbose_name, verbose_name_plural = _("document version"), _("document versions")
        constraints = [models.UniqueConstraint(fields=["document", "version_no"], name="document_version_once")]
        indexes = [models.Index(fields=["document", "-effective_on"], name="document_version_in_force")]

    def __str__(self) -> str:
        return f"{self.document} · v{self.version_no}"

    @property
    def watched(self) -> bool:
        return self.document.watched

    @property
    def whole(self) -> str:
        """All of its text, without headings."""
        return "\n\n".join(part for part in (self.body, *rules.texts(self.sections)) if part)

    @property
    def settled_text(self) -> bool:
        """Is its content approved? Before that nobody can accept it, for it still changes."""
        return self.approved_at is not None

    @property
    def words(self) -> int:
        """How long it is."""
        return rules.length(self.whole)

    def digest(self) -> str:
        """The checksum over all that is approved with it."""
        return sha256(rules.canonical(self.body, self.sections, self.files).encode()).hexdigest()

    def editable(self, person: Any) -> bool:
        return self.status in (self.Status.DRAFT, self.Status.APPROVED, self.Status.EFFECTIVE)

    def derive(self, changed: set[str]) -> None:
        over = self.status in (self.Status.SUPERSEDED, self.Status.WITHDRAWN)
        self.next_due = None if over else self.review_due_on
        if self.version_no and self.replaces:
            return
        last = DocumentVersion.objects.filter(document=self.document_id).exclude(pk=self.pk).order_by("-version_no")
        before = last.values_list("version_no", "ref").first()
        self.version_no = self.version_no or (before[0] if before else 0) + 1
        self.replaces = before[1] if before else "none"

    def settled(self) -> Settled:
        """Only a draft is written (ISO/IEC 20000-1:2011 4.3); only the day of its next review may change later."""
        if self.status == self.Status.DRAFT:
            return {}
        approved = _("This version is approved and no longer changes. Draft the next one.")
        in_review = _("This version is in review. Send it back to the author to change it.")
        return dict.fromkeys(sorted(self.CONTENT), approved if self.approved_at else in_review)
