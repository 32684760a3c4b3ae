"""Which version holds for a customer at a day, and whether its contact has agreed to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from comity.accounts.prepared import ANY, prepared
from comity.documents.models import DocumentVersion
from comity.documents.types import DocumentType
from comity.parties.models import Acceptance, Customer
from comity.parties.rules import Place, Shelf, nearness
from comity.records import write
from comity.records.models import Record
from comity.records.remembered import Remembered
from comity.records.write import Actor


def _day(on: date | datetime | None) -> date:
    """The organisation's day at that moment, whoever looks and from wherever."""
    if on is None or isinstance(on, datetime):
        return timezone.localdate(on, ZoneInfo(settings.COMITY_TIME_ZONE))
    return on


class Definitions:
    """The approved versions of one type of document in memory: loaded once, then asked for any customer and day."""

    def __init__(self, versions: Iterable[DocumentVersion]) -> None:
        documents: dict[int, list[DocumentVersion]] = {}
        for version in versions:
            documents.setdefault(version.document_id, []).append(version)
        self._shelf: Shelf[list[DocumentVersion]] = Shelf()
        for held in documents.values():
            self._shelf.put(held, _ids(held[0].document.customer_id), _ids(held[0].document.segment_id))

    @classmethod
    def load(cls, type: str = DocumentType.COMPLAINT_DEFINITION) -> Definitions:
        """One small question, as long as no document has changed since the last time."""
        return _approved().get(type) or cls(())

    def of(self, customer: Place | None, on: date | datetime | None = None) -> DocumentVersion | None:
        """The version in force: the customer's own, else its segment's, else the organisation's."""
        day, found = _day(on), []
        for versions in self._shelf.concerning(customer):
            held = [v for v in versions if v.effective_on and v.effective_on <= day and not _withdrawn(v, day)]
            if not held:
                continue
            document = held[-1].document
            near = nearness(customer, _ids(document.customer_id), _ids(document.segment_id))
            if near is not None:
                found.append((near, -held[-1].effective_on.toordinal(), document.pk, held[-1]))  # type: ignore[union-attr]
        return min(found, key=lambda row: row[:3])[3] if found else None


def _ids(pk: int | None) -> tuple[int, ...]:
    return () if pk is None else (pk,)


def _withdrawn(version: DocumentVersion, day: date) -> bool:
    return version.withdrawn_at is not None and _day(version.withdrawn_at) <= day


def _read() -> dict[str, Definitions]:
    rows = DocumentVersion.objects.filter(document__archived_at=None, approved_at__isnull=False)
    found: dict[str, list[DocumentVersion]] = {}
    for row in rows.select_related("document").order_by("effective_on", "version_no").defer("body"):
        found.setdefault(row.document.type, []).append(row)
    return {type: Definitions(versions) for type, versions in found.items()}


_approved = Remembered(_read, "document", "document_version")


def definition_for(
    customer: Place | None, on: date | datetime | None = None, type: str = DocumentType.COMPLAINT_DEFINITION
) -> DocumentVersion | None:
    """The version that holds for the customer on that day (today); None is a gap."""
    return Definitions.load(type).of(customer, on)


def _agreements(version_ref: str, customer: int) -> QuerySet[Acceptance]:
    given = Acceptance.objects.filter(type__in=("agreed", "signed"), status=Acceptance.Status.GIVEN)
    return given.filter(version_ref=version_ref, contact__customer=customer).order_by("accepted_at")


@prepared
def _agreed(version_ref: str) -> QuerySet[Acceptance, tuple[int]]:
    return _agreements(version_ref, ANY).order_by().values_list("pk")[:1]


def agreed_by(version: DocumentVersion, customer: Customer, at: datetime | None = None) -> Acceptance | None:
    """The standing consent of one of the customer's contacts to exactly this version, if there was one by then."""
    if not _agreed(customer.pk, version.ref):
        return None
    rows = _agreements(version.ref, customer.pk).filter(accepted_at__lte=at or timezone.now())
    return rows.select_related("contact").first()


def take_effect(version: Record, step: str, of: str) -> None:
    """Bring a version of anything into effect on its day; those before it, of the same whole, are superseded."""
    actor = Actor.system("version_effective_on_its_date")
    version = write.transition(version, step, actor=actor)
    same = {of: getattr(version, of), "status": version.status}  # type: ignore[attr-defined]
    for old in type(version)._default_manager.filter(**same).exclude(pk=version.pk):
        write.transition(old, "supersede", actor=actor)


def release(version: DocumentVersion) -> None:
    """An approved version of a document takes effect."""
    take_effect(version, "release", of="document")
