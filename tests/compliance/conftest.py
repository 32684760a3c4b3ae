from copy import copy
from typing import Any

import pytest

from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Computation
from comity.compliance.operations.computing import compute_and_keep
from tests.home.conftest import as_, untouched
from tests.worlds import World, world

__all__ = ["as_", "untouched", "world"]

_looked: list[Any] = []


@pytest.fixture
def computed(world: World) -> World:
    """The small provider after one look at everything. Only the first test looks: all find the same provider."""
    inquiry = Inquiry()
    if not _looked:
        _looked.append(compute_and_keep(inquiry))
        _looked.extend(Answer.objects.all())
        return world
    look, *answers = map(copy, _looked)
    look.as_of = look.finished_at = inquiry.as_of
    look.pk = None
    for one in answers:
        one.pk, one.since = None, inquiry.as_of
    Computation.objects.bulk_create([look])
    Answer.objects.bulk_create(answers)
    return world
