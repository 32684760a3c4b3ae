"""What every page goes through: kind and record found within the reader's rights, refusals given as answers.

Not readable is 404, readable but not allowed 403; a page never tells which of "absent" and "hidden" it is.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.jobs.models import asking
from comity.records.access import OUTSIDE, NotAllowed, NotReadable, readable_record
from comity.records.kind import kind_at
from comity.records.reading import BadQuery
from comity.records.write import Actor

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """A page for people inside: contacts of outside parties have pages of their own that show less.

    Where the address names a kind by its plural, the view is given the kind; where it names a record too, the record.
    """

    @wraps(view)
    def answer(request: HttpRequest, plural: str = "", ref: str = "", **named: Any) -> HttpResponseBase:
        kind = kind_at(plural) if plural else None
        if plural and kind is None:  # also for somebody unknown, below an address that is open to everybody
            raise Http404
        person = person_of(request)
        roles = rights_of(person).roles
        if roles and roles <= OUTSIDE:
            if request.path == settings.LOGIN_REDIRECT_URL:
                return HttpResponse(status=303, headers={"Location": settings.OUTSIDE_URL})
            raise Http404
        with refusing(), asking(person.pk):
            if kind is None:
                return view(request, **named)
            return view(request, readable_record(kind, person, ref) if ref else kind, **named)

    return answer


@contextmanager
def refusing() -> Iterator[None]:
    """Refusals of the records, given as the answers that browsers know."""
    try:
        yield
    except NotReadable as hidden:
        raise Http404 from hidden
    except NotAllowed as refused:
        raise PermissionDenied from refused
    except BadQuery as broken:
        raise BadRequest(str(broken)) from broken


def person_of(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    return Actor(person_of(request), via="web")


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Lead on after a write, for a whole page as for a part of one."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponse(status=303, headers={"Location": url})
