"""The letter: what was written to a customer, as a PDF that can be put into a window envelope.

It says what the mail says, in the receiver's language. What was said never changes, so a letter is set once and kept.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.accounts.models import Person
from comity.cases.models import Case, timing
from comity.communications import outgoing
from comity.communications.models import Communication
from comity.communications.operations import shown_about
from comity.parties import operations as parties
from comity.records import write
from comity.records.access import readable_record
from comity.records.kind import kind_named
from comity.records.trail import SERVICE_EMAIL
from comity.reports import pdf
from comity.reports.models import Letterhead
from comity.web.gate import actor_of, page, person_of

REGIONS = {"zh": "cn", "en": "gb"}


def signer_of(case: Case, said: Communication) -> Person | None:
    """Who signs: who wrote it, or the handler where a rule did."""
    writer = said.entered_by
    return case.handler if writer.email == SERVICE_EMAIL else writer


def receiver(said: Communication) -> list[str]:
    """The lines of the address field: the organisation, the person, and where they are."""
    contact, customer = said.contact, said.customer
    address = (contact.postal_address if contact else "") or (customer.postal_address if customer else "")
    names = (str(one) for one in (customer, contact) if one)
    lines = (*dict.fromkeys(names), *(line.strip() for line in address.splitlines()))
    return [line for line in lines if line][:8]


def letter(case: Case, said: Communication) -> dict[str, Any]:
    """The letter as its template reads it."""
    language = parties.language_of(said.contact, said.customer)
    day = said.occurred_at.astimezone(timing.calendar_of(case).zone).date()
    head, signer = Letterhead.current(), signer_of(case, said)
    with override(language):
        facts = [(_("Date"), formats.date_format(day)), (_("Our reference"), case.ref), (_("Document"), said.ref)]
        if signer:
            facts.append((_("Your contact"), f"{signer.name}\n{signer.email}"))
        words = {"page": _("Page # of #"), "closing": _("Yours sincerely")}
    short = language.partition("-")[0]
    body = outgoing.shown(said.body.replace("\r\n", "\n"))
    paragraphs = [part.strip() for part in body.split("\n\n") if part.strip()]
    return {
        "lang": short, "region": REGIONS.get(short, "gb"), "date": day.isoformat(), "title": said.summary,
        "reference": f"{case.ref} · {said.ref}", "head": head.data(), "to": receiver(said), "facts": facts,
        "subject": said.summary, "paragraphs": paragraphs or [said.summary], "words": words,
        "signer": [line for line in (signer.name if signer else "", head.name) if line] or ["–"],
    }  # fmt: skip


def _asked(request: HttpRequest, case: str, communication: str) -> tuple[Case, Communication]:
    """Case and words for whoever may read them; absent where who complains is kept from the reader."""
    person = person_of(request)
    record = readable_record(kind_named("case"), person, case)
    rows = shown_about(record, person).filter(ref=communication, direction=Communication.Direction.OUTBOUND)
    said = rows.select_related("contact", "customer", "entered_by").first()
    if said is None or said.hidden:
        raise Http404
    write.record_read(record, actor_of(request))
    return record, said


@page
def show(request: HttpRequest, case: str, communication: str) -> HttpResponse:
    """What was written to the customer, as a page."""
    record, said = _asked(request, case, communication)
    return render(request, "cases/letter.html", {"record": record, "said": said, "letter": letter(record, said)})


@page
def as_pdf(request: HttpRequest, case: str, communication: str) -> HttpResponse:
    """The same as a letter on paper."""
    record, said = _asked(request, case, communication)
    return paper(record, said)


def paper(case: Case, said: Communication, *, download: bool = False) -> HttpResponse:
    """The letter, for whoever may read it."""
    return pdf.answer(pdf.printed("letter", letter(case, said)), f"{case.ref}-{said.ref}", download=download)
