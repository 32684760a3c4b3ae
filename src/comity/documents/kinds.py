"""The kinds of this room."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS, Role
from comity.documents.forms import DocumentForm, RecordClassForm, VersionForm
from comity.documents.models import Document, DocumentVersion, RecordClass
from comity.documents.workflows import class_life, document_life, version_life
from comity.records.kind import Kind, register

GROUP = _("Rules")
V = DocumentVersion.Status
AT_WORK = frozenset({
    Role.PROCESS_MANAGER, Role.OPERATIONS_DIRECTOR, Role.SENIOR_MANAGER, Role.INTERNAL_ASSESSOR, Role.AUDITOR,
    Role.RELATIONSHIP_MANAGER,
})  # fmt: skip
"""Whose work is with documents: they write, decide, judge, or ask customers to agree to what will hold."""


def _seen(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    """Readers are given what is in force, so that nobody works by a draft or by what is obsolete (CSMS:2003 13.1).

    Author and approver see theirs. Contacts see what was approved for them, before it takes effect and after.
    """
    if rights.roles <= CONTACTS:
        return rows.exclude(status__in=(V.DRAFT, V.REVIEW))
    if rights.roles & AT_WORK:
        return rows
    return rows.filter(Q(status=V.EFFECTIVE) | Q(author=person) | Q(approver=person))


document = register(
    Kind(
        model=Document,
        ref="DOC",
        may="definition",
        workflow=document_life,
        form=DocumentForm,
        fields=(
            "title", "type", "owner", "customer", "segment", "process", "classification", "record_class",
            "approver_role", "review_interval", "distribution", "readers",
        ),
        columns=("ref", "title", "type", "customer", "segment", "owner", "status"),
        filters=("type", "customer", "segment", "status", "owner"),
        search=("ref", "title"),
        party="customer__contacts__person",
        icon="book-text",
        group=GROUP,
    )
)  # fmt: skip

document_version = register(
    Kind(
        model=DocumentVersion,
        ref="DOV",
        may="definition",
        workflow=version_life,
        narrow=_seen,
        form=VersionForm,
        fields=(
            "document", "version_no", "body", "sections", "cites", "change_reason", "author", "effective_on",
            "review_due_on",
        ),
        columns=("ref", "document", "version_no", "status", "author", "approver", "effective_on", "review_due_on"),
        filters=("status", "document", "author", "effective_on"),
        search=("ref", "document__title", "body", "sections"),
        party="document__customer__contacts__person",
        own=("owner", "author"),
        due="next_due",
        icon="file-check",
        group=GROUP,
    )
)  # fmt: skip

record_class = register(
    Kind(
        model=RecordClass,
        ref="RCL",
        may="definition",
        workflow=class_life,
        form=RecordClassForm,
        fields=(
            "name", "kinds", "control_level", "sensitivity", "restricted", "customer_information", "purpose",
            "legal_basis", "permitted_roles", "permitted_use", "disclosure_rule", "retention_rule", "mandatory_fields",
            "security_measures", "owner",
        ),
        columns=("ref", "name", "control_level", "sensitivity", "customer_information", "owner", "status"),
        filters=("status", "sensitivity", "owner"),
        search=("ref", "name", "purpose"),
        icon="archive-restore",
        group=GROUP,
    )
)  # fmt: skip
