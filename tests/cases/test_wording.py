"""Notices speak the language of whoever reads them, whoever acts and whatever the worker speaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from comity.cases.models.choices import CloseGround
from comity.cases.operations import wording
from comity.cases.rules.notices import Event
from comity.clocks.models import Calendar
from comity.parties.models import Contact, Customer
from comity.parties.operations import language_of
from comity.records import write
from comity.records.remembered import changed
from tests.cases.conftest import RESULT, Desk

pytestmark = pytest.mark.django_db
CHINESE = "我们已收到"


def speaks(desk: Desk, language: str, who: str = "contact") -> None:
    """The customer or its contact speaks this language."""
    actor = desk.world.actor("relationship_manager")
    write.update(getattr(desk.world, who), {"language": language}, actor=actor)


@pytest.mark.parametrize(("staff", "contact", "chinese"), [("en", "zh-hans", True), ("zh-hans", "en", False)])
def test_the_acknowledgement_is_in_the_contacts_language(desk: Desk, staff: str, contact: str, chinese: bool) -> None:
    speaks(desk, contact)
    with translation.override(staff):
        case = desk.step(desk.register())
    (notice,) = desk.told(case)
    assert (CHINESE in notice.body) is chinese
    assert ("we have your message" in notice.summary) is not chinese
    assert case.ref in notice.summary and "service_desk@provider.example" in notice.body


def test_the_whole_way_is_told_in_chinese(desk: Desk) -> None:
    """Every notice of a case from receipt to closing, the rules' own ones included, has a Chinese subject and text."""
    speaks(desk, "zh-CN")
    wish = {"events": ["acknowledged", "first_answer", "action", "escalated", "resolved", "closed"], "every_days": 1}
    case = desk.register(notification_wish=wish, severity="major")
    for _step in range(4):
        case = desk.step(case)
    case = desk.sweep(case)
    desk.later(days=3)
    case = desk.sweep(case)
    case = desk.step(case)
    desk.until(case.remind_at)
    desk.sweep(case)
    desk.until(case.confirm_due_at)
    case = desk.sweep(case)
    assert case.close_ground == CloseGround.CONFIRMATION_EXPIRED
    told = desk.told(case)
    assert {"acknowledgement", "progress", "result", "reminder"} <= {one.purpose for one in told}
    for one in told:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one.summary), one.summary
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one.body.replace(RESULT["outcome"], "")), one.body


def test_a_question_and_what_a_person_wrote_stay_as_written(desk: Desk) -> None:
    speaks(desk, "zh-hans")
    case = desk.move(desk.at("investigating"), "ask_customer", text="Which line was it?")
    question = desk.told(case, "question")[0]
    assert question.body == "Which line was it?" and "a question" not in question.summary


@pytest.mark.parametrize(
    ("contact", "customer", "spoken"),
    [
        ("zh-hans", "en", "zh-hans"), ("", "zh-hans", "zh-hans"), ("", "", "en"), ("zh_CN", "", "zh-hans"),
        ("xx", "zh", "zh-hans"), ("nonsense", "", "en"), ("EN-gb", "zh-hans", "en"),
    ],
)  # fmt: skip
def test_language_of_a_party(contact: str, customer: str, spoken: str) -> None:
    assert language_of(Contact(language=contact), Customer(language=customer)) == spoken


def test_without_a_known_language_the_installations_counts(settings: Any) -> None:
    settings.LANGUAGE_CODE = "zh-hans"
    with translation.override("en"):
        assert language_of(None, None) == "zh-hans"


def test_every_event_has_words_in_both_languages(desk: Desk) -> None:
    case = desk.register()
    facts = {
        "named": desk.world.person("complaint_handler"),
        "text": "",
        "improvement": "IMP-1",
        "role": "complaint owner",
        "successor": "CMP-2",
    }
    for event in Event:
        english, chinese = (wording.compose(event, case, code, **facts) for code in ("en", "zh-hans"))
        assert english.summary != chinese.summary and case.ref in chinese.summary
    assert wording.SUBJECT.keys() == wording.BODY.keys() == wording.LABELS.keys() == set(Event)


def test_days_are_those_of_the_customers_calendar(desk: Desk) -> None:
    """Whoever acts from another zone does not shift what the customer is told."""
    Calendar.objects.update(zone="Asia/Shanghai", changed_at=timezone.now() + timedelta(seconds=1))
    changed("calendar")
    case = desk.register()
    with timezone.override("America/New_York"):
        late = datetime(2026, 3, 2, 20, tzinfo=UTC)
        assert wording.day(case, late) == "2026-03-03"


def test_the_letter_is_printed_in_the_readers_language(desk: Desk, client: Any) -> None:
    speaks(desk, "zh-hans")
    case = desk.step(desk.register())
    (notice,) = desk.told(case)
    client.force_login(desk.world.person("complaint_handler"))
    page = client.get(f"/cases/{case.ref}/letter/{notice.ref}/").content.decode()
    assert 'class="card letter" lang="zh' in page and CHINESE in page
