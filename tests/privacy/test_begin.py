"""Who may erase whom, how it is confirmed, and what becomes of it when it is interrupted."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from comity.accounts.models import Grant, Person
from comity.accounts.roles import Role
from comity.communications.mail import Mail
from comity.jobs.models import Job
from comity.parties.models import Contact
from comity.privacy import erasing, jobs
from comity.privacy.models import Erasure
from comity.records import seal, write
from comity.records.trail import Refused
from tests.privacy.conftest import NEEDLES, Stage, seal_all, traces
from tests.reports.paper import text_of
from tests.worlds import LONG_AGO

pytestmark = pytest.mark.django_db


def client(stage: Stage, role: str) -> Client:
    cache.clear()
    made = Client()
    person = Person.objects.get(pk=stage.world.person(role).pk)
    made.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
    return made


def untouched(stage: Stage) -> bool:
    names = set(Contact.objects.filter(pk__in=[one.pk for one in stage.contacts]).values_list("name", "status"))
    return not Erasure.objects.exists() and names == {("Zara Quillfeather", "active")}


def test_only_who_decides_may_erase_and_only_by_its_number(stage: Stage) -> None:
    one = stage.request()
    path = f"/data-subject-requests/{one.ref}/erasure/"
    for role, status in (("complaint_handler", 403), ("customer_contact", 404)):
        for _twice in range(2):
            assert client(stage, role).post(path, {"number": one.ref}).status_code == status and untouched(stage)
    with pytest.raises(write.NotAllowed):
        erasing.begin(one, stage.world.actor("relationship_manager"), one.ref)
    officer = client(stage, "operations_director")
    page = officer.get(path).content.decode()
    assert all(
        text in page for text in ("Zara Quillfeather", stage.case.ref, stage.mailed.ref, "anonymised", "removed")
    )
    wrong = officer.post(path, {"number": "DSR-99999"})
    assert wrong.status_code == 409 and f"Type {one.ref} to confirm." in wrong.content.decode() and untouched(stage)

    assert officer.post(path, {"number": one.ref}).status_code == 303
    made = Erasure.objects.get()
    assert Job.objects.filter(name__endswith="privacy.jobs.erase", args=[made.pk]).exists()
    assert "The worker is at it" in officer.get(one.url).content.decode()
    again = client(stage, "process_manager").post(path, {"number": one.ref})  # another officer, a moment later
    assert again.status_code == 409 and Erasure.objects.count() == 1
    assert officer.get(f"/data-subject-requests/{one.ref}/certificate/").status_code == 404

    assert jobs.still_told(made)  # the last letter needs the address
    told = Mail.objects.get(communication__subject_ref=one.ref, subject__contains="being erased")
    jobs.erase.func(made.pk)
    assert not Erasure.objects.get().ended_at and Job.objects.filter(name__endswith="privacy.jobs.erase").count() == 2
    Mail.objects.filter(communication__subject_ref=one.ref).update(state=Mail.State.SENT)
    jobs.erase.func(made.pk)
    told.refresh_from_db()
    assert Erasure.objects.get().ended_at and told.state == "sent" and not told.raw
    assert "rows lost their words" in officer.get(one.url).content.decode()
    paper = officer.get(f"/data-subject-requests/{one.ref}/certificate/")
    said = text_of(paper.content)
    assert one.ref in said and "Certificate" in said and not any(word in said for word in NEEDLES)


def test_whoever_works_here_too_is_not_erased(stage: Stage) -> None:
    Grant.objects.create(
        person=stage.person, unit=stage.world.root, role=Role.SERVICE_DESK, starts_on=LONG_AGO, ends_on=LONG_AGO
    )
    one = stage.request()
    for _twice in range(2):
        with pytest.raises(Refused, match="work or worked here"):
            erasing.begin(one, stage.world.actor("process_manager"), one.ref)
    assert untouched(stage)


def test_a_contact_under_hold_and_a_request_not_granted_are_refused(stage: Stage) -> None:
    world = stage.world
    with pytest.raises(Refused, match="was granted"):
        erasing.begin(early := stage.request(granted=False), world.actor("process_manager"), early.ref)
    hold = world.create("legal_hold", "process_manager", subject_ref=stage.contacts[1].ref, reason="A suit.")
    one = stage.request()
    with pytest.raises(Refused, match=r"A suit\."):
        erasing.begin(one, world.actor("process_manager"), one.ref)
    assert untouched(stage)
    assert hold.ref in client(stage, "process_manager").get(stage.contacts[1].url).content.decode()


def test_a_name_that_means_more_stays_in_texts_of_others(stage: Stage) -> None:
    path, officer = f"/data-subject-requests/{(one := stage.request()).ref}/erasure/", client(stage, "process_manager")
    page, address = officer.get(path).content.decode(), "zara@quill.example"
    assert 'name="common" value="Zara Quillfeather"' in page and f'value="{address}"' not in page
    assert officer.post(path, {"number": one.ref, "common": ["Zara Quillfeather", address]}).status_code == 303
    words = [word for word, _other in Erasure.objects.get().words]
    assert address in words and "Zara Quillfeather" not in words


def test_an_interrupted_erasure_is_carried_on(stage: Stage) -> None:
    one = stage.request()
    made = erasing.begin(one, stage.world.actor("process_manager"), one.ref)
    for patience in (1, 4, 9, 14, 19):
        left = iter(range(patience))

        def killed(done: int, total: int, left: Any = left) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            erasing.run(made.pk, killed)
        assert not Erasure.objects.get().ended_at
    assert erasing.run(made.pk)
    seal_all()
    assert not traces(*NEEDLES) and not seal.verify().broken
    assert Erasure.objects.get().counts["case"] == 2  # each row is counted once
