"""The filter for those whose first answer is due soon, as a desk works through its morning."""

from typing import Any

import pytest

from comity.cases.kinds import ANSWER_DUE
from comity.cases.models import Case
from tests.cases.conftest import Desk


def found(hours: str) -> list[Any]:
    return list(Case.objects.filter(ANSWER_DUE.condition(hours)))


@pytest.mark.parametrize("hours", ["1", "4", "24"])
def test_an_answer_due_within_the_hours_is_found(desk: Desk, hours: str) -> None:
    case = desk.at("assessed")
    desk.until(case.answer_due_at)
    desk.clock.shift(-3600 * int(hours))
    assert found(hours) == [case]
    desk.later(hours=-0.5)
    assert found(hours) == []


def test_late_ones_are_found_by_every_choice(desk: Desk) -> None:
    case = desk.at("assessed")
    desk.until(case.answer_due_at)
    assert found("0") == found("1") == [case]


def test_answered_and_closed_ones_are_not(desk: Desk) -> None:
    answered = desk.at("assessed")
    desk.until(answered.answer_due_at)
    case = desk.move(answered, "answer", text="We look into it.")
    assert case.answered_at and found("24") == []
