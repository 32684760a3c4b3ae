"""Ways to something: search over everything, the command palette, lookups for reference fields, files."""

from __future__ import annotations

import re
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.accounts.models import Person, Unit
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.records import search
from comity.records.access import may, readable
from comity.records.files import path_of
from comity.records.kind import Kind, kind_at, kind_named, kinds
from comity.records.models import File
from comity.web import cells, navigation
from comity.web.gate import actor_of, back, go, page, person_of

REF = re.compile(r"^([A-Za-z]{2,6})-?0*(\d{1,9})$")
HITS = 8


def by_ref(person: Person, text: str) -> Any:
    """The readable record that a reference names, however carelessly it is typed (cmp42, CMP-00042)."""
    found = REF.match(text.strip())
    if not found:
        return None
    prefix, number = found[1].upper(), int(found[2])
    for kind in kinds():
        if kind.ref == prefix:
            return readable(kind, person).filter(ref=f"{prefix}-{number:05d}").first()
    return None


@page
def find(request: HttpRequest) -> HttpResponse:
    """Everything that holds these words, kind by kind; a reference leads straight to its record."""
    person, text = person_of(request), request.GET.get("q", "").strip()
    if exact := by_ref(person, text):
        return redirect(exact.url)
    found = [(kind, rows[:HITS], len(rows) > HITS) for kind, rows in search.search_all(person, text, HITS + 1)]
    return render(request, "web/search.html", {"search_query": text, "found": found})


def _here(request: HttpRequest, person: Person) -> list[tuple[str, str, str, str]]:
    """Steps and acts for the record on whose page the palette was opened."""
    parts = request.GET.get("from", "").strip("/").split("/")
    kind = kind_at(parts[0]) if len(parts) == 2 else None
    record = readable(kind, person).filter(ref=parts[1]).first() if kind else None
    if record is None or kind is None:
        return []
    steps = kind.workflow.available(record, actor_of(request)) if kind.workflow else []
    acts = [("play", cells.step_label(s.move), f"{record.url}{s.move.name}/", record.ref) for s in steps if s.ready]
    if may(person, record, "edit"):
        acts.append(("pencil", _("Edit"), f"{record.url}edit/", record.ref))
    return acts


@page
def palette(request: HttpRequest) -> HttpResponse:
    """What the palette offers for the words typed so far: acts here, records, registers to go to, records to create."""
    person, text = person_of(request), request.GET.get("q", "").strip()
    low = text.casefold()
    offers = _here(request, person)
    offers += [(p.icon, str(p.label), p.url, str(p.group or _("Page"))) for p in navigation.places(person)]
    offers += [
        ("plus", _("New %(kind)s") % {"kind": kind.label}, f"{kind.url}new/", _("Create"))
        for kind in kinds()
        if kind.group and may(person, kind, "create")
    ]
    offers = [offer for offer in offers if low in offer[1].casefold()]
    if text:
        exact = by_ref(person, text)
        hits = [exact] if exact else [r for _k, rows in search.search_all(person, text, 4) for r in rows]
        records = [(record.kind.icon, str(record), record.url, record.ref) for record in hits[:12]]
        offers = records + offers
    return render(request, "ui/palette.html", {"offers": offers[:20], "text": text})


def _rows(kind: Kind, person: Person, text: str) -> list[Any]:
    rows = readable(kind, person).filter(archived_at__isnull=True)
    if text and (exact := by_ref(person, text)):
        return [exact]
    if text and kind.search:
        return search.pages(kind, text, rows, HITS)
    return list(rows.order_by("-pk")[:HITS])


@page
def lookup(request: HttpRequest, name: str) -> HttpResponse:
    """Options for a reference field: only what this person may read."""
    person, text = person_of(request), request.GET.get("q", "").strip()
    if name == "person":
        people = Person._default_manager.filter(is_active=True, name__icontains=text).order_by("name")[:HITS]
        options = [(one.email, one.name) for one in people]
    elif name == "unit":
        units = Unit._default_manager.filter(name__icontains=text).order_by("name")[:HITS]
        options = [(one.name, "") for one in units]
    else:
        try:
            kind = kind_named(name)
        except KeyError as unknown:
            raise Http404 from unknown
        options = [(one.ref, str(one)) for one in _rows(kind, person, text)]
    return HttpResponse(format_html_join("", '<option value="{}">{}</option>', options))


@page
def file(request: HttpRequest, pk: Any) -> HttpResponseBase:
    """A file of a record that the person may read; always a download, never shown by the browser."""
    found = File._default_manager.filter(pk=pk).first()
    if found is None or not readable(kind_named(found.kind), person_of(request)).filter(pk=found.record_id).exists():
        raise Http404
    response = FileResponse(path_of(found).open("rb"), as_attachment=True, filename=found.name)
    response["Content-Type"] = "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@page
def pinned(request: HttpRequest) -> HttpResponse:
    """The counts of the pinned views, fetched after the page so that no register waits for them."""
    return render(request, "ui/pinned.html", {"nav": navigation.of(request, counted=True)})


@require_POST
@page
def preferences(request: HttpRequest) -> HttpResponse:
    """Language, appearance and acting group of the person, from the menu."""
    person, changed = person_of(request), []
    choices = {"language": Person.Language.values, "theme": Person.Theme.values}
    if rights_of(person).must_choose:
        choices["acting_group"] = ["", str(Role.ADMINISTRATOR)]
    for name, known in choices.items():
        if request.POST.get(name) in known:
            setattr(person, name, request.POST[name])
            changed.append(name)
    if changed:
        person.save(update_fields=changed)
    response = go(request, back(request))
    if "language" in changed:
        from django.conf import settings

        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, person.language, samesite="Lax", max_age=365 * 86400)
    return response
