"""One's own data: a copy asked for, fetched by nobody else, and the wish that they be erased."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.portal import owndata
from comity.portal.gate import Visit, page
from comity.portal.models import OwnData


def copy_of(visit: Visit) -> OwnData | None:
    """The copy that this person can fetch, or that is being prepared."""
    found: OwnData | None = OwnData.objects.of(visit.person).defer("content").first()
    return found


@require_POST
@page
def ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for what is held about oneself: a request with a date, and a copy that the worker prepares."""
    asked = owndata.ask(visit)
    messages.success(request, _("Thank you. We have it. Your number is %(ref)s.") % {"ref": asked.request_ref})
    return HttpResponse(status=303, headers={"Location": "/portal/me/"})


@require_POST
@page
def erase(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask that what is held about oneself be erased."""
    one = owndata.ask_erasure(visit, request.POST.get("why", "")[:2000])
    messages.success(request, _("Thank you. We have it. Your number is %(ref)s.") % {"ref": one.ref})
    return HttpResponse(status=303, headers={"Location": "/portal/me/"})


@page
def fetch(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """The archive, for the person who asked and until it lapses."""
    found = OwnData.objects.of(visit.person).filter(pk=pk).first()
    if found is None or found.content is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.request_ref}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response
