"""What tests in a row begin with is made once: it stands in transactions around theirs.

    @layer
    def crowded(world: World) -> Any:  # what it returns is shown to each test as a copy
        return [world.create("channel", "relationship_manager", name=name, type="phone") for name in NAMES]

    @pytest.fixture(name="crowded")
    def _crowded(world: World) -> Any:
        return stood("crowded", world)

A layer has the name of the fixture that shows it, and stands upon `world`. A test takes back only what it did itself;
the first that does not ask for the fixture takes the layer away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from django.db import connection, transaction

Make = Callable[[Any], Any]

LAYERS: dict[str, Make] = {}
_around: dict[str, tuple[transaction.Atomic, Any]] = {}  # outermost first


def layer(make: Make) -> Make:
    """Let tests that ask for the fixture of this name find it made; no other fixture may bear the name."""
    assert make.__name__ not in LAYERS, make.__name__
    LAYERS[make.__name__] = make
    return make


def stands(name: str) -> bool:
    return name in _around


def stood(name: str, world: Any) -> Any:
    """What the layer has made; where it does not stand it is made now, for this test alone."""
    return deepcopy(_around[name][1]) if name in _around else LAYERS[name](world)


def stand(wanted: Iterable[str], cast: Callable[[], Any]) -> None:
    """Before a test: take away what it does not want, and make what it wants."""
    names = list(wanted)
    lost = connection.closed_in_transaction or not connection.in_atomic_block
    while _around and (lost or list(_around) != names[: len(_around)]):
        _fall(_around.popitem()[1][0], lost)
    for name in names[len(_around) :]:
        around = transaction.atomic()
        around.__enter__()
        try:
            _around[name] = around, LAYERS[name](cast())
        except BaseException:
            _fall(around, lost=False)
            raise


def _fall(around: transaction.Atomic, lost: bool) -> None:
    if not lost:
        transaction.set_rollback(True)
    around.__exit__(None, None, None)
