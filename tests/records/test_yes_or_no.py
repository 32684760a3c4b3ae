"""A yes-or-no question takes true and false; any other word is refused by the field's name, at every door."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from comity.cases.models import Case
from comity.records import write
from tests.cases.conftest import RESULT, Desk, desk  # noqa: F401


@pytest.mark.parametrize("word", ["no", "yes", "0", "nein"])
def test_another_word_is_refused_by_name(desk: Desk, word: str) -> None:  # noqa: F811
    case = desk.at("acting")
    with pytest.raises(ValidationError) as found:
        desk.move(case, "write_up", **{**RESULT, "improvement_need": word})
    assert list(found.value.message_dict) == ["improvement_need"]
    with pytest.raises(ValidationError) as found:
        write.update(case, {"confidential": word}, actor=desk.world.actor("complaint_handler"))
    assert list(found.value.message_dict) == ["confidential"]
    after = Case.objects.get(pk=case.pk)
    assert (after.version, after.improvement_need, after.confidential) == (case.version, None, False)


@pytest.mark.parametrize(("word", "kept"), [("false", False), ("True", True), (True, True), (False, False)])
def test_true_and_false_are_taken_as_text_too(desk: Desk, word: Any, kept: bool) -> None:  # noqa: F811
    case = desk.move(desk.at("acting"), "write_up", **{**RESULT, "improvement_need": word})
    assert case.improvement_need is kept
