"""New cases in the portal: by the usual questions, or by a public form, asked of somebody whom we know."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.cases.models import PublicForm
from comity.cases.operations import public_forms
from comity.intake.public.arrival import Sending, words_of
from comity.intake.public.shown import chosen
from comity.portal import operations
from comity.portal.forms import Asked, Raise
from comity.portal.gate import Visit, page
from comity.records.access import readable
from comity.records.kind import kind_named


@page
def raise_case(request: HttpRequest, visit: Visit, address: str = "") -> HttpResponse:
    """A new case; with an address, by the public form that is there. What was typed stays, whatever was wrong."""
    services = list(readable(kind_named("service"), visit.person).filter(status="live").order_by("name")[:200])
    offered = _offered(visit, services)
    public = next((one for one in offered if one.address == address), None)
    if address and public is None:
        return _gone(request, visit, address, offered)
    customers = [customer for customer, _contact in visit.organisations.values()]
    known: dict[str, Any] = {"customers": customers, "services": services, "initial": chosen(visit.wish)}
    data = request.POST if request.method == "POST" else None
    form = Asked(public, data, **known) if public else Raise(data, **known)
    sending = Sending(request, form.takes_files)
    if sending.sent and not (sending.faulty or form.errors):
        try:
            made = operations.raise_case(visit, form, sending, public)
        except ValidationError as error:
            sending.loose = list(error.messages)
        else:
            messages.success(request, _("Thank you. We have it. Your number is %(ref)s.") % {"ref": made})
            return HttpResponse(status=303, headers={"Location": f"/portal/cases/{made}/"})
    shown = {"form": form, "public": public, "others": _others(offered, public), **sending.shown}
    return visit.show("portal/raise.html", shown, 422 if sending.sent else 200)


def _offered(visit: Visit, services: list[Any]) -> list[PublicForm]:
    """The open forms for everybody and for those for whom they speak, of no service or of one that they know."""
    customers = [customer.pk for customer, _contact in visit.organisations.values()]
    return [one for one in public_forms.for_customers(customers) if one.service is None or one.service in services]


def _others(offered: list[PublicForm], public: PublicForm | None) -> list[tuple[str, str]]:
    found = [(f"/portal/forms/{one.address}/", one.said_title) for one in offered if one != public]
    return found if public is None else [("/portal/cases/new/", _("Tell us something")), *found]


def _gone(request: HttpRequest, visit: Visit, address: str, offered: list[PublicForm]) -> HttpResponse:
    """It was closed: what somebody wrote meanwhile is shown to them once more."""
    found = public_forms.at(address)
    if found is None or found.status == PublicForm.Status.OPEN:  # another customer's, or of another service
        raise Http404
    shown = {"public": found, "words": words_of(request), "others": _others(offered, found)}
    return visit.show("outside/closed.html", shown, 410)
