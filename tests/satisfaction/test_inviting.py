"""Who is asked after the closing of a complaint, and who is reminded (PG-001-09)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from comity.cases.models import Case
from comity.communications import outgoing
from comity.communications.models import Communication
from comity.parties import consents
from comity.records import seal
from comity.records.trail import Actor
from comity.satisfaction import inviting, jobs, letters
from comity.satisfaction.models import Invitation, Survey
from tests.cases.conftest import Desk
from tests.satisfaction.conftest import Visitor, heard

Asked = Callable[..., Invitation]


def letters_of(case: Case) -> list[Communication]:
    return list(Communication.objects.filter(subject_ref=case.ref, body__contains=letters.MARK).order_by("pk"))


def reasons(desk: Desk, case: Case) -> list[str]:
    """What the case tells of it: rule and words."""
    return [line.words for line in desk.lines(case) if line.rule == inviting.RULE]


def test_a_closing_asks_once_whatever_happens_to_the_worker(
    desk: Desk, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies after the letter was written, before the outbox was emptied, leaves nothing half done."""
    case = desk.at("closed")

    def die(_case: Case, _survey: Survey) -> None:
        asked(_case, _survey)
        raise KeyboardInterrupt

    asked = inviting.ask_about
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(inviting, "ask_about", die)
        seal.drain()
    assert not Invitation.objects.exists() and not letters_of(case)
    heard()
    heard()
    invitation, (letter,) = Invitation.objects.get(), letters_of(case)
    assert invitation.sent_as == letter and letter.contact == case.contact and letter.delivery == "mail"
    assert reasons(desk, case) == [f"Asked how it was handled: a letter went to {case.contact} ({survey.ref})."]
    sent = outgoing.body(letter)
    assert f"/answer/{letters.secret_of(invitation)}/" in sent and letters.MARK not in sent
    with transaction.atomic():  # closed a second time: about one case somebody is asked once
        assert inviting.ask_about(Case.objects.get(pk=case.pk), survey) is None
    assert Invitation.objects.count() == 1


def test_some_are_not_asked_and_the_case_says_why(desk: Desk, survey: Survey) -> None:
    other = desk.at("closed")
    heard()
    again = desk.at("closed")
    heard()
    assert reasons(desk, again) == [f"Not asked how it was handled: {again.contact} was asked something not long ago."]
    Invitation.objects.update(at=other.closed_at - timedelta(days=91))
    consents.choose(other.contact, "surveys", False, Actor.system("opt_out", "mail"))
    third = desk.at("closed")
    heard()
    assert reasons(desk, third) == [f"Not asked how it was handled: {third.contact} does not wish to be asked."]
    for changed in (
        {"anonymous": True}, {"origin": "internal"}, {"classification": "enquiry"}, {"close_ground": "withdrawn"},
        {"close_ground": "merged"}, {"close_ground": "reclassified"}, {"restricted": True}, {"contact": None},
        {"closed_at": third.closed_at - timedelta(days=15)},
    ):  # fmt: skip
        one = Case.objects.get(pk=third.pk)
        for name, value in changed.items():
            setattr(one, name, value)
        assert inviting.ask_about(one, survey) is None, changed
    assert len(reasons(desk, third)) == 1 and Invitation.objects.count() == 1


def test_a_letter_that_fails_holds_nothing_up(desk: Desk, survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_words: object) -> None:
        raise ValueError

    monkeypatch.setattr(letters, "send", fail)
    case = desk.at("closed")
    heard()
    assert not Invitation.objects.exists() and not letters_of(case) and not seal.drain()


def test_chance_draws_the_share_from_the_seed(desk: Desk, survey: Survey) -> None:
    survey.share, survey.seed = 30, 7
    drawn = [ref for ref in range(1000) if inviting.drawn(survey, Case(ref=f"CMP-{ref:05}"))]
    assert 250 < len(drawn) < 350
    assert drawn == [ref for ref in range(1000) if inviting.drawn(survey, Case(ref=f"CMP-{ref:05}"))]
    survey.seed = 8
    assert drawn != [ref for ref in range(1000) if inviting.drawn(survey, Case(ref=f"CMP-{ref:05}"))]


def test_one_reminder_to_whoever_has_not_answered(desk: Desk, asked: Asked) -> None:
    invitation = asked()
    case = invitation.case
    assert case is not None
    jobs.letters.call()
    assert len(letters_of(case)) == 1  # too early
    desk.later(days=7)
    jobs.letters.call()
    jobs.letters.call()
    first, second = letters_of(case)
    assert second.purpose == "reminder" and outgoing.body(second).count(letters.secret_of(invitation)) == 1
    assert outgoing.body(first).count(letters.secret_of(invitation)) == 1  # the first letter still opens it

    Invitation.objects.update(at=case.closed_at - timedelta(days=91), reminded_at=None)
    Visitor(invitation).send(overall="5")
    desk.later(days=7)
    jobs.letters.call()
    assert len(letters_of(case)) == 2


def test_surveys_begin_and_end_on_their_days(desk: Desk, survey: Survey, questionnaire: object) -> None:
    desk.later(days=61)
    jobs.surveys.call()
    survey.refresh_from_db()
    assert survey.status == "closed" and survey.closed_at is not None and survey.next_due is not None
