"""Outside bodies: a referral takes the customer's consent, shows on the case, and is named when the case ends."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from comity.cases.forms import ReferralForm
from comity.records import write
from comity.records.access import readable
from comity.records.forms import RecordForm
from comity.records.kind import kind_named
from tests.cases.conftest import Desk
from tests.cases.test_access import fresh, internal


@pytest.fixture
def rejected(desk: Desk) -> Any:
    return desk.move(desk.at("resolved"), "reject", "customer_contact", note="Not enough.")


def refer(desk: Desk, one: Any, **changed: Any) -> Any:
    values = {
        "case": one.ref, "body": "Telecom ombudsman", "method": "mediation", "consent": desk.heard(one), **changed,
    }  # fmt: skip
    return desk.world.create("referral", "complaint_handler", **values)


def test_a_referral_runs_to_its_decision(desk: Desk, rejected: Any) -> None:
    referral = refer(desk, rejected, due_on="2099-01-01")
    assert (referral.ref[:4], referral.status) == ("RFL-", "open")
    rejected.refresh_from_db()
    assert rejected.outside_body == "Telecom ombudsman"
    assert any(referral.ref in line.words for line in desk.lines(rejected))
    referral = desk.move(referral, "offer", offer="Two months.")
    assert referral.status == "open"
    with pytest.raises(ValidationError):
        desk.move(referral, "decide")
    with pytest.raises(ValidationError):
        desk.move(referral, "decide", outcome="x", cost="-1")
    referral = desk.move(referral, "decide", outcome="One month is right.", cost="250.00")
    assert (referral.status, str(referral.cost), referral.due_on) == ("decided", "250.00", None)
    assert referral.closed_on is not None
    assert any("One month is right." in line.words for line in desk.lines(rejected))


@pytest.mark.parametrize(("step", "values", "status"), [
    ("settle", {"outcome": "Both agree.", "offer": "Two months."}, "settled"),
    ("withdraw", {"note": "The customer went on alone."}, "withdrawn"),
])  # fmt: skip
def test_other_ends(desk: Desk, rejected: Any, step: str, values: dict[str, str], status: str) -> None:
    assert desk.move(refer(desk, rejected), step, **values).status == status


def test_it_takes_the_customers_own_consent_and_a_complaint(desk: Desk, rejected: Any) -> None:
    other = desk.register(customer=desk.world.child.ref, contact=desk.world.child_contact.ref)
    ours = desk.told(rejected)[0].ref
    for changed in (
        {"consent": ""}, {"consent": ours}, {"consent": desk.heard(other, "process_manager")},
        {"case": desk.register(classification="enquiry").ref},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            refer(desk, rejected, **changed)
    refer(desk, rejected)
    with pytest.raises(ValidationError):
        refer(desk, rejected)


def test_the_end_without_agreement_names_it(desk: Desk, rejected: Any) -> None:
    referral = refer(desk, rejected)
    case = rejected.__class__.objects.get(pk=rejected.pk)
    while case.status != "resolved":
        case = desk.step(case)
    while case.escalation_level < 3:
        case = desk.move(case, "reject", "customer_contact", note="No.")
        while case.status != "resolved":
            case = desk.step(case)
    top = case.escalations.filter(level=3).last()
    desk.move(top, "answer", "operations_director", decision="We stand by it.")
    case = desk.move(
        case, "close_without_agreement", "operations_director", note="No agreement.", outside_body=case.outside_body
    )
    [recourse] = desk.told(case, "recourse")
    assert referral.ref in recourse.body


def test_who_sees_it(desk: Desk, rejected: Any) -> None:
    referral = refer(desk, rejected)
    kind = kind_named("referral")
    for name in ("complaint_handler", "relationship_manager", "operations_director", "auditor", "customer_contact"):
        assert list(readable(kind, fresh(desk, name))) == [referral], name
    for name in ("supplier_manager", "supplier_contact", "northerner"):
        assert not readable(kind, fresh(desk, name)).exists()
    with pytest.raises(write.NotAllowed):
        desk.world.create("referral", "relationship_manager", case=rejected.ref)
    inside = internal(desk)
    write.assign(referral, {"case": inside}, actor=desk.rule())
    assert not readable(kind, fresh(desk, "internal_assessor")).exists()


def test_the_case_shows_it(desk: Desk, rejected: Any) -> None:
    client = Client()
    client.force_login(desk.world.person("complaint_handler"), backend="comity.accounts.sign_in.CurrentPeople")
    assert f"/referrals/new/?case={rejected.ref}" in client.get(rejected.url).content.decode()
    assert client.get(f"/referrals/new/?case={rejected.ref}").status_code == 200
    referral = refer(desk, rejected)
    assert "Telecom ombudsman" in client.get(rejected.url).content.decode()
    for address in (referral.url, "/referrals/", f"/api/v1/referrals/{referral.ref}"):
        assert client.get(address).status_code == 200


def test_who_comes_second_between_check_and_lock_is_refused_in_words_and_takes_no_number(
    desk: Desk, rejected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = refer(desk, rejected)
    with monkeypatch.context() as patched:
        patched.setattr(ReferralForm, "clean", RecordForm.clean)  # saw nothing yet
        with pytest.raises(ValidationError, match="one_open_referral"):
            refer(desk, rejected)
    assert list(type(first).objects.all()) == [first]
    other = refer(desk, rejected, body="Consumer board")
    assert int(other.ref[4:]) == int(first.ref[4:]) + 1
