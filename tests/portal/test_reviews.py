"""Minutes in the portal: read by those who took part, confirmed as they were read, or objected to in words."""

from comity.improvement.models import Action
from comity.parties.models import Acceptance
from tests.portal.conftest import Portal
from tests.portal.test_pages import text
from tests.reviews.test_meetings import PM, met, planned, talked, whole_agenda


def test_minutes_are_read_objected_to_and_confirmed(portal: Portal) -> None:
    world, client = portal.desk.world, portal.visit()
    review = met(world, planned(world, agenda="Six topics."))
    whole_agenda(world, review)
    talked(world, review, "improvements", conclusion="Backups run daily.", nature="decision")
    world.create(
        "action", PM, title="Run backups daily", source_ref=review.ref, owner=world.email(PM), due_on="2099-01-01"
    )
    review = world.move(review, "minute", PM, minutes="1. All well.", customer_state="SECRET judgement.")
    path = f"/portal/reviews/{review.ref}/"
    assert client.get(path).status_code == 404
    review = world.move(review, "report", PM)
    page = text(client, path)
    for said in ("1. All well.", "Six topics.", "Backups run daily.", "Run backups daily", "Ada Aster", "Version 1"):
        assert said in page, said
    assert "SECRET" not in page and Action.objects.filter(source_ref=review.ref).exists()
    assert review.ref in text(client, "/portal/reviews/") and 'tile urgent" href="/portal/reviews/"' in text(
        client, "/portal/"
    )

    # an objection has words; who reads an old version confirms nothing
    assert client.post(f"{path}object/", {"minutes": "1", "note": " "}).status_code == 422
    assert client.post(f"{path}object/", {"minutes": "1", "note": "Not all."}).status_code == 303
    assert "Not all." in text(client, path)
    world.move(review, "correct", PM, minutes="1. Nearly all well.", note="The customer is right.")
    assert client.post(f"{path}confirm/", {"minutes": "1"}).status_code == 422
    assert not Acceptance.objects.filter(version_ref=review.ref).exists()
    assert client.post(f"{path}confirm/", {"minutes": "2"}).status_code == 303
    assert Acceptance.objects.get(version_ref=review.ref).version_no == 2
    page = text(client, path)
    assert "You confirmed them on" in page and f"{path}confirm/" not in page


def test_who_did_not_take_part_finds_nothing(portal: Portal) -> None:
    world = portal.desk.world
    review = met(world, planned(world))
    whole_agenda(world, review)
    review = world.move(world.move(review, "minute", PM, minutes="1."), "report", PM)
    other = portal.visit(portal.person("cole", world.customer))
    for path in ("", "confirm/", "object/"):
        assert other.post(f"/portal/reviews/{review.ref}/{path}", {"minutes": "1", "note": "x"}).status_code == 404
    assert not Acceptance.objects.filter(version_ref=review.ref).exists()
    assert portal.visit().post(f"/portal/reviews/{review.ref}/waive/", {"minutes": "1"}).status_code == 404
