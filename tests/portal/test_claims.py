"""A claim in the portal: filed beside the promise, taken once, followed, withdrawn; nobody else's."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from comity.agreements.models import Target
from comity.claims.models import Claim
from comity.records import write
from comity.records.models import Entry, File
from tests.portal.conftest import Portal
from tests.portal.test_pages import PNG, text
from tests.worlds import days_ago


def file(portal: Portal, target: Any, wait: float = 10, **changed: Any) -> Any:
    client = portal.visit()
    path = f"/portal/agreements/{target.ref}/claim/"
    page = text(client, path)
    stamp, customer = (re.search(f'name="{name}" value="([^"]+)"', page)[1] for name in ("stamp", "customer"))  # type: ignore[index]
    portal.desk.later(hours=wait / 3600)
    said = {"stamp": stamp, "customer": customer, "happened_on": days_ago(2), "description": "Silence.", **changed}
    return client.post(path, said), lambda: client.post(path, said)


def test_a_claim_is_filed_once_and_followed(portal: Portal) -> None:
    world = portal.desk.world
    target = Target.objects.get(agreement_version=world.second, metric="acknowledge")
    client = portal.visit()
    assert f"/portal/agreements/{target.ref}/claim/" in text(client, "/portal/agreements/")
    photo = SimpleUploadedFile("late.png", PNG, "image/png")
    answer, again = file(portal, target, wanted_remedy="A month free.", files=photo)
    claim = Claim.objects.get()
    assert answer.status_code == 303 and answer["Location"] == f"/portal/claims/{claim.ref}/"
    photo.seek(0)
    assert again()["Location"] == answer["Location"] and Claim.objects.count() == 1
    assert (claim.contact, claim.customer, claim.unit) == (world.contact, world.customer, world.customer.unit)
    page = text(client, answer["Location"])
    kept = File.objects.get(kind="claim")
    assert f"{claim.due_on}" in page and "late.png" in page and "A month free." in page
    download = client.get(f"/portal/claims/{claim.ref}/files/{kept.pk}/")
    assert download.status_code == 200 and b"".join(download.streaming_content) == PNG  # type: ignore[attr-defined]

    # what is weighed shows once it is decided
    claim = world.move(claim, "assess", "complaint_handler", kept=False, conditions="NO EXCLUSION applies.")
    assert "NO EXCLUSION" not in text(client, answer["Location"])
    decision: dict[str, Any] = {"remedy": "refund", "amount": "20", "currency": "EUR", "reason": "We were silent."}
    world.move(claim, "grant", "complaint_handler", **decision)
    page = text(client, answer["Location"])
    assert "Money back (EUR 20.00)" in page and "We were silent." in page and "Promise not kept" in page
    assert claim.ref in text(client, "/portal/agreements/") and 'id="note-withdraw"' not in page
    assert client.post(answer["Location"], {"note": "No longer."}).status_code == 422
    assert Claim.objects.get().status == "granted"


def test_what_lacks_is_said_and_nothing_is_kept(portal: Portal) -> None:
    world = portal.desk.world
    target = Target.objects.get(agreement_version__agreement=world.charter, metric="resolve")
    for changed in ({"description": " "}, {"happened_on": "2099-01-01"}, {"customer": world.child.ref}, {"wait": 0}):
        answer, _again = file(portal, target, **changed)
        assert answer.status_code == 422 and "This was not sent yet" in answer.content.decode()
    over = Target.objects.filter(agreement_version=world.first).first()
    assert over and portal.visit().get(f"/portal/agreements/{over.ref}/claim/").status_code == 404
    assert not Claim.objects.exists()


def test_others_do_not_see_it_and_a_withdrawal_says_why(portal: Portal) -> None:
    world = portal.desk.world
    answer, _again = file(portal, Target.objects.get(agreement_version=world.second, metric="acknowledge"))
    other = portal.visit(portal.person("lin", world.child))
    assert other.get(answer["Location"]).status_code == 404
    assert other.post(answer["Location"], {"note": "Mine."}).status_code == 404
    client, claim = portal.visit(), Claim.objects.get()
    assert claim.status == "received"
    assert client.post(answer["Location"], {"note": " "}).status_code == 422
    assert Claim.objects.get().status == "received"
    assert client.post(answer["Location"], {"note": "It is settled."}).status_code == 303
    assert Claim.objects.get().status == "withdrawn"


def test_both_sides_add_to_it_and_nobody_else(portal: Portal) -> None:
    world, client = portal.desk.world, portal.visit()
    answer, _again = file(portal, Target.objects.get(agreement_version=world.second, metric="acknowledge"))
    claim, path = Claim.objects.get(), f"{answer['Location']}message/"
    photo = SimpleUploadedFile("proof.png", PNG, "image/png")
    assert client.post(path, {"note": "Here is the proof.", "files": photo}).status_code == 303
    assert client.post(path, {"note": "Here is the proof."}).status_code == 303  # pressed twice
    write.post(claim, "Thank you, we look at it.", actor=world.actor("complaint_handler"), public=True)
    write.post(claim, "Between us: pay.", actor=world.actor("complaint_handler"))
    page = text(client, answer["Location"])
    assert page.count("Here is the proof.") == 1 and "proof.png" in page and "Thank you, we look at it." in page
    assert "Between us" not in page
    posts = Entry.objects.filter(kind="claim", record_id=claim.pk, act=Entry.POST)
    other = portal.visit(portal.person("lin", world.child))
    refused = [client.post(path, {"note": " "}), other.post(path, {"note": "Mine."})]
    assert [one.status_code for one in refused] == [422, 404] and posts.count() == 3
    assert client.post(answer["Location"], {"note": "It is settled."}).status_code == 303
    assert "You withdrew it." in text(client, answer["Location"])


def test_a_promise_in_a_clause_is_claimed_against_the_same_way(portal: Portal) -> None:
    world, by = portal.desk.world, "relationship_manager"
    version = world.create("agreement_version", by, agreement=world.charter.ref)
    values = {"agreement_version": version.ref, "topic": "scope", "text": "We call back the same day."}
    clause = world.create("clause", by, **values)
    nothing = world.create("clause", by, **{**values, "topic": "exceptions", "text": "", "none_agreed": True})
    version = world.move(version, "negotiate", by)
    world.move(version, "agree", "operations_director", effective_on=days_ago(0))
    page = text(portal.visit(), "/portal/agreements/")
    assert f"/portal/agreements/{clause.ref}/claim/" in page and f"/portal/agreements/{nothing.ref}/claim/" not in page
    assert portal.visit().get(f"/portal/agreements/{nothing.ref}/claim/").status_code == 404
    answer, _again = file(portal, clause)
    assert answer.status_code == 303 and Claim.objects.get().promise == clause
    assert "Scope" in text(portal.visit(), answer["Location"])
