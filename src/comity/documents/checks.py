"""How documents answer to the words of requirements (CSMS:2003 13.1, ISO/IEC 20000-1:2011 4.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from comity.accounts.models import Grant
from comity.accounts.models import in_force as held
from comity.clocks.rules import due
from comity.documents.models import HERE, Document, DocumentVersion, RecordClass
from comity.documents.types import CLASSES, DocumentType
from comity.records.facts import Fact, Part, Rows, Timed, Unrecorded, clock, population, predicate, tie, vocabulary
from comity.records.kind import is_kind, kind_of


def effective(as_of: datetime) -> Q:
    """Approved, begun, not withdrawn, and not followed by another version of the document by then."""
    today = timezone.localtime(as_of).date()
    return (
        Q(approved_at__lte=as_of, effective_on__lte=today, document__status=Document.Status.ACTIVE)
        & (Q(superseded_at__isnull=True) | Q(superseded_at__gt=as_of))
        & (Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of))
    )


def in_force(as_of: datetime) -> Q:
    """Effective, and not past the day by which it had to be reviewed."""
    today = timezone.localtime(as_of).date()
    return effective(as_of) & (Q(review_due_on__isnull=True) | Q(review_due_on__gte=today))


vocabulary("record_class", RecordClass)
vocabulary("document", Document, Q(archived_at=None), **{"class": Fact("type", words=CLASSES)})
vocabulary(
    "document_version", DocumentVersion, Q(archived_at=None),
    in_force=Fact(holds=in_force), approval="approved_at",
    index_entry="ref",  # the master list finds every version by its reference
)  # fmt: skip

tie("document", "customer", "customer")
tie("document", "record_class", "record_class")
tie("document_version", "document", "document")
tie("document_version", "customer", "document__customer")


# --- populations -----------------------------------------------------------------------------------------------------


def _only_process(rows: Rows, process: str) -> Rows:
    """Of process documents, those of one process."""
    return rows.filter(~Q(document__type=DocumentType.PROCESS_DOCUMENT) | Q(document__process=process))


@population("documents_sms_scope")
def documents_sms_scope(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    return _only_process(rows, "supplier_relationship")


@population("relationship_document_versions")
def relationship_document_versions(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    return _only_process(rows, "customer_relationship")


@population("procedures_in_manual")
def procedures_in_manual(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Those that the manual in force cites."""
    manuals = DocumentVersion.objects.filter(in_force(as_of), document__type=DocumentType.MANAGEMENT_SYSTEM_MANUAL)
    return rows.filter(document__in=manuals.filter(cites__isnull=False).values("cites"))


@population("procedures_assigned")
def procedures_assigned(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Those that some role has to have read which somebody holds."""
    roles = set(Grant.objects.filter(held(timezone.localtime(as_of).date())).values_list("role", flat=True))
    asked = dict(rows.order_by().values_list("pk", "document__readers"))
    return rows.filter(pk__in=[pk for pk, readers in asked.items() if roles & set(readers)])


@population("questionnaires_in_force")
def questionnaires_in_force(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Those with a question about the whole."""
    return rows.filter(sections__has_key="overall")


@population("criteria_versions")
def criteria_versions(as_of: datetime, rows: Rows, **_more: Any) -> Rows:
    """Those that came into force; which of them was, at a decision, is asked of the pair."""
    return rows.filter(approved_at__lte=as_of, effective_on__lte=timezone.localtime(as_of).date())


# --- clocks ----------------------------------------------------------------------------------------------------------


@clock("document_review")
def document_review(inquiry: Any) -> Timed:
    """The version that holds is reviewed before its day: confirmed with a new one, or issued anew."""
    rows = DocumentVersion.objects.filter(effective(inquiry.as_of)).order_by()
    ahead = rows.filter(review_due_on__gte=inquiry.today)
    never = Q(reviewed_at__isnull=True) | Q(reviewed_at__gt=inquiry.as_of)
    return Timed(
        late=~Q(pk__in=ahead.values("document")),
        running=Q(pk__in=ahead.filter(never, replaces="none").values("document")),
        exempt=~Q(pk__in=rows.values("document")),
    )


@clock("version_withdrawal")
def version_withdrawal(inquiry: Any) -> Timed:
    """A superseded version is taken back in time wherever its document was laid out besides here."""
    limit = inquiry.limit("withdraw_days")
    taken = DocumentVersion.objects.filter(superseded_at__isnull=False, withdrawn_at__lte=inquiry.as_of).order_by()
    late = [
        pk
        for pk, since, until in taken.values_list("pk", "superseded_at", "withdrawn_at")
        if since and until and until > due(inquiry.calendar, since, limit)
    ]
    lying = Q(superseded_at__isnull=False) & (Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=inquiry.as_of))
    over = Q(superseded_at__lte=inquiry.ago(limit))
    return Timed(
        late=Q(pk__in=late) | (lying & over), running=lying & ~over, exempt=Q(document__distribution__in=("", HERE))
    )


# --- predicates ------------------------------------------------------------------------------------------------------


@predicate("version_published_everywhere")
def version_published_everywhere(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """A version in force lies at every place that its document names; documents without a list are asked elsewhere."""
    scope = DocumentVersion.objects.filter(in_force(as_of), archived_at=None).exclude(document__distribution="")
    missing = [one.pk for one in scope.select_related("document") if not _everywhere(one, as_of)]
    return scope, scope.filter(pk__in=missing)


def _everywhere(version: DocumentVersion, as_of: datetime) -> bool:
    laid = (version.published.get(point) for point in version.document.points)
    return all(at and datetime.fromisoformat(at) <= as_of for at in laid)


@predicate("single_version_in_force")
def single_version_in_force(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """An active document has exactly one version in force, and its revisions are numbered, dated and explained."""
    scope = Document.objects.filter(status=Document.Status.ACTIVE, archived_at=None)
    versions = DocumentVersion.objects.filter(document__in=scope.order_by().values("pk"), entered_at__lte=as_of)
    found: dict[int, list[DocumentVersion]] = {}
    for one in versions.order_by("version_no").defer("body", "sections"):
        found.setdefault(one.document_id, []).append(one)
    holding = list(versions.filter(in_force(as_of)).order_by().values_list("document", flat=True))
    sound = [pk for pk, history in found.items() if holding.count(pk) == 1 and _unbroken(history, as_of)]
    return scope, scope.exclude(pk__in=sound)


def _unbroken(history: list[DocumentVersion], as_of: datetime) -> bool:
    numbers = [one.version_no for one in history]
    judged = [one for one in history if one.approved_at and one.approved_at <= as_of]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and all(
        one.effective_on and one.change_reason.strip() for one in judged
    )


@predicate("process_document_aligned")
def process_document_aligned(as_of: datetime, rows: Rows | None, **_more: Any) -> Part:
    """The document of the customer relationship process cites a policy and a plan, and was approved or reviewed since
    the versions of them that hold took effect."""
    scope = DocumentVersion.objects.filter(
        in_force(as_of), document__type=DocumentType.PROCESS_DOCUMENT, document__process="customer_relationship"
    )
    return scope, scope.exclude(pk__in=[one.pk for one in scope if _aligned(one, as_of)])


def _aligned(version: DocumentVersion, as_of: datetime) -> bool:
    cited = list(version.cites.all())
    if not all(any(one.type in CLASSES[sort] for one in cited) for sort in ("policy", "plan")):
        return False
    leading = [one for one in cited if one.type in (*CLASSES["policy"], *CLASSES["plan"])]
    holding = DocumentVersion.objects.filter(in_force(as_of), document__in=leading)
    begun = [day for day in holding.values_list("effective_on", flat=True) if day]
    looked = max(moment for moment in (version.approved_at, version.reviewed_at) if moment and moment <= as_of)
    return bool(begun) and timezone.localtime(looked).date() >= max(begun)


@predicate("records_retained")
def records_retained(as_of: datetime, rows: Rows, **_more: Any) -> Part:
    """Records of the kind belong to a class with a rule of retention. This installation disposes of none."""
    if not is_kind(rows.model):
        raise Unrecorded(f"record_class of {rows.model.__name__}")
    name = kind_of(rows.model).name
    ruled = RecordClass.objects.filter(status=RecordClass.Status.ACTIVE, archived_at=None).exclude(retention_rule="")
    kept = any(name in one.kinds for one in ruled)
    return rows, rows.none() if kept else rows
