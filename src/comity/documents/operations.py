"""Which version holds for a customer at a day, who agreed to it or read it, and how a new one begins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Grant, Person, in_force
from comity.accounts.prepared import ANY, prepared
from comity.clocks import parameters
from comity.documents import rules, starters
from comity.documents.models import Document, DocumentVersion
from comity.documents.types import DocumentType
from comity.parties.models import Acceptance, Customer
from comity.parties.rules import Place, Shelf, nearness
from comity.records import write
from comity.records.files import files_of, path_of
from comity.records.kind import kind_named
from comity.records.models import File, Record
from comity.records.remembered import Remembered
from comity.records.write import Actor

COPY_DAYS = "printed_copy_days"
parameters.declare(COPY_DAYS, 30, "d", 1, 366, _("How long a printed copy of a document may be used."))


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
        return cls.each(type)[0]

    @classmethod
    def each(cls, *types: str) -> list[Definitions]:
        """Those of several types: one small question, as long as no document has changed since the last time."""
        known = _approved()
        return [known.get(type) or cls(()) for type in types]

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
    for row in rows.select_related("document").order_by("effective_on", "version_no").defer("body", "sections"):
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


# --- files -----------------------------------------------------------------------------------------------------------


def content_files(version: DocumentVersion) -> list[dict[str, str]]:
    """The files that belong to the version: those approved with it, or while it is written all that it has."""
    if version.checksum:
        return list(version.files)
    return [{"id": str(one.pk), "name": one.name, "sha256": one.sha256} for one in files_of(version)]


def unsafe(held: Iterable[dict[str, str]]) -> list[str]:
    """The names of those among these files that are no documents, whatever they are called."""
    found = []
    for file in File.objects.filter(pk__in=[one["id"] for one in held]):
        with path_of(file).open("rb") as opened:
            if not rules.is_document(file.name, opened.read(4096)):
                found.append(file.name)
    return found


# --- reading ---------------------------------------------------------------------------------------------------------


def must_read(document: Document) -> QuerySet[Person]:
    """The people at work who hold one of the roles that confirm having read the document."""
    held = Grant.objects.filter(in_force(timezone.localdate()), role__in=document.readers)
    return Person.objects.filter(is_active=True, pk__in=held.values("person")).order_by("name")


def readings(version: DocumentVersion) -> QuerySet[Acceptance]:
    """Who confirmed having read and understood exactly this version; with the next one everybody is asked again."""
    rows = Acceptance.objects.filter(version_ref=version.ref, type="read", status=Acceptance.Status.GIVEN)
    return rows.filter(person__isnull=False).select_related("person").order_by("accepted_at")


def reading_of(version: DocumentVersion, person: Person) -> Acceptance | None:
    return readings(version).filter(person=person).first()


def to_read(person: Person) -> list[DocumentVersion]:
    """The versions in force that this person has to confirm having read, and has not yet."""
    roles = set(Grant.objects.filter(in_force(timezone.localdate()), person=person).values_list("role", flat=True))
    given = Acceptance.objects.filter(person=person, type="read", status=Acceptance.Status.GIVEN)
    rows = DocumentVersion.objects.filter(status=DocumentVersion.Status.EFFECTIVE, archived_at=None)
    rows = rows.exclude(ref__in=given.values("version_ref")).exclude(document__readers=[])
    return [one for one in rows.select_related("document").order_by("ref") if roles & set(one.document.readers)]


def confirm_reading(version: DocumentVersion, actor: Actor) -> Acceptance:
    """Record that the person who acts read and understood the version; nobody can do it for another."""
    data = {"type": "read", "version_ref": version.ref, "person": actor.person.email}
    rule = Actor(actor.person, actor.via, "reading_confirmed")
    made: Acceptance = write.create(kind_named("acceptance"), data, actor=rule)
    return made


# --- beginnings ------------------------------------------------------------------------------------------------------


def next_draft(document: Document, actor: Actor) -> DocumentVersion:
    """A draft to write the next version in: it begins with the text of the last one. Who has one goes on with that."""
    begun = document.versions.filter(status=DocumentVersion.Status.DRAFT, author=actor.person, archived_at=None)
    if (mine := begun.order_by("-version_no").first()) is not None:
        return mine
    last = document.versions.exclude(status=DocumentVersion.Status.DRAFT).order_by("-version_no").first()
    data: dict[str, Any] = {"document": document.ref, "author": actor.person.email}
    if last is not None:
        cites = [one.ref for one in last.cites.all()]
        data |= {"body": last.body, "sections": last.sections, "cites": cites}
    made: DocumentVersion = write.create(kind_named("document_version"), data, actor=actor)
    return made


def from_starter(type: str, language: str, actor: Actor) -> DocumentVersion:
    """A new document of the type with a draft that holds the starter's text. Raises KeyError where there is none."""
    begun = starters.starter(type)
    if begun is None:
        raise KeyError(type)
    head = {"title": begun.title.of(language), "type": type, "process": begun.process, "review_interval": 12}
    document = write.create(kind_named("document"), {**head, "owner": actor.person.email}, actor=actor)
    text = {
        "body": begun.body.of(language),
        "sections": {one.tag: one.drafted(language) for one in begun.sections},
    }
    made: DocumentVersion = write.create(
        kind_named("document_version"), {"document": document.ref, "author": actor.person.email, **text}, actor=actor
    )
    return made
