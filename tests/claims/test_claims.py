"""Claims against a promise: received, held against it, decided, approved above the limit, told, given, counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Grant, Person
from comity.agreements.models import Agreement, Target
from comity.claims.models import DECISION, Claim
from comity.clocks import parameters
from comity.communications.models import Communication
from comity.records import write
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.records.write import NotAllowed, Refused
from tests.worlds import LONG_AGO, World

HANDLER, DIRECTOR = "complaint_handler", "operations_director"
Claimed = Callable[..., Any]


def told(claim: Claim) -> list[tuple[str, str]]:
    return list(Communication.objects.filter(subject_ref=claim.ref).order_by("pk").values_list("purpose", "body"))


def assessed(world: World, claim: Any, kept: bool = False) -> Any:
    return world.move(claim, "assess", HANDLER, kept=kept, conditions="Hosting was up; no exclusion applies.")


def granted(world: World, claim: Any, amount: int = 100) -> Any:
    values: dict[str, Any] = {
        "remedy": "credit",
        "amount": amount,
        "currency": "EUR",
        "reason": "We were silent for a day.",
    }
    return world.move(assessed(world, claim), "grant", HANDLER, **values)


def test_a_claim_from_receipt_to_what_was_given(world: World, claimed: Claimed, client: Client) -> None:
    claim = claimed()
    assert claim.ref.startswith("CLM-") and claim.next_due == claim.due_on > timezone.localdate()
    claim = granted(world, claim)
    assert (claim.status, claim.decided_by, claim.next_due) == ("granted", world.person(HANDLER), None)
    claim = world.move(claim, "give", HANDLER, given_on=timezone.localdate(), given_reference="CN-77")
    receipt, decision, gift = told(claim)
    assert claim.status == "settled" and receipt[0] == "acknowledgement" and f"{claim.due_on}" in receipt[1]
    assert decision[0] == "decision" and "Credit on the next invoice (EUR 100.00)" in decision[1]
    assert "We were silent" in decision[1] and "CN-77" in gift[1]

    # what it says of the promise, and what that cost, stands beside the promise and its agreement
    granted(world, claimed(), 50)
    assessed(world, claimed(), kept=True)
    client.force_login(world.person("relationship_manager"))
    for record in (claim.target, claim.target.agreement_version):
        page = client.get(record.url).content.decode()
        assert "EUR 150.00" in page and claim.ref in page
        counts = page.partition("Promise not kept")[2]
        assert "<dd>2</dd>" in counts[:40] and "<dd>1</dd>" in counts.partition("Promise kept")[2][:40]
    assert "Nobody answered for a day." in client.get(claim.url).content.decode()


def test_much_is_approved_by_somebody_else(world: World, claimed: Claimed) -> None:
    claim = granted(world, claimed(), 501)
    assert claim.status == "approval" and len(told(claim)) == 1
    for who in (HANDLER, "relationship_manager"):
        with pytest.raises(NotAllowed):
            world.move(claim, "approve", who)
    assert Claim.objects.get(pk=claim.pk).approved_by is None and len(told(claim)) == 1
    back = world.move(claim, "send_back", DIRECTOR, note="Half of it will do.")
    assert (back.status, back.decided_by) == ("assessed", None)
    claim = world.move(back, "grant", HANDLER, amount=510, currency="EUR", remedy="refund", reason="As agreed.")
    Grant.objects.create(person=world.person(HANDLER), unit=world.root, role="process_manager", starts_on=LONG_AGO)
    decider = write.Actor(Person.objects.get(pk=world.person(HANDLER).pk))
    with pytest.raises(Refused, match="does not approve"):
        write.transition(claim, "approve", actor=decider)
    assert Claim.objects.get(pk=claim.pk).approved_by is None
    claim = world.move(claim, "approve", DIRECTOR)
    assert (claim.status, claim.approved_by) == ("granted", world.person(DIRECTOR)) and len(told(claim)) == 2
    parameters.change("claim_approval_limit", 1000)
    assert granted(world, claimed(), 501).status == "granted"
    foreign = assessed(world, claimed())
    foreign = world.move(foreign, "grant", HANDLER, amount=5, currency="JPY", remedy="refund", reason="As agreed.")
    assert foreign.status == "approval", "no limit is known in another currency"


def test_what_costs_something_says_how_much(world: World, claimed: Claimed) -> None:
    claim = assessed(world, claimed())
    with pytest.raises(Refused, match="how much"):
        world.move(claim, "grant", HANDLER, remedy="refund", reason="We were silent.")
    assert Claim.objects.get(pk=claim.pk).status == "assessed"
    assert world.move(claim, "grant", HANDLER, remedy="apology", reason="We were silent.").status == "granted"


def test_a_refusal_gives_nothing_and_names_the_way_on(world: World, claimed: Claimed) -> None:
    claim = assessed(world, claimed(), kept=True)
    with pytest.raises(ValidationError):
        world.move(claim, "refuse", HANDLER)
    assert Claim.objects.get(pk=claim.pk).status == "assessed" and len(told(claim)) == 1
    claim = world.move(claim, "refuse", HANDLER, reason="It was maintenance, announced before.")
    assert (claim.status, claim.amount, claim.remedy) == ("refused", None, "")
    assert "as a complaint" in told(claim)[-1][1] and "announced before" in told(claim)[-1][1]
    with pytest.raises(Refused):
        world.move(claim, "give", HANDLER, given_on=timezone.localdate(), given_reference="x")
    assert Claim.objects.get(pk=claim.pk).given_on is None


def test_only_what_was_promised_to_them(world: World, claimed: Claimed) -> None:
    inside = world.create("agreement", "relationship_manager", title="Inside", type=Agreement.Type.OLA)
    version = world.create("agreement_version", "relationship_manager", agreement=inside.ref)
    own = world.create("target", "relationship_manager", agreement_version=version.ref, metric="answer", value=1,
                       unit_of_value="bd")  # fmt: skip
    charter = Target.objects.get(agreement_version__agreement=world.charter, metric="resolve")
    for changed in ({"target": own.ref}, {"contact": world.child_contact.ref}, {"happened_on": "2099-01-01"}):
        with pytest.raises(ValidationError) as refused:
            claimed(**changed)
        assert list(refused.value.message_dict) == list(changed)
    long_ago, colleague = (
        timezone.now() - timedelta(days=27 * 365),
        world.create("contact", "relationship_manager", name="Cole", customer=world.customer.ref),
    )
    with pytest.raises(ValidationError, match="years ago"):
        claimed(received_at=long_ago)
    with pytest.raises(ValidationError, match="your own name"):
        claimed("customer_contact", contact=colleague.ref)
    assert not Claim.objects.exists()
    assert claimed("customer_contact", owner=world.email(DIRECTOR), received_at=long_ago).owner is None
    assert claimed("customer_contact", target=charter.ref).target == charter


def test_whoever_claims_sees_what_is_weighed_once_it_is_decided(world: World, claimed: Claimed) -> None:
    claim = granted(world, claimed(), 501)
    rows = readable(kind_named("claim"), world.person("customer_contact"))
    seen = rows.get(ref=claim.ref)
    assert (seen.reason, seen.amount, seen.kept, seen.hidden) == ("", None, None, DECISION)
    assert not readable(kind_named("claim"), world.person("supplier_contact")).exists()
    claim = world.move(claim, "approve", DIRECTOR)
    assert rows.all().get(ref=claim.ref).reason == "We were silent for a day."
    other = claimed()
    withdrawn = world.move(other, "withdraw", "customer_contact", note="It is settled.")
    assert withdrawn.status == "withdrawn"


def test_a_clause_without_a_target_can_be_claimed_against(world: World, claimed: Claimed, client: Client) -> None:
    draft = world.create("agreement_version", "relationship_manager", agreement=world.agreement.ref)
    values = {"agreement_version": draft.ref, "topic": "scope", "text": "We call back the same day."}
    clause = world.create("clause", "relationship_manager", **values)
    nothing = world.create(
        "clause", "relationship_manager", **{**values, "topic": "exceptions", "text": "", "none_agreed": True}
    )
    for wrong in ({"target": ""}, {"clause": clause.ref}, {"target": "", "clause": nothing.ref}):
        with pytest.raises(ValidationError, match="promise"):
            claimed(**wrong)
    assert not Claim.objects.exists()
    claim = claimed(target="", clause=clause.ref)
    assert (claim.promise, claim.due_on is not None) == (clause, True)
    granted(world, claim, 20)
    assert "Scope" in told(claim)[0][1]
    client.force_login(world.person(HANDLER))
    assert "We call back the same day." in client.get(claim.url).content.decode()
    for record in (clause, draft):
        page = client.get(record.url).content.decode()
        assert claim.ref in page and "EUR 20.00" in page
