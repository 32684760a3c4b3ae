"""What every page goes through: signed in, kind and record found within the reader's rights, refusals as answers.

Not readable is 404, readable but not allowed 403; a page never tells which of "absent" and "hidden" it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.records.access import OUTSIDE, NotAllowed, NotReadable, readable
from comity.records.kind import Kind, kind_at
from comity.records.write import Actor

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """A page for people inside; contacts of outside parties have pages of their own that show less."""

    @login_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rights = rights_of(person_of(request))
        if rights.roles and rights.roles <= OUTSIDE:
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except NotReadable as hidden:
            raise Http404 from hidden
        except NotAllowed as refused:
            raise PermissionDenied from refused

    return answer


def of_kind(view: View) -> View:
    """The page of a kind, named in the address by its plural."""

    @page
    @wraps(view)
    def answer(request: HttpRequest, plural: str, **kwargs: Any) -> HttpResponseBase:
        kind = kind_at(plural)
        if kind is None:
            raise Http404
        return view(request, kind, **kwargs)

    return answer


def of_record(view: View) -> View:
    """The page of one record, which the person may read."""

    @of_kind
    @wraps(view)
    def answer(request: HttpRequest, kind: Kind, ref: str, **kwargs: Any) -> HttpResponseBase:
        return view(request, record_at(kind, person_of(request), ref), **kwargs)

    return answer


def person_of(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    return Actor(person_of(request), via="web")


def record_at(kind: Kind, person: Person, ref: str) -> Any:
    """One record with what its page will name, in one query. Raises NotReadable."""
    record = readable(kind, person).select_related(*one_to_show(kind)).filter(ref=ref).first()
    if record is None:
        raise NotReadable(ref)
    return record


def one_to_show(kind: Kind) -> list[str]:
    """The single relations that a record's page names."""
    names = ["unit", "owner", "entered_by"]
    for name in kind.fields:
        try:
            field = kind.field(name)
        except FieldDoesNotExist:
            continue
        if field.many_to_one or field.one_to_one:
            names.append(name)
    return names


def back(request: HttpRequest) -> str:
    """The page to return to after a small act: the one named in the form, if it is ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return target
    return "/"


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Lead on after a write, for a whole page as for a part of one."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponse(status=303, headers={"Location": url})


def url_of(record: Any, name: str) -> str:
    return reverse(f"web:{name}", args=[record.kind.path, record.ref])
