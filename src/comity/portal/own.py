"""The copy of one's own data: asked for, and fetched by nobody else."""

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
    """Ask for what is held about oneself: a case with a date, and a copy that the worker prepares."""
    asked = owndata.ask(visit)
    messages.success(request, _("Thank you. We have it. Your number is %(ref)s.") % {"ref": asked.case_ref})
    return HttpResponse(status=303, headers={"Location": "/portal/me/"})


@page
def fetch(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """The archive, for the person who asked and until it lapses."""
    found = OwnData.objects.of(visit.person).filter(pk=pk).first()
    if found is None or found.content is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.case_ref}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response
