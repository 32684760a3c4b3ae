"""What we hold about one contact, put together for them as a file that people and programs read (ISO 10002, 8.1)."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.accounts.models import Person
from comity.cases.models import Case
from comity.cases.operations import seen_outside
from comity.clocks.parameters import limit
from comity.parties.operations import signed_in_as
from comity.portal.gate import Visit, as_contact
from comity.portal.models import OwnData
from comity.privacy.models import DataSubjectRequest
from comity.records import write
from comity.records.access import readable
from comity.records.forms import plain_values
from comity.records.kind import kind_named, kind_of
from comity.records.trail import Actor

ABOUT = ("email", "name", "language", "time_zone", "theme")
RULE = "own_data"
LISTED = {  # the kinds of which somebody's own records are given, and the path to the contact
    "acceptance": "contact", "claim": "contact", "communication": "contact", "consent": "contact",
}  # fmt: skip


@transaction.atomic
def ask(visit: Visit) -> OwnData:
    """A request with a date, and the order to prepare the copy. One at a time: who asks again meanwhile gets the
    same."""
    from comity.portal.jobs import prepare

    if known := OwnData.objects.of(visit.person).first():
        return known  # type: ignore[no-any-return]
    one = _request(visit, DataSubjectRequest.Type.ACCESS)
    asked: OwnData = OwnData.objects.create(person=visit.person, request_ref=one.ref)
    prepare.enqueue(asked.pk)
    return asked


@transaction.atomic
def ask_erasure(visit: Visit, why: str) -> DataSubjectRequest:
    """A request to erase what we hold about them. One at a time here, too."""
    return open_erasure(visit) or _request(visit, DataSubjectRequest.Type.DELETION, description=why)


def open_erasure(visit: Visit) -> DataSubjectRequest | None:
    """Their request to be erased that is not answered yet."""
    rows = readable(kind_of(DataSubjectRequest), visit.person).filter(
        contact__in=visit.contacts, type=DataSubjectRequest.Type.DELETION, status__in=DataSubjectRequest.OPEN
    )
    return rows.order_by("pk").first()


def _request(visit: Visit, what: str, **values: Any) -> DataSubjectRequest:
    """Whoever is signed in is known to be who they say."""
    customer, contact = next(iter(visit.organisations.values()))
    values |= {"contact": contact.ref, "type": what}
    one = write.create(kind_of(DataSubjectRequest), values, actor=visit.actor, unit=customer.unit)
    known = {"identified_by": _("They asked in the portal, signed in.")}
    return write.transition(one, "identify", known, actor=visit.actor.by(RULE))  # type: ignore[no-any-return]


def prepare_copy(pk: int) -> bool:
    """Fill the copy and say so by mail; safe to repeat. Nothing where nobody waits for it any more."""
    with transaction.atomic():
        asked = OwnData.objects.select_for_update().filter(pk=pk, content=None).select_related("person").first()
        if asked is None or not (contacts := signed_in_as(asked.person)):
            return False
        with override(asked.person.language):
            asked.content = packed(held(asked.person, contacts))
            asked.lapses_at = timezone.now() + timedelta(days=limit("own_data_days").value)
            asked.save(update_fields=["content", "lapses_at"])
            _tell(asked)
    return True


def _tell(asked: OwnData) -> None:
    """The request is answered by the copy."""
    one, rule = DataSubjectRequest.objects.get(ref=asked.request_ref), Actor.system(RULE, "job")
    day = f"{timezone.localtime(asked.lapses_at):%Y-%m-%d}"
    text = _("Sign in to the portal and fetch it under “My data” until %(day)s. Only you can; then it is deleted here.")
    if one.status == one.Status.IDENTIFIED:
        one = write.transition(one, "grant", actor=rule)
    if one.status == one.Status.GRANTED:
        write.transition(one, "answer", {"outcome": text % {"day": day}}, actor=rule)


def held(person: Person, contacts: list[Any]) -> dict[str, Any]:
    """All that is theirs, by sort: only what their own sign-in may read, and of that only what is about themselves."""
    alone = as_contact(person)
    cases = readable(kind_named("case"), alone).filter(contact__in=contacts).order_by("pk")
    found: dict[str, Any] = {
        "made_at": timezone.now().isoformat(),
        "person": {name: str(getattr(person, name)) for name in ABOUT},
        "sign_in": {"last": person.last_login.isoformat() if person.last_login else None},
        "contact": [_plain(one) | {"notification_wish": one.notification_wish} for one in contacts],
        "case": [_case(one, alone) for one in cases],
    }
    for kind, path in LISTED.items():
        rows = readable(kind_named(kind), alone).filter(**{f"{path}__in": contacts}).order_by("pk")
        found[kind] = [_plain(one) for one in rows]
    return found


def _plain(record: Any) -> dict[str, Any]:
    names = (name for name in record.kind.fields if name not in record.hidden)
    return {"ref": record.ref, "entered_at": record.entered_at.isoformat(), **plain_values(record, names)}


def _case(case: Case, person: Person) -> dict[str, Any]:
    """A case as its contact sees it: the matter, where it stands, what was said, and the names of its files."""
    said = [{"at": line.at.isoformat(), "by": line.side, "heading": line.heading, "text": line.text}
            for line in seen_outside.story(case, person)]  # fmt: skip
    return {
        "ref": case.ref, "received_at": case.received_at.isoformat(), "title": case.title,
        "description": case.description, "answers": dict(case.answers.rows), "wanted_remedy": case.wanted_remedy,
        "state": seen_outside.state(case),
        "notification_wish": case.notification_wish, "said": said,
        "files": [one.name for one in seen_outside.files(case)],
    }  # fmt: skip


def packed(found: dict[str, Any]) -> bytes:
    """The same twice in one archive: for programs, and to read."""
    sorts = [
        (str(kind_named(name).plural), [_readable(row) for row in found[name]]) for name in ("contact", "case", *LISTED)
    ]
    page = render_to_string("portal/own_data.html", {"found": found, "sorts": sorts})
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(found, ensure_ascii=False, indent=1))
        archive.writestr("data.html", page)
    return file.getvalue()


def _readable(row: dict[str, Any]) -> list[tuple[str, str]]:
    """The filled cells of a row, each as text."""
    return [
        (name.replace("_", " "), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in row.items()
        if value not in ("", None, [], {})
    ]
