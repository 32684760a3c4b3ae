"""Who may speak SCIM here, and how every answer looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from comity.accounts.links import site_of
from comity.accounts.models import ApiToken, Grant, Person, Unit, in_force
from comity.accounts.roles import Role
from comity.api.door import Rate, Sane

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
RATE = Rate()
Data = dict[str, Any]


class Wrong(Exception):
    """What was asked cannot be done: the status, why, and the standard's word for that (RFC 7644 3.12)."""

    def __init__(self, status: int, detail: str, kind: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind = status, detail, kind


@dataclass(frozen=True)
class Asked:
    """A request with the token that carries it: its person, an administrator, and the unit in which they are one."""

    request: HttpRequest
    token: ApiToken
    owner: Person
    unit: Unit
    query: Any  # a mapping of texts: of the address, or of a search that is posted

    @property
    def base(self) -> str:
        return f"{site_of(self.request)}/scim/v2"

    def body(self) -> Data:
        try:
            found = Sane().parse_body(self.request)
        except (ValueError, RecursionError, RequestDataTooBig, UnreadablePostError) as error:
            raise Wrong(400, "This is no JSON that is read here.", "invalidSyntax") from error
        if not isinstance(found, dict):
            raise Wrong(400, "Send an object.", "invalidSyntax")
        return found


def _asked(request: Any) -> Asked:
    """The token opens this door and no other; its person is an administrator, as they would have to be on the pages."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = ApiToken.authenticate(secret.strip(), ApiToken.PROVISION) if scheme.lower() == "bearer" else None
    if token is None:
        raise Wrong(401, "Send a token with the scope “provision”.")
    request.auth, request.token = token.person, token
    if not RATE.allow_request(request):
        raise Wrong(429, "Too many requests.")
    held = Grant.objects.filter(in_force(timezone.localdate()), person=token.person, role=Role.ADMINISTRATOR)
    highest = min((one.unit for one in held.select_related("unit")), key=lambda unit: unit.depth, default=None)
    if highest is None:
        raise Wrong(403, "The token's person is no administrator any more.")
    return Asked(request, token, token.person, highest, request.GET)


def answer(body: Data | None, status: int = 200, location: str = "") -> HttpResponse:
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    headers = {"Cache-Control": "no-store"} | ({"Location": location} if location else {})
    return HttpResponse(text, status=status, content_type="application/scim+json", headers=headers)


def refused(status: int, detail: str, kind: str = "") -> HttpResponse:
    body = {"schemas": [ERROR], "status": str(status), "detail": detail} | ({"scimType": kind} if kind else {})
    response = answer(body, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Comity SCIM"'
    return response


def door(**acts: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of what can be done at an address, by method; each act is done as a whole or not at all."""

    @csrf_exempt
    @login_not_required
    def view(request: HttpRequest, **names: str) -> HttpResponse:
        try:
            asked, act = _asked(request), acts.get(request.method or "")
            if act is None:
                response = refused(405, "This cannot be done here.")
                response.headers["Allow"] = ", ".join(acts)
                return response
            with transaction.atomic():
                return act(asked, **names)
        except Wrong as error:
            return refused(error.status, error.detail, error.kind)
        except PermissionDenied:
            return refused(403, "This is not done for a directory: an administrator does it on the pages.")
        except ValidationError as error:
            return refused(400, " ".join(error.messages), "invalidValue")
        except IntegrityError:
            return refused(409, "Somebody else has this name or address.", "uniqueness")

    return view
