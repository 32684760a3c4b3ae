"""What an erasure would do, place by place, before anybody decides on it; and what it did, without a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.parties.models import Acceptance, Consent, Contact
from comity.parties.operations import same_person
from comity.privacy import places
from comity.privacy.erasing import people_of
from comity.privacy.models import DataSubjectRequest, Erasure
from comity.privacy.words import identifiers
from comity.records.access import readable
from comity.records.kind import Kind, is_kind, kind_named, kind_of
from comity.records.models import Entry
from comity.reports.blocks import Report, Table, Text

MOST = 200  # records of one kind that the preview names
ANONYMISED, REMOVED, KEPT = _("anonymised"), _("removed"), _("kept")


@dataclass(frozen=True)
class Place:
    """One place: how many rows, what becomes of them and why; its records where it has any."""

    label: str
    rows: int
    becomes: Any
    why: Any
    records: tuple[Any, ...] = ()
    spares: bool = True  # may some of them be left out?


@dataclass(frozen=True)
class Preview:
    contacts: list[Contact]
    places: list[Place]
    held: dict[str, str]
    words: list[str]


def of(one: DataSubjectRequest, person: Person) -> Preview:
    """Every place with its number of rows, its reason, and those of its records that this person may read."""
    contacts = same_person(one.contact)
    people = people_of(contacts)
    found, held = places.parted(places.scope(contacts))
    words = identifiers(contacts, people, Erasure(request=one, number=0))
    addresses = [word for word, _other in words if "@" in word]
    made = [_of_kind(kind_named(name), ids, person) for name, ids in found.items()]
    ids = [each.pk for each in people]
    gone = sum(rows.count() for _model, rows in places.beside(ids))
    made += [
        Place(gettext("Mails"), places.mails(found, addresses, held).count(), REMOVED,
              _("The originals go; that there was a mail, and when, stays.")),
        Place(gettext("Files"), places.files(found).count(), REMOVED,
              _("Name and content go; that there was a file, and when, stays.")),
        Place(gettext("Sign-in"), len(people), ANONYMISED, _("It is closed, and keeps its number for the trail.")),
        Place(gettext("Wishes, links, notices and drafts of that sign-in"), gone, REMOVED, _("Nothing refers to it.")),
        Place(gettext("Lines of the audit trail"), Entry.objects.filter(actor_id__in=ids).count(), ANONYMISED,
              _("Who acted has no name any more; what was done, and when, stays, under its seal.")),
    ]  # fmt: skip
    made += [
        Place(kind_of(model).plural, model._default_manager.filter(contact__in=contacts).count(), KEPT, why)
        for model, why in ((Acceptance, _SIGNED), (Consent, _CHOSEN))
        if is_kind(model)
    ]
    return Preview(contacts, [place for place in made if place.rows], held, [word for word, _other in words])


def _of_kind(kind: Kind, ids: list[int], person: Person) -> Place:
    rows = readable(kind, person).filter(pk__in=ids).order_by("-pk")[:MOST]
    why = _WHY.get(kind.name, _WHY[""])
    return Place(kind.plural, len(ids), ANONYMISED, why, tuple(rows), kind.name != "contact")


_SIGNED = _("That the organisation signed this version on that day is evidence for both sides.")
_CHOSEN = _("The bare choice proves that nobody was asked who did not want it.")
_WHY = {
    "": _("What was said goes; number, dates, classes and figures stay."),
    "contact": _("Name and addresses go; the organisation it belonged to stays."),
}


def certificate(made: Erasure) -> Report:
    """What was done, in numbers: nothing on it tells who it was."""
    one, ended = made.request, made.ended_at
    rows = [[_label(place), n] for place, n in sorted(made.counts.items())]
    blocks: list[Any] = [
        Text(gettext("The data of one person were erased. Figures, results and verdicts were not changed by it.")),
        Table(gettext("What was done"), (gettext("Place"), gettext("Rows")), rows, right=(1,)),
    ]
    if made.held:
        held = [[ref, reason] for ref, reason in sorted(made.held.items())]
        blocks.append(Table(gettext("Under legal hold"), (gettext("Record"), gettext("Reason")), held))
    blocks.append(Text(gettext("The audit trail tells of each line that lost words, and its seal still holds.")))
    facts = [
        (gettext("Request"), one.ref), (gettext("Number"), str(made.number)),
        (gettext("received"), date_format(localtime(one.received_at), "DATE_FORMAT")),
        (gettext("confirmed by"), str(made.begun_by)),
        (gettext("begun"), date_format(localtime(made.begun_at), "DATETIME_FORMAT")),
        (gettext("ended"), date_format(localtime(ended), "DATETIME_FORMAT") if ended else "–"),
    ]  # fmt: skip
    words = {"page": gettext("Page # of #")}
    title = gettext("Certificate of an erasure")
    return Report(title, "", f"erasure-{one.ref}", get_language() or "en", blocks, facts, words)


def _label(place: str) -> str:
    """A place in words."""
    sort, _names, table = place.rpartition("names_in_")
    if _names:
        return gettext("Names in: %(table)s") % {"table": _plural(table)}
    return _plural(sort + table)


def _plural(name: str) -> str:
    from django.apps import apps

    for model in apps.get_models():
        if name in (model._meta.model_name, kind_of(model).name if is_kind(model) else ""):
            return str(model._meta.verbose_name_plural)
    return {"former": gettext("Former states of rows")}.get(name, name)
