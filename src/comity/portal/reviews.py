"""Minutes of reviews in the portal: read, confirmed, or objected to, by those who took part (BRM-3.2.1-2, 3.2.4-4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.improvement.operations import actions_of
from comity.portal.gate import Visit, page
from comity.records import write
from comity.records.access import readable, readable_record
from comity.records.kind import kind_named
from comity.records.trail import Refused, Stale
from comity.reviews.confirming import Answer, answer_of
from comity.reviews.models import Type

DEEDS = ("confirm", "object")
SHOWN = 20


def minutes_of(visit: Visit) -> list[tuple[Any, Answer]]:
    """The reviews in which they took part, newest first, each with what they said to its minutes."""
    rows = readable(kind_named("review"), visit.person).filter(type=Type.SERVICE, archived_at__isnull=True)
    found = ((one, answer_of(one, visit.person)) for one in rows.order_by("-starts_on", "-pk")[:SHOWN])
    return [(one, answer) for one, answer in found if answer is not None]


@page
def reviews(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The minutes of every review in which they took part."""
    return visit.show("portal/reviews.html", {"rows": minutes_of(visit)})


@page
def review(request: HttpRequest, visit: Visit, ref: str, name: str = "") -> HttpResponse:
    """The minutes of one review, with the agenda, who took part, decisions and actions; with a name, the answer."""
    record, problems = readable_record(kind_named("review"), visit.person, ref), list[str]()
    answer = answer_of(record, visit.person)
    if record.type != Type.SERVICE or answer is None:
        raise Http404
    if request.method == "POST":
        problems = _answer(request, visit, record, name)
        if not problems:
            messages.success(request, _("Thank you. We have it."))
            return HttpResponse(status=303, headers={"Location": f"/portal/reviews/{ref}/"})
    points = readable(kind_named("review_point"), visit.person).filter(review=record).order_by("pk")
    shown = {
        "review": record, "answer": answer, "points": list(points), "actions": list(actions_of(record)),
        "problems": problems, "tried": name, "typed": request.POST.get("note", ""),
    }  # fmt: skip
    return visit.show("portal/review.html", shown, 422 if problems else 200)


def _answer(request: HttpRequest, visit: Visit, record: Any, name: str) -> list[str]:
    """Give the answer to the version that was read. What stands in the way, in words."""
    if name not in DEEDS:
        raise Http404
    if request.POST.get("minutes") != str(record.minutes_no):
        return [_("The minutes were corrected meanwhile. Please read them once more.")]
    try:
        write.transition(record, name, actor=visit.actor, note=request.POST.get("note", ""))
    except Refused as refused:
        return list(refused.missing)
    except ValidationError as error:
        return list(error.messages)
    except Stale:
        return [_("Something has happened meanwhile. Please look again.")]
    return []
