"""Background work."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.home.administration import jobs
from comity.home.administration.access import ADMINISTRATORS, READERS, administers
from comity.jobs.models import Job
from comity.records.trail import Refused
from comity.web.gate import actor_of, go, person_of

SHOWN = 50


@READERS
def listed(request: HttpRequest) -> HttpResponse:
    """Jobs, the failed first, or those of one state. What went wrong is for administrators: it may quote data."""
    counts = jobs.counts()
    state = request.GET.get("state", "")
    if state and state not in {code for code, _word, _n in counts}:
        raise Http404
    below = request.GET.get("before", "")
    found = list(jobs.listed(state, int(below) if below.isdecimal() else None)[: SHOWN + 1])
    rows = [
        {
            "job": job,
            "sign": jobs.SIGNS[jobs.State(job.state)],
            "acts": [act for act, states in jobs.ACTS.items() if job.state in states and not job.cancel_asked],
            "gist": job.error.strip().rpartition("\n")[2],
        }
        for job in found[:SHOWN]
    ]
    context = {"rows": rows, "counts": counts, "state": state, "may_edit": administers(person_of(request))}
    context |= {"more": len(found) > SHOWN, "older": found[SHOWN - 1].pk if state and len(found) > SHOWN else None}
    return render(request, "home/settings/jobs.html", context)


@require_POST
@ADMINISTRATORS
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a job again, or stop it."""
    job, wanted = get_object_or_404(Job, pk=pk), request.POST.get("act", "")
    if wanted not in jobs.ACTS:
        raise Http404
    try:
        jobs.act_on(job, wanted, actor_of(request))
        messages.success(request, _("Will be tried again.") if wanted == "retry" else _("Cancelled, or about to stop."))
    except Refused as refused:
        messages.error(request, _("Not possible any more: %(state)s.") % {"state": refused.missing[0]})
    return go(request, f"{reverse('home:jobs')}?{request.GET.urlencode()}")
