"""Who did the work does not judge it, not even after giving it away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comity.accounts.models import Grant
from comity.records import write
from comity.records.trail import Refused
from comity.records.write import Actor
from tests.improvement.steps import action, approved, closed, implemented

ME, OTHER = "relationship_manager", "deputy"


@pytest.fixture
def me(world):
    """One person in both roles, as at a small provider."""
    Grant.objects.create(person=world.person(ME), unit=world.root, role="process_manager", starts_on="2015-01-01")
    return Actor(type(world.person(ME)).objects.get(pk=world.person(ME).pk))


def test_what_one_did_and_gave_away_is_judged_by_somebody_else(world, me, time_machine):
    made = [
        (world.move(action(world, ME, ME), "complete", ME, completion_report="Called."), "verify", {}),
        (implemented(world, approved(world)), "effective", {"value_now": "4", "effect_conclusion": "Less waiting."}),
        (closed(world), "judge", {"effect_result": "Nobody waits."}),
    ]
    time_machine.move_to(timezone.now() + timedelta(days=20))
    for row, step, data in made:
        row = write.update(row, {"owner": world.email(OTHER)}, actor=me)
        status, version = row.status, row.version
        with pytest.raises(Refused, match="does not judge"):
            write.transition(row, step, data, actor=me)
        row.refresh_from_db()
        assert (row.status, row.version, row.owner) == (status, version, world.person(OTHER))
        assert write.transition(row, step, data, actor=world.actor("operations_director")).version > version
