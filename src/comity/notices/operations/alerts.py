"""Saved views with a limit: their person is told once when the count passes it, and again only after it came back.

What a view finds is what its person may read at that moment. Counts are bounded as in the side bar.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import override

from comity.notices.models import Event
from comity.notices.operations.notifying import Listeners, News, publish
from comity.records import reading
from comity.records.kind import kind_named
from comity.records.models import SavedView
from comity.web import aside


def look() -> Iterator[bool]:
    """Look at each view that has a limit; was its person told?"""
    listeners = Listeners()
    for view in SavedView.objects.filter(limit__isnull=False).select_related("person").iterator(200):
        yield _look_at(view, listeners)


def _look_at(view: SavedView, listeners: Listeners) -> bool:
    person, url = listeners.person(view.person_id), aside.url_of(view)
    if person is None or not url or view.limit is None:
        return False
    with override(person.language), timezone.override(person.time_zone):
        try:
            found = reading.register(kind_named(view.kind), person, QueryDict(view.query), size=1)
        except reading.BadQuery:
            return False
    passed = found.count < view.limit if view.below else found.count > view.limit
    if passed == view.passed:
        return False
    with transaction.atomic():
        same = {"pk": view.pk, "passed": view.passed, "limit": view.limit, "query": view.query, "below": view.below}
        if not SavedView.objects.filter(**same).update(passed=passed) or not passed:
            return False  # somebody else was quicker, or it came back
        count = f"{found.count:,}" + ("+" if found.more else "")
        values = {"what": view.name, "count": count, "limit": view.limit}
        publish([News(Event.ALERT, frozenset({person.pk}), values=values, url=url)], listeners)
    return True
