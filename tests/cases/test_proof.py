"""What proves the customer's word: said by this customer, about this case, after what it answers, and once only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from comity.cases.models import Case
from tests.cases.conftest import ENDING, Desk


def refused(desk: Desk, case: Any, name: str, said: str, **data: Any) -> str:
    """The step is refused because of its proof, and nothing changed."""
    before = Case.objects.get(pk=case.pk)
    with pytest.raises(ValidationError) as found:
        desk.move(case, name, communication=said, **data)
    after = Case.objects.get(pk=case.pk)
    assert (after.version, after.status) == (before.version, before.status)
    return " ".join(found.value.message_dict["communication"])


@pytest.mark.parametrize("name", ["withdraw", "clarify", "escalate_inside"])
def test_the_complaint_itself_proves_nothing_more(desk: Desk, name: str) -> None:
    case = desk.register()
    data = {"withdraw": {**ENDING, "note": "He said so."}, "escalate_inside": {"note": "He said so."}}.get(name, {})
    refused(desk, case, name, desk.heard(case, purpose="intake"), **data)
    early = (case.received_at - timedelta(minutes=2)).isoformat()
    assert "before" in refused(desk, case, name, desk.heard(case, occurred_at=early), **data)


@pytest.mark.parametrize("name", ["confirm", "reject"])
def test_what_is_about_another_case_proves_nothing_here(desk: Desk, name: str) -> None:
    case, other = desk.at("resolved"), desk.register()
    desk.later(hours=1)
    for about in (other.ref, ""):
        said = desk.heard(case, subject_ref=about)
        assert "about this case" in refused(desk, case, name, said, note="He said so.")


def test_somebody_elses_word_about_it_proves_nothing(desk: Desk) -> None:
    case = desk.at("resolved")
    named = {"customer": desk.world.child.ref, "contact": desk.world.child_contact.ref}
    refused(desk, case, "confirm", desk.heard(case, **named))


def test_one_exchange_proves_one_step(desk: Desk) -> None:
    case = desk.register()
    said = desk.heard(case)
    case = desk.move(case, "clarify", communication=said)
    assert "earlier step" in refused(desk, case, "withdraw", said, note="He said so.", **ENDING)
    case = desk.move(case, "clarify", communication=desk.heard(case))
    assert "earlier step" in refused(desk, case, "escalate_inside", said, note="He said so.")
    assert desk.move(case, "withdraw", note="Really.", communication=desk.heard(case), **ENDING).status == "closed"


def test_an_objection_is_later_than_the_notice_that_it_answers(desk: Desk) -> None:
    case = desk.at("acknowledged")
    said = desk.heard(case)
    desk.later(hours=1)
    case = desk.move(case, "propose_reclassification", note="A wish.", proposed_classification="enquiry")
    case = desk.move(case, "reclassify", "process_manager", **ENDING)
    refused(desk, case, "object", said, note="He objects.")
    assert desk.move(case, "object", note="He objects.", communication=desk.heard(case)).status == "acknowledged"
