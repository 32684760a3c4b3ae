"""A contact asks for what is held about them: a request with a date, a copy for them alone, which lapses."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.communications.models import Communication
from comity.jobs.models import Job
from comity.portal.jobs import forget, prepare
from comity.portal.models import OwnData
from comity.portal.owndata import held
from comity.privacy.models import DataSubjectRequest
from comity.records import write
from comity.records.kind import kind_of
from tests.portal.conftest import Portal
from tests.portal.test_pages import text


def test_own_data_are_asked_for_fetched_and_lapse(portal: Portal) -> None:
    world, client = portal.desk.world, portal.visit()
    mine = portal.at("resolved", description="MY bill is wrong.")
    other = portal.person("cole", world.customer)
    portal.desk.register(contact=other.contacts.get().ref, description="HIS matter.")
    assert client.get("/portal/me/data/").status_code == 405
    for _twice in range(2):
        assert client.post("/portal/me/data/").status_code == 303
    asked = OwnData.objects.get()
    one = DataSubjectRequest.objects.get(ref=asked.request_ref)
    assert (one.type, one.status, one.contact) == ("access", "identified", world.contact)
    assert (
        one.next_due == one.due_on < one.legal_on
        and Job.objects.filter(name__endswith="portal.jobs.prepare").count() == 1
    )
    path = f"/portal/me/data/{asked.pk}/"
    assert client.get(path).status_code == 404 and "It is being prepared" in text(client, "/portal/me/")

    assert prepare.func(asked.pk) and not prepare.func(asked.pk)
    told = Communication.objects.get(subject_ref=one.ref, purpose="decision")
    assert told.delivery == "mail" and told.contact == world.contact
    one.refresh_from_db()
    assert one.status == "done" and one.closed_at
    assert path in text(client, "/portal/me/")
    answer = client.get(path)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    found, page = json.loads(archive.read("data.json")), archive.read("data.html").decode()
    assert "no-store" in answer["Cache-Control"] and found["person"]["email"] == world.email("customer_contact")
    assert {mine.ref} == {one["ref"] for one in found["case"]} and found["contact"][0]["name"] == "Ada Aster"
    assert any(one["subject_ref"] == mine.ref for one in found["communication"])
    assert "MY bill is wrong." in page and "HIS matter." not in page + json.dumps(found)

    # nobody else, and not for ever
    assert portal.visit(other).get(path).status_code == 404
    OwnData.objects.update(lapses_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path).status_code == 404 and "Ask for a copy" in text(client, "/portal/me/")
    assert forget.func() == 1 and not OwnData.objects.exists()


def test_a_contact_says_that_it_is_not_to_be_asked(portal: Portal) -> None:
    """Under “My data”, for every organisation it speaks for; what was chosen is among its own data."""
    world, client = portal.desk.world, portal.visit()
    assert text(client, "/portal/me/").count("You may be asked or written to.") == 2
    assert client.post("/portal/me/", {"purpose": "surveys", "wanted": "0"}).status_code == 303
    page = text(client, "/portal/me/")
    assert page.count("You may be asked or written to.") == page.count("You are left alone.") == 1
    (chosen,) = world.contact.consents.all()
    assert (chosen.type, chosen.purpose, chosen.entered_by) == ("opt_out", "surveys", world.contact.person)
    client.post("/portal/me/", {"purpose": "everything", "wanted": "0"})
    assert world.contact.consents.count() == 1
    assert [row["ref"] for row in held(world.contact.person, [world.contact])["consent"]] == [chosen.ref]


def test_a_contact_asks_to_be_erased_in_their_own_name_only(portal: Portal) -> None:
    world, client = portal.desk.world, portal.visit()
    assert client.get("/portal/me/erasure/").status_code == 405
    for _twice in range(2):
        assert client.post("/portal/me/erasure/", {"why": "I moved."}).status_code == 303
    one = DataSubjectRequest.objects.get()
    assert (one.type, one.status, one.contact, one.description) == ("deletion", "identified", world.contact, "I moved.")
    assert "signed in" in one.identified_by and f"You asked for it under {one.ref}" in text(client, "/portal/me/")
    other = portal.person("cole", world.customer)
    assert "Ask to have it erased" in text(portal.visit(other), "/portal/me/")
    for contact in (world.contact, world.child_contact):
        with pytest.raises(ValidationError, match="own name"):
            write.create(kind_of(one), {"contact": contact.ref, "type": "access"}, actor=write.Actor(other))
    assert DataSubjectRequest.objects.count() == 1
