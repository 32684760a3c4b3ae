"""Documents and their versions."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from comity.documents.types import DocumentType
from comity.records.models import Record

PERSON = "accounts.Person"


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
    review_interval = models.PositiveSmallIntegerField(_("reviewed every … months"), null=True, blank=True)
    distribution = models.CharField(_("distribution"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("document"), _("documents")
        indexes = [models.Index(fields=["type", "customer"], name="document_of_customer")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.customer_id and self.segment_id:
            raise ValidationError(_("Name a customer or a segment, not both."))


class DocumentVersion(Record):
    """One version of a document, immutable once approved by somebody who is not its author (ISO/IEC 20000-1:2011 4.3).

    It holds from its effective date until the next version of the same document holds, or until it is withdrawn.
    """

    meaning = _("One version of a document; once approved it no longer changes.")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        EFFECTIVE = "effective", _("Effective")
        SUPERSEDED = "superseded", _("Superseded")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions", verbose_name=_("document"))
    version_no = models.PositiveIntegerField(_("version"), default=0, blank=True, help_text=_("Empty: the next one."))
    body = models.TextField(_("text"), help_text=_("Markdown."))
    change_reason = models.TextField(_("reason for this version"), blank=True)
    author = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("author"))
    approver = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("approver")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    effective_on = models.DateField(_("effective on"), null=True, blank=True)
    review_due_on = models.DateField(_("review due"), null=True, blank=True)
    next_due = models.DateField(_("next due"), null=True, blank=True, db_index=True, editable=False)
    released_at = models.DateTimeField(_("released"), null=True, blank=True, editable=False)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    CONTENT = frozenset({"document", "version_no", "body", "change_reason", "author", "effective_on"})

    class Meta:
        verbose_name, verbose_name_plural = _("document version"), _("document versions")
        constraints = [models.UniqueConstraint(fields=["document", "version_no"], name="document_version_once")]
        indexes = [models.Index(fields=["document", "-effective_on"], name="document_version_in_force")]

    def __str__(self) -> str:
        return f"{self.document} · v{self.version_no}"

    def derive(self, changed: set[str]) -> None:
        over = self.status in (self.Status.SUPERSEDED, self.Status.WITHDRAWN)
        self.next_due = None if over else self.review_due_on
        if not self.version_no:
            last = DocumentVersion.objects.filter(document=self.document_id).aggregate(n=models.Max("version_no"))["n"]
            self.version_no = (last or 0) + 1

    def updated(self, changed: set[str], actor: Any) -> None:
        if self.approved_at and changed & self.CONTENT:
            message = _("This version is approved and no longer changes. Draft the next one.")
            raise ValidationError(dict.fromkeys(sorted(changed & self.CONTENT), message))
