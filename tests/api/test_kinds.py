"""Every kind, by every kind of reader: what is hidden, what is refused, what is answered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.accounts.matrix import MATRIX, parse
from comity.accounts.roles import Role
from comity.records.kind import Kind, kind_named, kinds
from comity.records.models import Entry
from tests.api.conftest import Machine
from tests.api.samples import RAISED, body, created

every_kind = pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
DECIDED = {"waiver", "exclusion", "survey_sample", "survey_response"}  # withdrawn and taken anew at most, never edited
UNCHANGED = {"escalation", "communication", "acceptance", "measurement", "consent"}  # never written anew
INSIDE = [role for role in Role if role not in (Role.CUSTOMER_CONTACT, Role.SUPPLIER_CONTACT)]


def reader_of(kind: Kind) -> Role | None:
    """A role that reads all records of the kind and neither makes nor changes any."""
    for role in INSIDE:
        handle, create = (parse(MATRIX[row][role]) for row in (kind.rules.handle, kind.rules.create))
        by = {named for move in kind.workflow.moves for named in move.by} if kind.workflow else set()
        if handle.read == "all" and not handle.edit and not create.create and role not in by:
            return role
    return None


def is_text(kind: Kind, name: str) -> bool:
    field = kind.field(name)
    return field.get_internal_type() in ("CharField", "TextField") and not field.choices


@every_kind
def test_a_record_comes_back_as_it_was_given(kind: Kind, everyone: Machine) -> None:
    given = created(everyone, kind)
    for path in (f"{kind.path}/{given['ref']}", f"{kind.path}/{given['ref']}/"):
        answer = everyone("GET", path)
        assert (answer.status_code, answer.json()) == (200, given)
    page = everyone("GET", kind.path).json()
    assert given in page["items"] and not page["more"] and page["next"] is None
    assert {"ref", "version", "status", "unit", "owner", "entered_at", "changed_at", "archived", "url"} <= given.keys()
    assert set(kind.fields) <= given.keys()
    assert Entry.objects.filter(kind=kind.name, ref=given["ref"], act="create", via="api").count() == 1


@every_kind
def test_a_stranger_finds_nothing(kind: Kind, everyone: Machine, machine: Callable[..., Machine]) -> None:
    ref = created(everyone, kind)["ref"]
    for other in (machine(), machine(Role.CUSTOMER_CONTACT)):
        here = f"{kind.path}/{ref}"
        for path in (here, f"{here}/transitions", f"{here}/timeline", f"{here}/files", f"{here}/links"):
            assert other("GET", path).status_code == 404
        assert other("PATCH", here, {"version": 1}).status_code == 404
        assert other("POST", f"{here}/posts", {"body": "hello"}).status_code == 404
        assert other("POST", f"{here}/transitions/x", {"version": 1}).status_code == 404
        assert not other("GET", kind.path).json().get("items")
    assert machine(Role.SUPPLIER_CONTACT)("GET", kind.path).status_code == 404


@every_kind
def test_a_reader_changes_nothing(kind: Kind, everyone: Machine, machine: Callable[..., Machine]) -> None:
    role = reader_of(kind)
    if role is None:
        pytest.skip("every role that reads it also writes it")
    reader, given = machine(role), created(everyone, kind)
    here = f"{kind.path}/{given['ref']}"
    assert reader("GET", here).json() == given
    before = Entry.objects.count()
    wanted = body(everyone, kind)
    before = Entry.objects.count()
    assert reader("POST", kind.path, wanted).status_code == 403
    assert reader("POST", f"{kind.path}/bulk", [wanted]).status_code == 403
    assert reader("PATCH", here, {"version": given["version"]}).status_code == 403
    for step in everyone("GET", f"{here}/transitions").json()["items"]:
        answer = reader("POST", f"{here}/transitions/{step['name']}", {"version": given["version"]})
        assert answer.status_code == 403, step["name"]
    assert Entry.objects.count() == before
    assert everyone("GET", here).json() == given


@every_kind
def test_without_a_valid_token_nobody_comes_in(kind: Kind, machine: Callable[..., Machine], db: None) -> None:
    late = machine(Role.SENIOR_MANAGER, days=-1)
    for door in (Machine(), Machine("cmt_wrong"), late, Machine(authorization="Basic eDp5")):
        for method, path in (("GET", kind.path), ("GET", f"{kind.path}/X-1"), ("POST", kind.path), ("GET", "me")):
            answer = door(method, path)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@every_kind
def test_the_number_of_queries_does_not_grow_with_the_rows(kind: Kind, everyone: Machine) -> None:
    counts = []
    for _ in range(3):
        created(everyone, kind)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            everyone("GET", kind.path)
        counts.append(len(queries))
    assert counts[1] == counts[2] and counts[2] <= 25, counts


@every_kind
def test_paging_gives_each_row_once(kind: Kind, everyone: Machine) -> None:
    refs = {created(everyone, kind)["ref"] for _ in range(7)}
    total = everyone("GET", f"{kind.path}?limit=200").json()["items"]
    for sort in ("", "&sort=ref", "&sort=-ref", "&sort=entered_at"):
        seen, after = [], ""
        while True:
            page = everyone("GET", f"{kind.path}?limit=3{sort}&after={after}").json()
            seen += [item["ref"] for item in page["items"]]
            if not (after := page["next"] or ""):
                break
        assert sorted(seen) == sorted(item["ref"] for item in total) and refs <= set(seen), sort


@every_kind
def test_a_filter_gives_the_rows_that_have_the_value(kind: Kind, everyone: Machine) -> None:
    given = created(everyone, kind)
    for name in (name for name in kind.filters if isinstance(name, str)):
        field = kind.field(name)
        if field.choices and given.get(name):
            page = everyone("GET", f"{kind.path}?{name}={given[name]}").json()
            assert given in page["items"] and {item[name] for item in page["items"]} == {given[name]}
            for other in {value for value, _ in field.flatchoices} - {given[name]}:
                assert given not in everyone("GET", f"{kind.path}?{name}={other}").json()["items"]
    assert everyone("GET", f"{kind.path}?nonsense=1").status_code == 400


@every_kind
def test_a_stale_version_is_refused_with_the_present_one(kind: Kind, everyone: Machine) -> None:
    given = created(everyone, kind)
    here, texts = f"{kind.path}/{given['ref']}", [name for name in kind.fields if is_text(kind, name)]
    if kind.name in DECIDED:
        assert everyone("PATCH", here, {"version": given["version"], "reason": "Other."}).status_code == 403
        assert everyone("GET", here).json() == given
        return
    for name in reversed(texts):
        assert everyone("PATCH", here, {name: "x"}).status_code == 422
        first = everyone("PATCH", here, {"version": given["version"], name: "changed"})
        if first.status_code == 200:
            break
        assert (first.status_code, everyone("GET", here).json()) == (422, given), name
    else:
        assert not texts or kind.name in UNCHANGED, "no text of it can be changed"
        return
    assert first.json()[name] == "changed" and first.json()["version"] > given["version"]
    second = everyone("PATCH", here, {"version": given["version"], name: "too late"})
    assert (second.status_code, second.json()["version"]) == (409, first.json()["version"])
    assert everyone("GET", here).json() == first.json()


@every_kind
def test_steps_are_listed_and_an_impossible_one_says_why(kind: Kind, everyone: Machine) -> None:
    given = created(everyone, kind)
    here = f"{kind.path}/{given['ref']}/transitions"
    listed = everyone("GET", here).json()
    assert listed["version"] == given["version"]
    assert everyone("POST", f"{here}/no_such_step", {"version": given["version"]}).status_code == 404
    if kind.workflow is None:
        return
    possible = {move.name for move in kind.workflow.moves if given["status"] in move.sources}
    assert {step["name"] for step in listed["items"]} <= possible
    for move in kind.workflow.moves:
        if move.name not in possible:
            answer = everyone("POST", f"{here}/{move.name}", {"version": given["version"]})
            assert answer.status_code in (403, 409)
            if answer.status_code == 409:
                assert answer.json()["missing"]
    for step in listed["items"]:
        answer = everyone("POST", f"{here}/{step['name']}", {"version": given["version"] + 1})
        assert answer.status_code in (403, 409)


@every_kind
def test_bulk_reports_each_row(kind: Kind, everyone: Machine) -> None:
    created(everyone, kind)
    if kind.name in RAISED:
        return nobody_registers(kind, everyone)
    first, other, last = (body(everyone, kind) for _ in range(3))
    rows = [first, {"no_such_field": 1}, {**other, "unit": "nowhere"}, last]
    answer = everyone("POST", f"{kind.path}/bulk", rows)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["created"], found["refused"]) == (2, 2), found
    assert [bool(result.get("ref")) for result in found["results"]] == [True, False, False, True]
    assert all(error["pointer"] for error in found["results"][1]["errors"])
    assert everyone("POST", f"{kind.path}/bulk", [{}] * 1001).status_code == 422
    return None


def nobody_registers(kind: Kind, everyone: Machine) -> None:
    """What a step raises is refused at every door that registers, whatever is sent."""
    before, wanted = kind.model._default_manager.count(), body(everyone, kind)
    assert everyone("POST", kind.path, wanted).status_code == 403
    answer = everyone("POST", f"{kind.path}/bulk", [wanted, {}])
    assert answer.status_code == 403, answer.content
    assert kind.model._default_manager.count() == before


def test_an_escalation_is_answered_by_whom_it_was_put_to(everyone: Machine, machine: Callable[..., Machine]) -> None:
    given, me = created(everyone, kind_named("escalation")), everyone("GET", "me").json()["email"]
    other = machine(Role.PROCESS_MANAGER)
    here, another = f"escalations/{given['ref']}", other("GET", "me").json()["email"]
    assert given["person"] == me

    def step(who: Machine, name: str, version: int, **data: str) -> Any:
        taken = {"version": version, "note": "On leave.", "data": data}
        return who("POST", f"{here}/transitions/{name}", taken)

    for role in (Role.SERVICE_DESK, Role.AUDITOR, Role.SUPPLIER_MANAGER, Role.RELATIONSHIP_MANAGER):
        refused = machine(role)
        for name, data in (("redirect", {"person": another}), ("answer", {"decision": "A credit is given."})):
            assert step(refused, name, given["version"], **data).status_code in (403, 404), role
    assert everyone("GET", here).json() == given
    named = step(everyone, "redirect", given["version"], person=another).json()
    assert (named["person"], named["status"]) == (another, "open")
    early = step(everyone, "answer", named["version"], decision="A credit is given.")
    assert early.status_code == 409 and early.json()["missing"]
    assert everyone("GET", here).json() == named
    answer = step(other, "answer", named["version"], decision="A credit is given.")
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "answered" and everyone("GET", here).json() == answer.json()


def test_a_referral_is_offered_on_and_decided(everyone: Machine, machine: Callable[..., Machine]) -> None:
    given = created(everyone, kind_named("referral"))
    here = f"referrals/{given['ref']}"

    def step(who: Machine, name: str, version: int, **data: str) -> Any:
        return who("POST", f"{here}/transitions/{name}", {"version": version, "data": data})

    for role in (Role.SERVICE_DESK, Role.RELATIONSHIP_MANAGER, Role.AUDITOR, Role.SENIOR_MANAGER):
        assert step(machine(role), "decide", given["version"], outcome="x").status_code in (403, 404), role
    assert step(everyone, "decide", given["version"]).json()["errors"][0]["pointer"] == "/data/outcome"
    assert everyone("GET", here).json() == given
    offered = step(everyone, "offer", given["version"], offer="Two months.").json()
    assert (offered["offer"], offered["status"]) == ("Two months.", "open")
    assert step(everyone, "decide", given["version"], outcome="Late.").status_code == 409
    decided = step(everyone, "decide", offered["version"], outcome="One month.", cost="250.00").json()
    assert decided["status"] == "decided" and everyone("GET", here).json() == decided
    case = everyone("GET", f"cases/{given['case']}/timeline?only=automatic").json()
    assert any(given["ref"] in line["note"] for line in case["items"])
