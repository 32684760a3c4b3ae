"""Ways to something: search over everything, the command palette, lookups for reference fields; and preferences."""

import re
from typing import Any

from django.forms import modelform_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.accounts import operations
from comity.accounts.models import Person
from comity.records import search
from comity.records.access import may, readable
from comity.records.kind import Kind, kind_at, kinds
from comity.web import aside, cells, navigation
from comity.web.gate import actor_of, go, page, person_of

REF = re.compile(r"^([A-Za-z]{2,6})-?0*(\d{1,9})$")
HITS = 8


def by_ref(person: Person, text: str) -> Any:
    """The readable record that a reference names, however carelessly it is typed (cmp42, CMP-00042); else None."""
    named = REF.match(text.strip())
    kind = next((kind for kind in kinds() if named and kind.ref == named[1].upper()), None)
    if named is None or kind is None:
        return None
    return readable(kind, person).filter(ref=f"{kind.ref}-{int(named[2]):05d}").first()


@page
def find(request: HttpRequest) -> HttpResponse:
    """Everything that holds these words, kind by kind; a reference leads straight to its record."""
    person, text = person_of(request), request.GET.get("q", "").strip()
    if exact := by_ref(person, text):
        return redirect(exact.url)
    found = [(kind, rows[:HITS], len(rows) > HITS) for kind, rows in search.search_all(person, text, HITS + 1)]
    return render(request, "web/search.html", {"search_query": text, "found": found})


def _acts_here(request: HttpRequest, person: Person) -> list[tuple[str, str, str, str]]:
    """Steps of, and acts on, the record on whose page the palette was opened."""
    plural, _sep, ref = request.GET.get("from", "").strip("/").partition("/")
    kind = kind_at(plural)
    record = readable(kind, person).filter(ref=ref).first() if kind else None
    if record is None or kind is None:
        return []
    steps = kind.workflow.available(record, actor_of(request)) if kind.workflow else []
    acts = [("play", cells.step_label(one.move), f"{record.url}{one.move.name}/", ref) for one in steps if one.ready]
    edit = may(person, record, "edit") and record.editable(person)
    return acts + ([("pencil", _("Edit"), f"{record.url}edit/", ref)] if edit else [])


@page
def palette(request: HttpRequest) -> HttpResponse:
    """What fits the words typed so far: records, acts on this page, places to go to, kinds to create."""
    person, text = person_of(request), request.GET.get("q", "").strip()
    offers = _acts_here(request, person)
    offers += [(one.icon, str(one.label), one.url, str(one.group)) for one in navigation.places(person)]
    creatable = [kind for kind in kinds() if kind.group and may(person, kind, "create")]
    offers += [("plus", _("New %(kind)s") % {"kind": kind.label}, f"{kind.url}new/", "") for kind in creatable]
    offers = [offer for offer in offers if text.casefold() in offer[1].casefold()]
    if text:
        exact = by_ref(person, text)
        hits = [exact] if exact else [row for _kind, rows in search.search_all(person, text, 4) for row in rows]
        offers = [(hit.kind.icon, str(hit), hit.url, hit.ref) for hit in hits[:12]] + offers
    return render(request, "ui/palette.html", {"offers": offers[:20], "text": text})


def _rows(kind: Kind, person: Person, text: str) -> list[Any]:
    rows = readable(kind, person).filter(archived_at__isnull=True)
    if text and kind.search:
        return search.pages(kind, text, rows, HITS)
    return list((rows.filter(ref__istartswith=text) if text else rows).order_by("-pk")[:HITS])


@page
def lookup(request: HttpRequest, name: str) -> HttpResponse:
    """Options for a reference field: only what this person may read."""
    person, text = person_of(request), request.GET.get("q", "").strip()
    kind = next((kind for kind in kinds() if kind.name == name), None)
    if kind is not None:
        options = [(row.ref, str(row)) for row in _rows(kind, person, text)]
    elif name in ("person", "unit"):
        options = aside.people_named(text, HITS) if name == "person" else aside.units_named(text, HITS)
    elif name.startswith("term-"):
        options = aside.terms_named(name.removeprefix("term-"), text, HITS)
    else:
        raise Http404
    return HttpResponse(format_html_join("", '<option value="{}">{}</option>', options))


@page
def pinned(request: HttpRequest) -> HttpResponse:
    """The pinned views with their counts, fetched after the page so that no register waits for them."""
    return render(request, "ui/pinned.html", {"nav": navigation.of(request, counted=True)})


@require_POST
@page
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and appearance, or the acting group, from the person's menu; back to where it was opened."""
    person, back = person_of(request), request.POST.get("next", "")
    if "acting_group" in request.POST:
        operations.act_as(person, request.POST["acting_group"])
    names = [name for name in ("language", "theme") if name in request.POST]
    form = modelform_factory(Person, fields=names)(request.POST, instance=person)
    if names and form.is_valid():
        operations.save_person(form, person)
    return go(
        request, back if back.isprintable() and url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/"
    )
