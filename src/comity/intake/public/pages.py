"""The open forms, and the page behind a secret address. All work without scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from comity.accounts.limits import address_of, spent, within
from comity.cases.models.public_form import FIRST, PublicForm
from comity.cases.operations import outside, public_forms, seen_outside
from comity.intake import limits
from comity.intake.limits import HOUR
from comity.intake.public import manners, sending, tracking
from comity.intake.public.arrival import Sending, words_of
from comity.intake.public.asked import Asked
from comity.intake.public.forms import Complaint
from comity.intake.public.shown import surroundings, take, view_of
from comity.intake.public.tracking import Tracking
from comity.records.files import path_of
from comity.records.trail import Actor, Stale

MISSES, WINDOW = 30, 600  # wrong addresses from one network address
SENDINGS = 30  # an hour through one secret address
TOO_MUCH = gettext_noop("Too much was sent from here in the last hour. Please try again later, or call us.")


def page_of(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, template, surroundings(request) | context, status=status)


@manners.open_page
def complain(request: HttpRequest, address: str = FIRST) -> HttpResponse:
    """The form of this address; without one, the shipped form for complaints, unless an open one took its place. On an
    error with everything that was typed, and the names of the files to choose again."""
    public = _public(request, address)
    if isinstance(public, HttpResponse):
        return public
    form = _asked(public, request.POST if request.method == "POST" else None)
    sent = Sending(request, form.takes_files)
    if request.method != "POST":
        page = _form(request, public, form, sent, full=manners.full(request))
        page.headers["Cache-Control"] = "private, no-cache"  # who goes back finds this form, whose mark counts once
        return page
    if sent.faulty or form.errors:
        return _form(request, public, form, sent, 422)
    if not manners.may_send(request):
        return _form(request, public, form, sent, 429, full=True)
    try:
        case, secret, new = sending.send(form, sent.uploads, sent.once, get_language() or "", public)
    except ValidationError as error:  # a disk that takes no file, for example
        sent.loose = list(error.messages)
        return _form(request, public, form, sent, 422)
    link = request.build_absolute_uri(f"{tracking.PATH}{secret}/")
    shown = {"case": case, "link": link, "new": new, "dates": seen_outside.dates(case), "public": public,
             "above": seen_outside.above(case) if case.contact_id is None else None,  # others must prove first
             "contact": seen_outside.contact(case),
             "mailed": new and bool(outside.address_of(case)) and case.acknowledged_at is not None}  # fmt: skip
    return page_of(request, "outside/sent.html", shown)


def _public(request: HttpRequest, address: str) -> PublicForm | HttpResponse | None:
    """The form to be filled in, None for the shipped one, or the page that says why there is none. Who may change a
    form sees its draft. What somebody wrote while it was closed is shown to them once more."""
    found = public_forms.at(address)
    if address == FIRST or (found is not None and found.status == PublicForm.Status.OPEN):
        return found
    if request.method != "POST" and (draft := public_forms.draft_at(address, request.user)):
        return draft
    if found is None:
        raise Http404
    shown = {"public": found, "words": words_of(request), "others": _others(found)}
    return page_of(request, "outside/closed.html", shown, 410)


def _asked(public: PublicForm | None, data: Any = None) -> Complaint:
    return Complaint(data) if public is None else Asked(public, data)


def _others(public: PublicForm | None) -> list[tuple[str, str]]:
    """Address and title of the other forms for everybody; the shipped one comes first."""
    found = [(one.link, one.said_title) for one in public_forms.for_everybody() if one != public]
    main = tracking.DOOR
    shipped = public is not None and main not in (public.link, *(link for link, _title in found))
    return [(main, _("Tell us what went wrong")), *found] if shipped else found


def _form(
    request: HttpRequest,
    public: PublicForm | None,
    form: Complaint,
    sent: Sending,
    status: int = 200,
    full: bool = False,
) -> HttpResponse:
    """The form as it was filled in; while nothing more is taken, with the hour from which it is, and other ways."""
    context = {"form": form, "public": public, "others": _others(public), **sent.shown}
    if full:
        context |= {"again": limits.again(), "ways": limits.other_ways()}
    response = page_of(request, "outside/complain.html", context, status)
    if status == 429:
        response.headers["Retry-After"] = str(int((context["again"] - timezone.now()).total_seconds()) + 1)
    return response


def _tracked(request: HttpRequest, secret: str) -> Tracking | HttpResponse:
    """What the address opens. Whoever tries wrong ones is soon told to stop; others behind the same network address
    come in by theirs all the same, since nobody guesses 256 bits."""
    known = tracking.found(secret)
    if known is None:
        missed = "track", address_of(request), MISSES, WINDOW
        over = spent(*missed) or not within(*missed)
        return page_of(request, "outside/lost.html", {}, 429 if over else 404)
    now = timezone.now()
    if known.used_at is None or now - known.used_at > timedelta(minutes=1):
        Tracking.objects.filter(pk=known.pk).update(used_at=now)
    return known


def _proven(known: Tracking) -> bool:
    """Whoever only filled in the form with a contact's address has not shown to be that contact."""
    return known.proven or known.case.contact_id is None


@manners.secret_page
def track(request: HttpRequest, secret: str, name: str = "") -> HttpResponseBase:
    """Where the case stands; with a name, the step of that name, or a message."""
    known = _tracked(request, secret)
    if isinstance(known, HttpResponse):
        return known
    rule = "tracking_link" if known.proven else seen_outside.OPEN_FORM
    case, actor, problems = known.case, Actor.system(rule, "portal"), list[str]()
    if request.method == "POST" and name:
        if not within("tracked", known.hash, SENDINGS, HOUR):
            problems = [_(TOO_MUCH)]
        else:
            problems = _take(request, known, name, actor)
        if not problems:
            messages.success(request, _("Thank you. We have it."))
            return HttpResponse(status=303, headers={"Location": f"{tracking.PATH}{secret}/"})
        case.refresh_from_db()
    shown = view_of(case, actor, proven=_proven(known)) | {
        "base": f"{tracking.PATH}{secret}/", "problems": problems, "tried": name, "typed": request.POST.get("note", ""),
    }  # fmt: skip
    return page_of(request, "outside/track.html", shown, 422 if problems else 200)


def _take(request: HttpRequest, known: Tracking, name: str, actor: Actor) -> list[str]:
    def step(deed: str, note: str, data: dict[str, Any]) -> None:
        outside.take_step(known.case, deed, actor=actor, note=note, **data)

    try:
        return take(request, known.case, name, actor, step, _proven(known))
    except Stale:
        return [_("Something has happened meanwhile. Please look again.")]


@manners.secret_page
def track_file(request: HttpRequest, secret: str, pk: Any) -> HttpResponseBase:
    """A file that is visible outside, as a download."""
    known = _tracked(request, secret)
    if isinstance(known, HttpResponse):
        return known
    found = next((one for one in seen_outside.files(known.case) if one.pk == pk), None)
    if found is None or not _proven(known):
        raise Http404
    return handed_out(found)


def handed_out(file: Any) -> FileResponse:
    """A file as an attachment that no browser opens in our name."""
    response = FileResponse(path_of(file).open("rb"), as_attachment=True, filename=file.name)
    response["Content-Type"], response["X-Content-Type-Options"] = "application/octet-stream", "nosniff"
    response["Content-Security-Policy"], response["Cache-Control"] = "default-src 'none'; sandbox", "private, no-store"
    return response
