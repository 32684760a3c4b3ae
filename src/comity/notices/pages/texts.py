"""All notices and what they say now; preview and test of one text."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from comity.communications.models import Template
from comity.notices.operations import texts
from comity.records.access import may
from comity.records.kind import kind_of
from comity.web import navigation
from comity.web.finding import by_ref
from comity.web.gate import go, page, person_of
from comity.web.panels import panel


def _keeps(person: Any) -> bool:
    return may(person, kind_of(Template), "create")


navigation.place(gettext_lazy("What notices say"), "/templates/texts/", icon="text-quote", order=84, visible=_keeps)


@page
def overview(request: HttpRequest) -> HttpResponse:
    """Each notice in each language: whose words stand now, and the way to make them one's own."""
    person = person_of(request)
    if not may(person, kind_of(Template), "read"):
        raise Http404
    return render(request, "notices/texts.html", {"rows": texts.all_of(), "may_make": _keeps(person)})


@panel("template", "notices/preview.html", place="main", order=5, label=gettext_lazy("Preview"))
def preview(record: Any, request: HttpRequest) -> dict[str, Any]:
    """The text filled for a record of one's choice, or with the names of its placeholders."""
    person, ref = person_of(request), request.GET.get("about", "")
    about = by_ref(person, ref) if ref else None
    subject, body = texts.preview(record, about)
    return {"subject": subject, "body": body, "about": about, "asked": ref, "may_test": _keeps(person)}


@require_POST
@page
def test(request: HttpRequest, record: Any) -> HttpResponse:
    """Send the preview to the editor's own address."""
    person = person_of(request)
    if not isinstance(record, Template):
        raise Http404
    if not _keeps(person):
        raise PermissionDenied
    texts.send_test(record, person, by_ref(person, request.POST.get("about", "")))
    messages.success(request, _("A test is on its way to %(address)s.") % {"address": person.email})
    return go(request, record.url)
