"""A notice is sent in the organisation's own words where they are in effect, else in ours."""

from __future__ import annotations

import pytest
from django.utils import translation

from comity.cases.operations import wording
from comity.cases.rules.notices import Event
from tests.notices.conftest import Desk

pytestmark = pytest.mark.django_db


def adopt(desk: Desk, **values: str) -> None:
    given = {"name": "Receipt", "use": "acknowledged", "language": "en", "subject": "Got it ({ref})"}
    given["body"] = "Dear {contact},\n\nnumber {ref} came on {received}. {next_step}\n\n[Until {due}.]\n\n{handler}"
    made = desk.world.create("template", "process_manager", **(given | values))
    desk.world.move(made, "adopt", "operations_director")


def test_own_words_in_effect_are_sent(desk: Desk) -> None:
    adopt(desk)
    case = desk.move(desk.register(), "acknowledge", "service_desk", next_step="We ask {you} [now].")
    (notice,) = desk.told(case)
    assert notice.summary == f"Got it ({case.ref})"
    assert notice.body.startswith(f"Dear Ada Aster,\n\nnumber {case.ref} came on ")
    assert "We ask {you} [now]." in notice.body and "Service Desk" in notice.body and "Until 2" in notice.body


def test_in_the_readers_language_only(desk: Desk) -> None:
    adopt(desk, language="zh-hans")
    (notice,) = desk.told(desk.step(desk.register()))
    assert "we have your message" in notice.summary


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_making_ours_their_own_changes_nothing(desk: Desk, language: str) -> None:
    """What the page offers to begin with says the same as what is sent without it."""
    case = desk.register()
    facts = {"named": desk.world.person("complaint_handler"), "text": "Hello.", "improvement": "IMP-1",
             "role": "complaint owner", "successor": "CMP-2"}  # fmt: skip
    for event in Event:
        before = wording.compose(event, case, language, **facts)
        with translation.override(language):
            subject, body = wording.shipped(event)
        adopt(desk, use=str(event), language=language, subject=subject, body=body)
        assert wording.compose(event, case, language, **facts) == before
