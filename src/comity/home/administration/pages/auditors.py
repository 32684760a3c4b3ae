"""Auditors from outside: who is let in, until when, and what they looked at."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.accounts.links import site_of
from comity.home.administration import auditors
from comity.home.administration.access import only, reads_trail
from comity.web.gate import actor_of, go, person_of

SHOWN = 50
INVITERS = only(auditors.invites)


@INVITERS
def listed(request: HttpRequest) -> HttpResponse:
    """Those who were invited, and the form to invite one more."""
    person, today = person_of(request), timezone.localdate()
    form = auditors.InviteForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        invited = auditors.invite(asked, actor_of(request))
        days = (asked["first"].isoformat(), asked["last"].isoformat())
        auditors.send_invitation.enqueue(invited.pk, site_of(request), *days)
        messages.success(request, _("Invited. A mail tells how to sign in."))
        return go(request, reverse("home:auditors"))
    grants = list(auditors.auditors(person)[:SHOWN])
    looks = auditors.looks([grant.person_id for grant in grants])
    rows = [(grant, grant.ends_on is None or grant.ends_on > today, looks[grant.person_id]) for grant in grants]
    context = {"form": form, "rows": rows, "trail": reads_trail(person), "today": today}
    return render(request, "home/settings/auditors.html", context, status=422 if form.errors else 200)


@require_POST
@INVITERS
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End an auditor's access now."""
    grant = auditors.auditors(person_of(request)).filter(person=pk).first()
    if grant is None:
        raise Http404
    auditors.close(grant.person, actor_of(request))
    messages.success(request, _("Ended."))
    return go(request, reverse("home:auditors"))
