"""Lookup lists: which there are, and the words of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from comity.home.administration import terms
from comity.home.administration.access import ADMINISTRATORS, READERS, administers
from comity.records.models import Term
from comity.web.gate import actor_of, go, person_of


@READERS
def listed(request: HttpRequest) -> HttpResponse:
    return render(request, "home/settings/lists.html", {"lists": terms.lists()})


@READERS
def show(request: HttpRequest, name: str) -> HttpResponse:
    """The words of a list in one form; saved together or not at all."""
    if not terms.known(name):
        raise Http404
    may_edit = administers(person_of(request))
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    forms = terms.forms_of(name, request.POST or None)
    if request.method == "POST" and all(form.is_valid() for form in forms):
        try:
            changed = terms.save_all(forms, actor_of(request))
        except terms.Stale:
            return _show(request, name, forms, may_edit, 409)
        messages.success(request, ngettext("%(n)d word changed.", "%(n)d words changed.", changed) % {"n": changed})
        return go(request, reverse("home:list", args=[name]))
    return _show(request, name, forms, may_edit, 422 if request.method == "POST" else 200)


def _show(request: HttpRequest, name: str, forms: Any, may_edit: bool, status: int, **more: Any) -> HttpResponse:
    context = {"name": name, "heading": terms.heading(name), "forms": forms, "may_edit": may_edit}
    context |= {"new": terms.NewTermForm(auto_id="new_%s", initial={"order": len(forms)})} | more
    return render(request, "home/settings/list.html", context, status=status)


@require_POST
@ADMINISTRATORS
def add(request: HttpRequest, name: str) -> HttpResponse:
    """A new word."""
    if not terms.known(name):
        raise Http404
    form = terms.NewTermForm(request.POST, auto_id="new_%s", instance=Term(list=name))
    if not form.is_valid():
        return _show(request, name, terms.forms_of(name), True, 422, new=form)
    terms.add(form, actor_of(request))
    messages.success(request, _("Added."))
    return go(request, reverse("home:list", args=[name]))
