"""One person is erased: no word of theirs is left anywhere, and nothing that is counted or judged has changed."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from comity.accounts.models import Person
from comity.cases.models import Case
from comity.communications import originals
from comity.communications.mail import Mail
from comity.communications.models import Communication
from comity.compliance.inquiry import Inquiry
from comity.compliance.operations.computing import answers
from comity.parties.models import Contact
from comity.privacy import erasing
from comity.records import seal, write
from comity.records.models import Entry, FormerRow
from comity.records.past import as_it_was
from comity.reviews.analysis import Analysis
from comity.reviews.asking import Question
from tests.privacy.conftest import ADDRESS, MARKER, NAME, NEEDLES, Stage, seal_all, traces

pytestmark = pytest.mark.django_db


def figures(stage: Stage) -> Any:
    """Each number of the analysis and each verdict of all standards, as of this moment and of an hour ago."""
    person, now = stage.world.person("process_manager"), timezone.now()
    report = Analysis(Question.of(person, {}), person).report()
    found = [str(block) for block in report.blocks]
    for moment in (now, now - timedelta(hours=1)):
        with as_it_was(moment) if moment < now else nullcontext():
            judged = answers(Inquiry(moment))
        found += [f"{one.requirement}: {one.verdict} {one.population} {one.gaps} {one.pending}" for one in judged]
    return found


def past(stage: Stage, moment: Any) -> Any:
    with as_it_was(moment):
        return Case.objects.values_list("ref", "status", "title").get(pk=stage.case.pk), Contact.objects.count()


@pytest.mark.slow
def test_nothing_of_the_person_is_left_and_nothing_counted_changes(stage: Stage) -> None:
    world, moment = stage.world, timezone.now()
    stage.desk.later(hours=2)
    proof = stage.desk.heard(stage.case, contact=stage.contacts[0].ref)
    signed = world.create("acceptance", "relationship_manager", type="signed", version_ref=world.second.ref,
                          contact=stage.contacts[0].ref, proof_ref=proof)  # fmt: skip
    one = stage.request()
    made = erasing.begin(one, world.actor("process_manager"), one.ref)
    assert {*traces(*NEEDLES)} and len(made.contacts) == 2
    before, then = figures(stage), past(stage, moment)
    assert erasing.run(made.pk) and not erasing.run(made.pk)
    seal_all()

    assert not traces(*NEEDLES)
    now, was = figures(stage), past(stage, moment)
    answered = ("CSMS-8.7.2-s5: not_assessed 1 0 1", "CSMS-8.7.2-s5: not_assessed 1 0 0")  # the request itself
    assert [pair for pair in zip(before, now, strict=True) if pair[0] != pair[1]] == [answered]
    assert was == ((then[0][0], then[0][1], "[erased]"), then[1])

    found = seal.verify()
    assert (found.broken, found.told_in) == ("", (one.ref,)) and found.blanked > 10
    made.refresh_from_db()
    one.refresh_from_db()
    assert made.ended_at and (made.words, made.phrases) == ([], []) and made.counts["case"] == 2
    assert one.status == "done" and one.closed_at and str(made.number) in one.outcome
    case, person = Case.objects.get(pk=stage.case.pk), Person.objects.get(pk=stage.person.pk)
    assert (case.title, case.contact, str(case.contact)) == ("[erased]", stage.contacts[0], "Erased person 1")
    assert (person.name, person.is_active, person.email) == ("Erased person 1", False, "erased-1@erased.invalid")
    signed.refresh_from_db()
    assert signed.status == "given" and signed.contact == stage.contacts[0]
    said = Entry.objects.get(kind="customer", act="post")
    assert said.note == "Ask Erased person 1 ([erased]) first; not the Quillfeathers."  # others keep their name


def test_what_is_under_hold_stays_and_is_told(stage: Stage) -> None:
    world, held = stage.world, stage.mailed
    hold = world.create("legal_hold", "process_manager", subject_ref=held.ref, reason="The court asks.")
    made = stage.erase(stage.request(stage.contacts[1]))
    assert made.held[held.ref] == "The court asks." and not seal.verify().broken
    case, letter = Case.objects.get(pk=held.pk), Mail.objects.get(ref=held.ref, direction="in")
    assert MARKER in case.title and MARKER in letter.subject and ADDRESS in letter.sender and originals.read(letter.raw)
    assert Communication.objects.get(subject_ref=held.ref, direction="inbound").body == f"My {MARKER} is late."
    assert Entry.objects.filter(kind="case", record_id=held.pk, changes__icontains=MARKER).exists()
    assert Case.objects.get(pk=stage.case.pk).title == "[erased]"
    assert not FormerRow.objects.filter(was__name=NAME).exists()
    told = [one for one in stage.told() if "court" in one.body]
    assert len(told) == 1 and held.ref in told[0].body
    for _twice in range(2):
        with pytest.raises(write.NotAllowed):
            world.move(hold, "lift", "complaint_handler", note="No.")
    assert world.move(hold, "lift", "operations_director", note="Settled.").status == "lifted"


def test_a_person_who_looked_may_spare_a_record(stage: Stage) -> None:
    stage.erase(stage.request(), spared=[stage.mailed.ref])
    assert MARKER in Case.objects.get(pk=stage.mailed.pk).description
    assert Case.objects.get(pk=stage.case.pk).description == "[erased]"
    assert not traces(NAME)
