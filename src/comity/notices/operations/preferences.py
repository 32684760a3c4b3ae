"""How a person wants to hear of things."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from comity.accounts.models import Person
from comity.notices.models import DEFAULTS, Event, Preference, Way


def of(person: Person) -> dict[str, str]:
    """The way of each event, chosen or by default."""
    chosen = dict(Preference.objects.filter(person=person).values_list("event", "way"))
    return {event.value: chosen.get(event.value) or str(DEFAULTS.get(event, Way.APP)) for event in Event}


@transaction.atomic
def choose(person: Person, ways: Mapping[str, str]) -> None:
    """Keep what differs from the defaults, so that better defaults reach those who never chose."""
    Preference.objects.filter(person=person).delete()
    Preference.objects.bulk_create(
        Preference(person=person, event=event.value, way=way)
        for event in Event
        if (way := ways.get(event.value)) and way != DEFAULTS.get(event, Way.APP)
    )
