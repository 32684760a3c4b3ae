"""Of many tries at once exactly as many pass as may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection

from comity.accounts.limits import spent, within
from comity.accounts.models import Tries
from comity.api.jobs import forget

THREADS, EACH, MOST = 8, 5, 25
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_as_many_pass_as_may() -> None:
    together = Barrier(THREADS)

    def hammer(_n: int) -> int:
        together.wait()
        try:
            return sum(within("form", "192.0.2.1", MOST, 3600) for _m in range(EACH))
        finally:
            connection.close()

    with time_machine.travel(NOW, tick=False), ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(hammer, range(THREADS))) == MOST
    assert Tries.objects.get().count == THREADS * EACH


@pytest.mark.django_db
def test_each_counts_alone_and_anew_in_the_next_window() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        assert [within("form", "a", 2, 60) for _n in range(3)] == [True, True, False]
        assert spent("form", "a", 2, 60) and not spent("form", "b", 2, 60)
        assert within("form", "b", 2, 60) and within("link", "a", 2, 60)
        assert forget.call() == 0, "what still counts is kept"
        clock.shift(timedelta(seconds=61))
        assert within("form", "a", 2, 60) and not spent("form", "a", 2, 60)
        assert forget.call() == 3 and Tries.objects.count() == 1
