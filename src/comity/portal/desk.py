"""What the desk sees of the portal on the page of a contact: whether they can sign in, and how to let them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from comity.accounts.links import site_of
from comity.cases.models.choices import wish_in_words
from comity.portal import operations
from comity.records.access import readable_record
from comity.records.kind import kind_named
from comity.web.gate import actor_of, go, page, person_of
from comity.web.panels import panel


@panel("contact", "portal/invitation.html", place="side", order=10, label=gettext_lazy("Customer portal"))
def invitation(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Whether this contact can sign in to the portal, and who can change that."""
    if record.type not in ("customer", "user") or record.hidden:
        return None
    person = person_of(request)
    return {
        "signs_in": operations.signs_in(record.person),
        "wish": wish_in_words(record.notification_wish),
        "may_invite": operations.may_invite(person) and record.status == "active",
        "may_withdraw": record.person is not None and operations.may_withdraw(person, record),
    }


@require_POST
@page
def invite(request: HttpRequest, contact: str) -> HttpResponse:
    """Invite a contact to the portal, or send the link again."""
    person = person_of(request)
    record = readable_record(kind_named("contact"), person, contact)
    if not operations.may_invite(person):
        raise PermissionDenied
    try:
        invited = operations.invite(record, actor_of(request), site_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Invited. A link to sign in is on its way to %(to)s.") % {"to": invited.email})
    return go(request, record.url)


@require_POST
@page
def withdraw(request: HttpRequest, contact: str) -> HttpResponse:
    """Take the access to the portal away."""
    person = person_of(request)
    record = readable_record(kind_named("contact"), person, contact)
    if record.person is None or not operations.may_withdraw(person, record):
        raise PermissionDenied
    operations.withdraw(record, actor_of(request))
    messages.success(request, _("The access to the portal is withdrawn."))
    return go(request, record.url)
