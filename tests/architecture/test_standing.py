"""What tests in a row begin with is made once, and each finds it as it was made."""

from __future__ import annotations

from typing import Any

import pytest

from comity.communications.models import Channel
from tests.standing import layer, stood
from tests.worlds import World, world

__all__ = ["world"]
made: list[str] = []


@layer
def one_more_channel(world: World) -> list[Any]:
    made.append("again")
    return [world.create("channel", "relationship_manager", name="One more", type="phone")]


@pytest.fixture(name="one_more_channel")
def _one_more_channel(world: World) -> Any:
    return stood("one_more_channel", world)


@pytest.mark.parametrize("turn", range(4))
def test_each_finds_it_untouched_and_hardly_any_makes_it(world: World, one_more_channel: Any, turn: int) -> None:
    channel = one_more_channel.pop()
    assert (channel.name, Channel.objects.get(pk=channel.pk).status) == ("One more", "active")
    assert len(made) < 4, "one in the first test of a process, one for those after it"
    channel.name = "Spoilt"
    assert world.move(channel, "retire", "relationship_manager", note="Closed.").status == "retired"


def test_who_does_not_ask_finds_none_of_it(world: World) -> None:
    assert not Channel.objects.filter(name="One more").exists()
    assert Channel.objects.get() == world.channel
