"""Below /settings/webhooks/: the subscriptions, one with its log, and what administrators do with them.

Whoever's rights a subscription uses sees that one, too, and says yes or no to it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from comity.notices.webhooks import jobs, operations
from comity.notices.webhooks.forms import WebhookForm
from comity.notices.webhooks.models import Delivery, Webhook
from comity.records.kind import kinds
from comity.web.cells import capital
from comity.web.gate import actor_of, go, page, person_of

LINES = 50
SIGNS = {
    Delivery.State.WAITING: ("clock", ""),
    Delivery.State.SENDING: ("loader", "now"),
    Delivery.State.DELIVERED: ("circle-check", "good"),
    Delivery.State.FAILED: ("circle-alert", "bad"),
    Delivery.State.WITHHELD: ("eye-off", ""),
}
HOME = "/settings/webhooks/"
View = Callable[..., HttpResponseBase]


def administrators(view: View) -> View:
    """A page for administrators; others are told that it is not theirs."""

    @wraps(view)
    def answer(request: HttpRequest, **named: Any) -> HttpResponseBase:
        if not operations.administers(person_of(request)):
            raise PermissionDenied
        return view(request, **named)

    return page(answer)


def _hook(request: HttpRequest, pk: int) -> Webhook:
    """The subscription, if it concerns the reader."""
    hook: Webhook = get_object_or_404(Webhook.objects.select_related("person", "made_by"), pk=pk)
    if not operations.concerns(hook, person_of(request)):
        raise Http404
    return hook


@administrators
def listed(request: HttpRequest) -> HttpResponse:
    """All subscriptions."""
    return render(request, "notices/webhooks/list.html", {"hooks": Webhook.objects.select_related("person")})


@administrators
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change one."""
    hook = get_object_or_404(Webhook, pk=pk) if pk else Webhook(person=person_of(request), made_by=person_of(request))
    form = WebhookForm(request.POST or None, instance=hook)
    if request.method == "POST" and form.is_valid():
        secret = operations.save(form.instance, actor_of(request))
        messages.success(request, _("Saved."))
        return _show(request, form.instance, secret=secret) if secret else go(request, operations.url_of(hook))
    return render(request, "notices/webhooks/form.html", {"form": form}, status=422 if form.errors else 200)


@page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One subscription with its log."""
    return _show(request, _hook(request, pk))


@never_cache
def _show(request: HttpRequest, hook: Webhook, secret: str = "") -> HttpResponse:
    rows = Delivery.objects.filter(webhook=hook).order_by("-at", "pk")
    if state := request.GET.get("state", ""):
        if state not in Delivery.State.values:
            raise Http404
        rows = rows.filter(state=state)
    if below := _moment(request.GET.get("before", "")):
        rows = rows.filter(at__lt=below)
    found = list(rows[: LINES + 1])
    labels = {kind.name: capital(kind.label) for kind in kinds()}
    context: dict[str, Any] = {
        "hook": hook, "secret": secret, "state": state, "states": Delivery.State.choices,
        "may_edit": operations.administers(person_of(request)), "own": hook.person_id == person_of(request).pk,
        "lines": [(row, *SIGNS[Delivery.State(row.state)]) for row in found[:LINES]],
        "older": found[LINES - 1].at.isoformat() if len(found) > LINES else "",
        "kinds": [labels.get(name, name) for name in hook.kinds],
        "acts": [str(label) for name, label in WebhookForm.base_fields["acts"].choices if name in hook.acts],  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "notices/webhooks/show.html", context)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found.tzinfo else None


@require_POST
@administrators
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, resume, try out, or make a new secret."""
    hook, wanted = _hook(request, pk), request.POST.get("act", "")
    if wanted == "secret":
        return _show(request, hook, operations.new_secret(hook, actor_of(request)))
    if wanted in ("pause", "resume"):
        operations.set_active(hook, wanted == "resume", actor_of(request))
    elif wanted == "ping" and hook.active and hook.agreed_at:
        operations.try_out(hook)
        jobs.send.enqueue()
        messages.success(request, _("A test message is on its way; the log tells how it went."))
    else:
        raise Http404
    return go(request, operations.url_of(hook))


@require_POST
@page
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever's rights are used says yes or no."""
    hook = _hook(request, pk)
    if request.POST.get("answer") == "yes":
        operations.agree(hook, actor_of(request))
        messages.success(request, _("Agreed."))
    else:
        operations.withdraw(hook, actor_of(request))
        messages.success(request, _("Nothing is sent in your name."))
    return go(request, operations.url_of(hook))


@require_POST
@administrators
def retry(request: HttpRequest, pk: int, delivery: UUID) -> HttpResponse:
    """Send one message again."""
    found = get_object_or_404(Delivery, pk=delivery, webhook=pk)
    if operations.retry(found):
        jobs.send.enqueue()
        messages.success(request, _("Will be tried again."))
    return go(request, f"{HOME}{pk}/")
