"""The pages of the portal. Rows come from what the contact may read; what is sent goes through the one write path."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.accounts.models import Person
from comity.accounts.operations import save_person
from comity.agreements.models import AgreementVersion
from comity.cases import letters
from comity.cases.models import Case
from comity.cases.operations import seen_outside
from comity.cases.results import outside
from comity.cases.rules import words
from comity.communications.models import Communication
from comity.communications.operations import open_channels
from comity.intake.public.pages import handed_out
from comity.intake.public.shown import WishForm, take, view_of
from comity.parties import operations as parties
from comity.parties.consents import opted_out
from comity.parties.duties import Duty
from comity.parties.models import Consent
from comity.portal import desk as desk  # adds a panel
from comity.portal import operations
from comity.portal.forms import Change, Look
from comity.portal.gate import Visit, page
from comity.portal.own import copy_of
from comity.portal.owndata import open_erasure
from comity.portal.reviews import minutes_of
from comity.records import reading, write
from comity.records.access import readable, readable_record
from comity.records.kind import kind_named
from comity.records.trail import Stale

SIZE = 20
OPEN = tuple(status.value for status in words.OPEN)
WAITING = (words.Status.RESOLVED.value, words.Status.AWAITING_CUSTOMER.value)
SHOWS = {
    "open": (gettext_lazy("Open"), OPEN),
    "waiting": (gettext_lazy("Waiting for me"), WAITING),
    "closed": (gettext_lazy("Closed"), (words.Status.CLOSED.value,)),
    "all": (gettext_lazy("All"), ()),
}
DUTIES = (Duty.RELATIONSHIP_MANAGER, Duty.COMPLAINT_OWNER, Duty.PROCESS_MANAGER, Duty.OPERATIONS_DIRECTOR)


def _cases(visit: Visit) -> QuerySet[Case]:
    rows: QuerySet[Case] = readable(kind_named("case"), visit.person).filter(archived_at__isnull=True)
    return rows


def _in_force(visit: Visit) -> QuerySet[Any]:
    rows = readable(kind_named("agreement_version"), visit.person)
    return rows.filter(status=AgreementVersion.Status.IN_FORCE)


def _claims(visit: Visit) -> QuerySet[Any]:
    rows: QuerySet[Any] = readable(kind_named("claim"), visit.person).filter(archived_at__isnull=True)
    return rows.select_related("target", "customer")


@page
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What waits, what is open, and the ways on."""
    waiting = list(_cases(visit).filter(status__in=WAITING).order_by("confirm_due_at", "pk")[:5])
    counts = {
        "open": _cases(visit).filter(status__in=OPEN)[:100].count(),
        "waiting": _cases(visit).filter(status__in=WAITING)[:100].count(),
        "agreements": _in_force(visit)[:100].count(),
    }
    to_confirm = [one for one, answer in minutes_of(visit) if answer.at is None]
    shown = {"counts": counts, "waiting": [_row(one) for one in waiting], "to_confirm": to_confirm}
    return visit.show("portal/home.html", shown)


def _row(case: Case) -> dict[str, Any]:
    return {"case": case, "state": seen_outside.state(case), "next": next(iter(seen_outside.dates(case)), None)}


@page
def cases(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Their cases, newest first; found by words, narrowed by where they stand."""
    asked = request.GET.get("show", "open")
    _label, states = SHOWS.get(asked, SHOWS["open"])
    query = QueryDict(mutable=True)
    query.setlist("status", states)
    for name in ("q", "after", "before"):
        query[name] = request.GET.get(name, "")
    found = reading.register(kind_named("case"), visit.person, query, SIZE)
    context = {"found": found, "rows": [_row(one) for one in found.rows], "shows": SHOWS, "asked": asked}
    several = len({one.customer_id for one in found.rows}) > 1 or any(one.sees_children for one in visit.contacts)
    return visit.show("portal/cases.html", context | {"several": several})


def _case(visit: Visit, ref: str) -> Case:
    case: Case = readable_record(kind_named("case"), visit.person, ref)
    return case


@page
def case(request: HttpRequest, visit: Visit, ref: str, name: str = "") -> HttpResponseBase:
    """One case in the customer's words; with a name, the step of that name, or a message."""
    record = _case(visit, ref)
    problems: list[str] = []
    if request.method == "POST" and name:

        def step(deed: str, note: str, data: dict[str, Any]) -> None:
            operations.may_speak(visit, record)
            write.transition(record, deed, data, actor=visit.actor, note=note)

        try:
            problems = take(request, record, name, visit.actor, step)
        except Stale:
            problems = [_("Something has happened meanwhile. Please look again.")]
        if not problems:
            messages.success(request, _("Thank you. We have it."))
            return HttpResponse(status=303, headers={"Location": f"/portal/cases/{ref}/"})
        record = _case(visit, ref)
    write.record_read(record, visit.actor)
    shown = view_of(record, visit.actor, visit.person) | {
        "base": f"/portal/cases/{ref}/", "on_paper": True, "problems": problems, "tried": name,
        "typed": request.POST.get("note", ""),
    }  # fmt: skip
    return visit.show("portal/case.html", shown, 422 if problems else 200)


@page
def file(request: HttpRequest, visit: Visit, ref: str, pk: Any) -> HttpResponseBase:
    """A file of a case that is visible outside, as a download."""
    record = _case(visit, ref)
    found = next((one for one in seen_outside.files(record) if one.pk == pk), None)
    if found is None:
        raise Http404
    write.record_read(record, visit.actor)
    return handed_out(found)


@page
def letter(request: HttpRequest, visit: Visit, ref: str, communication: str) -> HttpResponse:
    """What we wrote, as a letter to keep."""
    record = _case(visit, ref)
    said = seen_outside.letters(record).filter(ref=communication).first()
    if said is None:
        raise Http404
    write.record_read(record, visit.actor)
    return letters.paper(record, said, download=True)


def _parts(visit: Visit, kind: str, versions: list[Any], *order: str) -> dict[int, list[Any]]:
    """What these versions of agreements say or promise, by version."""
    found: dict[int, list[Any]] = {}
    for one in readable(kind_named(kind), visit.person).filter(agreement_version__in=versions).order_by(*order):
        found.setdefault(one.agreement_version_id, []).append(one)
    return found


@page
def agreements(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What we have agreed, as it is in force today, and how we kept it."""
    rows = _in_force(visit).select_related("agreement").prefetch_related("services").order_by("agreement__title")
    versions = list(rows[:100])
    targets = _parts(visit, "target", versions, "metric", "severity")
    clauses = _parts(visit, "clause", versions, "topic", "pk")
    found = [(row, targets.get(row.pk, []), clauses.get(row.pk, [])) for row in versions]
    claims = list(_claims(visit).order_by("-received_at", "-pk")[:20])
    return visit.show("portal/agreements.html", {"found": found, "kept": outside(visit.person), "claims": claims})


@page
def contacts(request: HttpRequest, visit: Visit) -> HttpResponse:
    """How to reach us, and who answers for what, up to the top."""
    reach = {pk for one in visit.contacts for pk in one.reach()}
    seen: dict[tuple[str, int], Any] = {}
    for one in visit.contacts:
        for duty in DUTIES:
            person = parties.acting(duty, one.customer)
            if person is not None:
                seen.setdefault((duty.value, person.pk), (duty.label, person))
    context = {"channels": list(open_channels(reach)[:50]), "people": list(seen.values())}
    return visit.show("portal/contacts.html", context)


@page
def me(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What we hold about this contact, what to change, and how the portal looks."""
    change, look, wish = Change(contacts=visit.contacts), Look(instance=visit.person), WishForm.of(visit.wish)
    if request.method == "POST" and "body" in request.POST:
        change = Change(request.POST, contacts=visit.contacts)
        if change.is_valid():
            _ask_change(visit, **change.cleaned_data)
            messages.success(request, _("Thank you. We put it right."))
            return HttpResponse(status=303, headers={"Location": "/portal/me/"})
    elif request.method == "POST" and (purpose := request.POST.get("purpose")) in Consent.Purpose:
        operations.keep_consent(visit, str(purpose), request.POST.get("wanted") == "1")
        messages.success(request, _("Saved."))
        return HttpResponse(status=303, headers={"Location": "/portal/me/"})
    elif request.method == "POST" and "channel" in request.POST:
        wish = WishForm(request.POST)
        if wish.is_valid():
            operations.keep_wish(visit, wish.kept())
            messages.success(request, _("Saved."))
            return HttpResponse(status=303, headers={"Location": "/portal/me/"})
    elif request.method == "POST":
        look = Look(request.POST, instance=Person.objects.get(pk=visit.person.pk))
        if look.is_valid():
            save_person(look, visit.person)
            messages.success(request, _("Saved."))
            back = "/portal/me/" if "theme" in look.fields else "/portal/"
            return HttpResponse(status=303, headers={"Location": back})
    wrong = change.errors or look.errors or wish.errors
    asked = [(one, not all(opted_out(contact, one) for contact in visit.contacts)) for one in Consent.Purpose]
    shown = {
        "change": change,
        "look": look,
        "wish": wish,
        "copy": copy_of(visit),
        "erasure": open_erasure(visit),
        "asked": asked,
    }
    return visit.show("portal/me.html", shown, 422 if wrong else 200)


def _ask_change(visit: Visit, contact: str, body: str) -> None:
    named = next((one for one in visit.contacts if one.ref == contact), None)
    if named is None or named.customer is None:
        raise PermissionDenied
    said = {
        "direction": Communication.Direction.INBOUND, "purpose": Communication.Purpose.CONTACT_DETAILS,
        "customer": named.customer.ref, "contact": named.ref, "subject_ref": named.ref,
        "summary": _("Asks to change the contact data."), "body": body,
    }  # fmt: skip
    write.create(kind_named("communication"), said, actor=visit.actor, unit=named.unit)
