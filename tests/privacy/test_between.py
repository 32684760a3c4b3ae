"""What comes between the confirmation of an erasure and its work; and what is of others who seem to be the same."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Person
from comity.cases.models import Case
from comity.communications.mail import Mail
from comity.intake.public import tracking
from comity.privacy import erasing, places
from comity.privacy.edges import bounded
from comity.privacy.models import Erasure
from comity.privacy.words import Sieve, identifiers
from comity.satisfaction import answering, letters
from comity.satisfaction.models import Invitation, Survey
from tests.privacy.conftest import ADDRESS, MARKER, Stage
from tests.worlds import LONG_AGO

pytestmark = pytest.mark.django_db
SECRET = "x" * tracking.LENGTH


def test_a_late_hold_counts_and_links_end(stage: Stage) -> None:
    world, path = stage.world, f"{tracking.PATH}{SECRET}/"
    tracking.Tracking.objects.create(case=stage.case, hash=tracking.digest(SECRET), proven=True)
    day = timezone.localdate()
    survey: Survey = world.create("survey", "process_manager", title="How", planned_on=day, closes_on=day)
    asked = Invitation.objects.create(survey=survey, contact=stage.contacts[0], at=timezone.now(), state="sent")
    secret = letters.secret_of(asked)
    Invitation.objects.filter(pk=asked.pk).update(digest=letters.digest(secret))
    assert Client().get(path).status_code == 200 and answering.found(secret)

    one = stage.request()
    made = erasing.begin(one, world.actor("process_manager"), one.ref)
    world.create("legal_hold", "process_manager", subject_ref=stage.mailed.ref, reason="The court asks.")
    late = stage.desk.register(contact=stage.contacts[0].ref, description=f"One more {MARKER}.")
    assert erasing.run(made.pk)
    made.refresh_from_db()
    assert made.held[stage.mailed.ref] == "The court asks." and made.counts["tracking"] == 1
    said = dict(Case.objects.values_list("pk", "description"))
    assert MARKER in said[stage.mailed.pk] and said[stage.case.pk] == said[late.pk] == "[erased]"
    cache.clear()
    assert Client().get(path).status_code == 404 and answering.found(secret) is None


def test_what_belongs_to_others_stays(stage: Stage) -> None:
    world, rm = stage.world, "relationship_manager"
    shared = "info@quill.example"
    other = Person.objects.create_user(shared, name="Otto Other", starts_on=LONG_AGO)
    values = {"customer": world.customer.ref, "email": shared}
    theirs = world.create("contact", rm, name="Otto Other", person=other.email, **values)
    case = stage.desk.register(contact=theirs.ref, description="Otto wrote this.")
    one = world.create("contact", rm, name="Case", phone="2026", **values)
    assert erasing.people_of([one]) == [] and erasing.people_of([theirs]) == [other]
    assert case.pk not in places.scope([one]).get("case", []) and case.pk in places.scope([theirs])["case"]
    assert identifiers([one], [], Erasure(number=1)) == []  # a word of tables, an extension, a shared address

    longer = f"mary.{ADDRESS}"
    mine, hers = (Mail.objects.filter(direction="in").latest("pk") for _time in range(2))
    hers.pk, hers.sender, hers.recipients, hers.ref, hers.communication = None, longer, [longer], "", None
    hers.message_id = "another"
    hers.save()
    found = places.mails({}, [ADDRESS], [])
    assert mine in found and hers not in found
    text = f"{longer}, {ADDRESS}.cn, <{ADDRESS}>, {ADDRESS.upper()}."
    assert Sieve([[ADDRESS, "-"]])(text) == f"{longer}, {ADDRESS}.cn, <->, -." and bounded(ADDRESS)
