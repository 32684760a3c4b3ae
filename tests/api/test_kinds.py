"""Every kind, by every kind of reader: what is hidden, what is refused, what is answered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.accounts.matrix import MATRIX, parse
from comity.accounts.roles import Role
from comity.records.kind import Kind, kinds
from comity.records.models import Entry
from tests.api.conftest import Machine
from tests.api.samples import NoSample, body, created

every_kind = pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
INSIDE = [role for role in Role if role not in (Role.CUSTOMER_CONTACT, Role.SUPPLIER_CONTACT)]


def made(machine: Machine, kind: Kind) -> dict[str, Any]:
    try:
        return created(machine, kind)
    except NoSample as reason:
        pytest.skip(str(reason))


def reader_of(kind: Kind) -> Role | None:
    """A role that reads all records of the kind and neither makes nor changes any."""
    for role in INSIDE:
        handle, create = (parse(MATRIX[row][role]) for row in (kind.rules.handle, kind.rules.create))
        by = {named for move in kind.workflow.moves for named in move.by} if kind.workflow else set()
        if handle.read == "all" and not handle.edit and not create.create and role not in by:
            return role
    return None


@every_kind
def test_a_record_comes_back_as_it_was_given(kind: Kind, everyone: Machine) -> None:
    given = made(everyone, kind)
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
    ref = made(everyone, kind)["ref"]
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
    reader, given = machine(role), made(everyone, kind)
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
        made(everyone, kind)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            everyone("GET", kind.path)
        counts.append(len(queries))
    assert counts[1] == counts[2] and counts[2] <= 25, counts


@every_kind
def test_paging_gives_each_row_once(kind: Kind, everyone: Machine) -> None:
    refs = {made(everyone, kind)["ref"] for _ in range(7)}
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
    given = made(everyone, kind)
    for name in kind.filters:
        field = kind.field(name)
        if field.choices and given.get(name):
            page = everyone("GET", f"{kind.path}?{name}={given[name]}").json()
            assert given in page["items"] and {item[name] for item in page["items"]} == {given[name]}
            for other in {value for value, _ in field.flatchoices} - {given[name]}:
                assert given not in everyone("GET", f"{kind.path}?{name}={other}").json()["items"]
    assert everyone("GET", f"{kind.path}?nonsense=1").status_code == 400


@every_kind
def test_a_stale_version_is_refused_with_the_present_one(kind: Kind, everyone: Machine) -> None:
    given = made(everyone, kind)
    texts = [
        n
        for n in kind.fields
        if kind.field(n).get_internal_type() in ("CharField", "TextField") and not kind.field(n).choices
    ]
    if not texts:
        pytest.skip("no text to change")
    here, name = f"{kind.path}/{given['ref']}", texts[-1]
    assert everyone("PATCH", here, {name: "x"}).status_code == 422
    first = everyone("PATCH", here, {"version": given["version"], name: "changed"})
    if first.status_code != 200:
        pytest.skip(f"{name} does not change freely: {first.content.decode()}")
    assert first.json()[name] == "changed" and first.json()["version"] > given["version"]
    second = everyone("PATCH", here, {"version": given["version"], name: "too late"})
    assert (second.status_code, second.json()["version"]) == (409, first.json()["version"])
    assert everyone("GET", here).json() == first.json()


@every_kind
def test_steps_are_listed_and_an_impossible_one_says_why(kind: Kind, everyone: Machine) -> None:
    given = made(everyone, kind)
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
    made(everyone, kind)
    first, other, last = (body(everyone, kind) for _ in range(3))
    rows = [first, {"no_such_field": 1}, {**other, "unit": "nowhere"}, last]
    answer = everyone("POST", f"{kind.path}/bulk", rows)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["created"], found["refused"]) == (2, 2), found
    assert [bool(result.get("ref")) for result in found["results"]] == [True, False, False, True]
    assert all(error["pointer"] for error in found["results"][1]["errors"])
    assert everyone("POST", f"{kind.path}/bulk", [{}] * 1001).status_code == 422
