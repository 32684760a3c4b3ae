"""Of many tries at once exactly as many pass as may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import RequestFactory

from comity.accounts.limits import address_of, spent, within
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


def test_who_has_many_addresses_counts_once(settings: Any, rf: RequestFactory) -> None:
    """A line with IPv6 has 2**64 of them; and whoever says where he comes from is not believed but for the proxy."""

    def told(line: str, **headers: str) -> str:
        return address_of(rf.get("/", REMOTE_ADDR=line, headers=headers))

    assert told("2001:db8:1:2::7") == told("2001:DB8:1:2:ffff::1") != told("2001:db8:1:3::7")
    assert told("::ffff:192.0.2.1") == told("192.0.2.1") == "192.0.2.1" != told("::ffff:192.0.2.2")
    assert told("192.0.2.1", x_forwarded_for="198.51.100.1") == "192.0.2.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert told("10.0.0.1", x_forwarded_for="198.51.100.1, 192.0.2.1") == "192.0.2.1"


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
