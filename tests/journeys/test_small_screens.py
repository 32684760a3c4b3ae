"""Dense pages on a telephone, in Chinese and dark: nothing is cut, broken or endless."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comity.accounts.models import ApiToken, Person
from comity.records.models import Term
from tests.cases.test_figures import settle
from tests.journeys.conftest import Seat
from tests.journeys.test_busy_morning import received
from tests.worlds import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OVER = "[...document.querySelectorAll('.both .scroll')].some(one => one.offsetHeight > 210)"
TOPICS = ("Managing an account", "Trouble during payment process", "Incorrect information on your report", "Struggling")
WIDE = "document.documentElement.scrollWidth"
TALLEST = "Math.max(...[...document.querySelectorAll('table.plain tbody tr')].map(row => row.offsetHeight))"


@pytest.fixture
def phone(provider: World, seat: Callable[..., Seat]) -> Seat:
    Person.objects.update(language="zh-hans", theme="auto")
    return seat("process_manager", width=360, scheme="dark")


def test_the_analysis(provider: World, phone: Seat) -> None:
    for name in TOPICS * 3:
        topic = Term.objects.get_or_create(list="case_topic", code=name.split()[0].lower(), label=name)[0]
        received(provider, topic=topic.code)
    settle()
    page = phone.go("/analysis/")
    assert page.evaluate(WIDE) == 360
    assert page.evaluate(TALLEST) < 90
    assert not page.evaluate(OVER)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_ones_own_account(provider: World, phone: Seat, language: str) -> None:
    Person.objects.update(language=language)
    Person.objects.exclude(email=provider.email("process_manager")).update(name="Somebody with a very long name indeed")
    ApiToken.issue(provider.person("process_manager"), "calendar", ["read", "customer:write"], 90)
    page = phone.go("/accounts/me/")
    assert page.evaluate(WIDE) == 360
