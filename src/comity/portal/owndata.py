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
from comity.cases.operations import outside, seen_outside
from comity.clocks.parameters import limit
from comity.communications.models import Communication
from comity.parties.operations import signed_in_as
from comity.portal.gate import Visit, as_contact
from comity.portal.models import OwnData
from comity.records import write
from comity.records.access import readable
from comity.records.forms import plain_values
from comity.records.kind import kind_named, kind_of
from comity.records.trail import Actor

ABOUT = ("email", "name", "language", "time_zone", "theme")
LISTED = {  # the kinds of which somebody's own records are given, and the path to the contact
    "acceptance": "contact", "claim": "contact", "communication": "contact", "consent": "contact",
}  # fmt: skip


@transaction.atomic
def ask(visit: Visit) -> OwnData:
    """A case with a date, as every query about privacy, and the order to prepare the copy. One at a time: who asks
    again meanwhile gets the same."""
    from comity.portal.jobs import prepare

    if known := OwnData.objects.of(visit.person).first():
        return known  # type: ignore[no-any-return]
    customer, contact = next(iter(visit.organisations.values()))
    values = {
        "classification": "enquiry", "subtype": "privacy", "channel": "portal", "customer": customer.ref,
        "contact": contact.ref, "confidential": True, "conduct": _("Personal data"), "language": visit.person.language,
        "title": _("Asks what we hold about them"), "wanted_remedy": _("A copy of it"),
        "description": _("Please tell me what you hold about me, and give me a copy of it."),
    }  # fmt: skip
    case: Case = write.create(kind_of(Case), values, actor=visit.actor, unit=customer.unit)
    case = outside.receipt(case, visit.actor)
    asked: OwnData = OwnData.objects.create(person=visit.person, case_ref=case.ref)
    prepare.enqueue(asked.pk)
    return asked


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
    case = Case.objects.get(ref=asked.case_ref)
    day = f"{timezone.localtime(asked.lapses_at):%Y-%m-%d}"
    text = _("Sign in to the portal and fetch it under “My data” until %(day)s. Only you can; then it is deleted here.")
    values = {
        "direction": Communication.Direction.OUTBOUND, "purpose": Communication.Purpose.RESULT,
        "customer": case.customer, "contact": case.contact, "subject_ref": case.ref,
        "topic": Communication.Topic.PRIVACY,
        "summary": _("The copy of your data is ready"), "body": text % {"day": day},
        "delivery": Communication.Delivery.MAIL if case.contact and case.contact.email else "",
    }  # fmt: skip
    write.create(kind_of(Communication), values, actor=Actor.system("own_data", "job"), unit=case.unit)


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
