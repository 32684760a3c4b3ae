"""Claims in the portal: filed beside the promise, followed to what was given (CSMS:2003 4.6 d, ISO 10001)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from comity.agreements.models import AgreementVersion
from comity.cases.operations import seen_outside
from comity.claims.models import Claim
from comity.claims.pages import WEIGHED
from comity.claims.telling import compensation
from comity.intake.public.arrival import Sending
from comity.intake.public.pages import handed_out
from comity.intake.public.shown import written
from comity.intake.public.uploads import ACCEPT
from comity.portal.forms import FileClaim
from comity.portal.gate import Visit, page
from comity.portal.sending import taken_once
from comity.records import write
from comity.records.access import readable, readable_record
from comity.records.kind import kind_named
from comity.records.trail import Refused


@page
def file_claim(request: HttpRequest, visit: Visit, target: str) -> HttpResponse:
    """Tell that this promise was not kept, and what is wanted for it; what holds for it stands beside."""
    kind = kind_named("clause" if target.startswith(kind_named("clause").ref) else "target")
    promise = readable_record(kind, visit.person, target)
    version = promise.agreement_version
    if version.status != AgreementVersion.Status.IN_FORCE or getattr(promise, "none_agreed", False):
        raise Http404
    customers = [customer for customer, _contact in visit.organisations.values()]
    form = FileClaim(request.POST if request.method == "POST" else None, customers=customers)
    sending = Sending(request)
    if request.method == "POST" and not (sending.faulty or form.errors):
        try:
            made = taken_once(visit, sending.once, lambda: _filed(visit, promise, form, sending))
        except ValidationError as error:
            sending.loose = list(error.messages)
        else:
            messages.success(request, _("Thank you. We have it. Your number is %(ref)s.") % {"ref": made})
            return HttpResponse(status=303, headers={"Location": f"/portal/claims/{made}/"})
    clauses = readable(kind_named("clause"), visit.person).filter(agreement_version=version, topic__in=WEIGHED)
    held_against = list(clauses.exclude(ref=promise.ref).order_by("topic", "pk"))
    shown = {"form": form, kind.name: promise, "promise": promise, "clauses": held_against, **sending.shown}
    return visit.show("portal/file_claim.html", shown, 422 if request.method == "POST" else 200)


def _filed(visit: Visit, promise: Any, form: FileClaim, sending: Sending) -> Claim:
    said = form.cleaned_data
    customer, contact = visit.organisations[said["customer"]]
    values = said | {promise.kind.name: promise.ref, "customer": customer.ref, "contact": contact.ref}
    claim: Claim = write.create(kind_named("claim"), values, actor=visit.actor, unit=customer.unit)
    if sending.uploads:
        write.attach_all(claim, sending.uploads, actor=visit.actor, public=True)
    return claim


def _withdrawn(request: HttpRequest, visit: Visit, record: Claim) -> list[str]:
    """What stands in the way; empty once it is done."""
    try:
        write.transition(record, "withdraw", actor=visit.actor, note=request.POST.get("note", ""))
    except Refused as refused:
        return list(refused.missing)
    except ValidationError as error:
        return list(error.messages)
    return []


@page
def claim(request: HttpRequest, visit: Visit, ref: str, name: str = "") -> HttpResponse:
    """Where a claim stands, what was said, decided and given. Both sides can add to it, also once it is decided; until
    then it can be withdrawn."""
    record, problems = readable_record(kind_named("claim"), visit.person, ref), list[str]()
    if request.method == "POST":
        problems = written(request, record, visit.actor) if name else _withdrawn(request, visit, record)
        if not problems:
            messages.success(request, _("Thank you. We have it."))
            return HttpResponse(status=303, headers={"Location": f"/portal/claims/{ref}/"})
    shown = {
        "claim": record, "problems": problems, "files": seen_outside.files(record), "tried": name,
        "story": seen_outside.story(record, visit.person), "given": compensation(record) if record.remedy else "",
        "typed": request.POST.get("note", ""), "accept": ACCEPT,
    }  # fmt: skip
    return visit.show("portal/claim.html", shown, 422 if problems else 200)


@page
def file(request: HttpRequest, visit: Visit, ref: str, pk: Any) -> HttpResponseBase:
    """A file of a claim that is visible outside, as a download."""
    record = readable_record(kind_named("claim"), visit.person, ref)
    found = next((one for one in seen_outside.files(record) if one.pk == pk), None)
    if found is None:
        raise Http404
    return handed_out(found)
