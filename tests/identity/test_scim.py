"""Provisioning by SCIM, as directories send it: the standard's own checker, and the habits of Entra and Okta."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comity.accounts.models import ApiToken, Grant, Person, Unit
from comity.accounts.roles import Role
from comity.identity.models import Listed
from comity.identity.scim import door
from comity.records.models import Entry
from tests.accounts.conftest import Make

USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}
PATCH = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}
Ask = Callable[..., Any]


def asking(secret: str) -> Ask:
    """What a directory with this token does."""

    def ask(method: str, path: str, body: Any = None, **query: str) -> Any:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/scim+json"}
        where = {"query_params": query, "headers": {"Authorization": f"Bearer {secret}"}}
        answer = getattr(Client(raise_request_exception=False), method.lower())(f"/scim/v2/{path}", **sent, **where)
        answer.data = json.loads(answer.content) if answer.content else None
        return answer

    return ask


@pytest.fixture
def owner(make: Make) -> Person:
    return make("owner", Role.ADMINISTRATOR)


@pytest.fixture
def ask(owner: Person) -> Ask:
    return asking(ApiToken.issue(owner, "directory", [ApiToken.PROVISION], 30)[1])


def patch(*steps: tuple[str, str, Any]) -> dict[str, Any]:
    """The steps, each without what is empty in it."""
    names = ("op", "path", "value")
    return PATCH | {
        "Operations": [{n: v for n, v in zip(names, step, strict=True) if v not in ("", None)} for step in steps]
    }


@pytest.mark.slow
def test_the_checker_of_the_standard_finds_nothing(owner: Person) -> None:
    from scim2_client.engines.wsgi import WSGISCIMClient
    from scim2_tester import Status, check_server

    def comity(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        kind, body = environ.get("CONTENT_TYPE", ""), environ["wsgi.input"].read()
        more = {name: environ[name] for name in ("QUERY_STRING", "HTTP_AUTHORIZATION")}
        answer = Client().generic(environ["REQUEST_METHOD"], environ["PATH_INFO"], body, kind, **more)
        start(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
        return [answer.content]

    secret = ApiToken.issue(owner, "directory", [ApiToken.PROVISION], 30)[1]
    headers = {"Authorization": f"Bearer {secret}"}
    results = check_server(WSGISCIMClient(comity, "http://testserver/scim/v2", headers), resource_types=["User"])
    wrong = {one.title: one.reason for one in results if one.status not in (Status.SUCCESS, Status.SKIPPED)}
    assert wrong.keys() == {"search_with_attributes"}, wrong  # over users and groups at once, which nobody does
    assert sum(one.status == Status.SUCCESS for one in results) >= 40


def test_entra_adds_finds_changes_and_takes_away(ask: Ask, owner: Person) -> None:
    assert ask("GET", "Users", filter='userName eq "ann@corp.example"').data["totalResults"] == 0
    sent = USER | {
        "userName": "ann@corp.example", "externalId": "e-1", "active": True, "displayName": "Ann Lee",
        "emails": [{"primary": True, "type": "work", "value": "Ann.Lee@corp.example"}], "preferredLanguage": "zh-CN",
        "name": {"givenName": "Ann", "familyName": "Lee"}, "urn:ietf:params:scim:schemas:extension:x:User": {"y": 1},
    }  # fmt: skip
    made = ask("POST", "Users", sent)
    ann = Person.objects.get(email="ann.lee@corp.example")
    assert (made.status_code, made["Location"]) == (201, f"http://testserver/scim/v2/Users/{ann.pk}")
    assert (ann.name, ann.language, ann.has_usable_password()) == ("Ann Lee", "zh-hans", False)
    for wanted in ('userName eq "ANN@corp.example"', 'externalId eq "e-1" and active eq True', f'id eq "{ann.pk}"'):
        assert [one["id"] for one in ask("GET", "Users", filter=wanted).data["Resources"]] == [str(ann.pk)], wanted
    assert ask("POST", "Users", sent).data["scimType"] == "uniqueness" and Person.objects.count() == 2

    steps = patch(("Replace", 'emails[type eq "work"].value', "ann@new.example"), ("Add", "title", "Boss"),
                  ("Replace", "displayName", "Ann Wu"))  # fmt: skip
    assert ask("PATCH", f"Users/{ann.pk}", steps).data["emails"] == [{"value": "ann@new.example"}]
    assert ask("PATCH", f"Users/{ann.pk}", patch(("Replace", "active", "False"))).data["active"] is False
    ann.refresh_from_db()
    assert (ann.email, ann.name, ann.is_active) == ("ann@new.example", "Ann Wu", False)
    assert ask("DELETE", f"Users/{ann.pk}").status_code == 204 and ask("GET", f"Users/{ann.pk}").status_code == 404
    assert Person.objects.filter(pk=ann.pk, is_active=False).exists(), "what she did stays hers"
    back = ask("POST", "Users", sent | {"emails": [{"value": "ann@new.example"}]})
    assert (back.status_code, back.data["id"], back.data["active"]) == (201, str(ann.pk), True)
    acts = Entry.objects.filter(kind="person", record_id=ann.pk).order_by("pk")
    assert [one.act for one in acts] == ["added", "changed", "deactivated", "activated"]
    assert all(one.actor_id == owner.pk and "directory (cmt_" in one.changes["token"][1] for one in acts)


def test_okta_shuts_out_and_the_session_ends_at_once(ask: Ask, make: Make, signed_in: Callable[..., Client]) -> None:
    """Somebody who was here before the directory spoke of them is found by their address."""
    ann = make("ann", Role.SERVICE_DESK)
    _token, secret = ApiToken.issue(ann, "script", ["read"], 30)
    browser = signed_in(ann)
    assert browser.get("/accounts/me/").status_code == 200
    found = ask("GET", "Users", filter='userName eq "ann@example.com"', startIndex="1", count="100").data
    assert [one["id"] for one in found["Resources"]] == [str(ann.pk)] and "externalId" not in found["Resources"][0]
    okta = {"schemas": PATCH["schemas"], "Operations": [{"op": "replace", "value": {"active": False}}]}
    assert ask("PATCH", f"Users/{ann.pk}", okta).status_code == 200
    assert browser.get("/accounts/me/").status_code == 302 and ApiToken.authenticate(secret) is None
    put = USER | {"userName": "ann@example.com", "active": True, "name": {"givenName": "Ann", "familyName": "Li"}}
    assert ask("PUT", f"Users/{ann.pk}", put | {"externalId": "o-1"}).data["displayName"] == "Ann Li"
    assert browser.get("/accounts/me/").status_code == 302 and Listed.objects.get(person=ann).external_id == "o-1"


def test_pages_and_attributes(ask: Ask, make: Make) -> None:
    for n in range(3):
        make(f"p{n}", Role.SERVICE_DESK)
    make("cara", Role.CUSTOMER_CONTACT)
    whole = ask("GET", "Users").data
    assert whole["totalResults"] == 4, "our own people alone"
    part = ask("GET", "Users", startIndex="2", count="2", attributes="userName").data
    assert (part["totalResults"], part["startIndex"], part["itemsPerPage"]) == (4, 2, 2)
    assert [one.keys() - {"schemas"} for one in part["Resources"]] == [{"id", "userName"}] * 2
    assert part["Resources"][0]["id"] == whole["Resources"][1]["id"]
    assert ask("GET", "Users", count="0").data["Resources"] == []
    assert "members" not in ask("GET", "Groups/service_desk", excludedAttributes="members").data


def test_groups_are_roles_in_the_unit_of_the_token(ask: Ask, make: Make, root: Unit) -> None:
    ann, ben = make("ann"), make("ben", Role.COMPLAINT_HANDLER)
    [desk] = ask("GET", "Groups", filter='displayName eq "Service desk"').data["Resources"]
    assert desk["id"] == "service_desk" and desk["members"] == []
    add = patch(("Add", "members", [{"value": str(ann.pk)}, {"value": str(ben.pk)}]))
    assert len(ask("PATCH", "Groups/service_desk", add).data["members"]) == 2
    assert Grant.objects.get(person=ann).unit == root
    assert {one["value"] for one in ask("GET", f"Users/{ben.pk}").data["groups"]} == {
        "service_desk",
        "complaint_handler",
    }
    member = f'id eq "service_desk" and members eq "{ann.pk}"'
    assert ask("GET", "Groups", filter=member, excludedAttributes="members").data["totalResults"] == 1
    for gone in (
        patch(("Remove", f'members[value eq "{ann.pk}"]', None)),
        patch(("remove", "members", [{"value": str(ben.pk)}])),
    ):
        assert ask("PATCH", "Groups/service_desk", gone).status_code == 200
    assert ask("GET", "Groups/service_desk").data["members"] == []
    put = ask("PUT", "Groups/complaint_handler", {"displayName": "x", "members": [{"value": str(ann.pk)}]})
    assert [one["value"] for one in put.data["members"]] == [str(ann.pk)]
    acts = Entry.objects.filter(kind="person", record_id=ann.pk).order_by("pk").values_list("act", flat=True)
    assert [*acts] == ["granted", "revoked", "granted"]


def test_it_makes_no_administrator_and_changes_none(ask: Ask, make: Make, owner: Person) -> None:
    """Whoever gets hold of the token must not get further than the token."""
    boss, ann, cara = make("boss", Role.ADMINISTRATOR), make("ann"), make("cara", Role.CUSTOMER_CONTACT)
    member = patch(("add", "members", [{"value": str(ann.pk)}]))
    for role in ("administrator", "customer_contact"):
        assert ask("PATCH", f"Groups/{role}", member).status_code == 404
    assert ask("POST", "Groups", {"displayName": "Gods"}).status_code == 405
    assert ask("PATCH", "Groups/auditor", patch(("add", "members", [{"value": str(owner.pk)}]))).status_code == 403
    assert ask("PATCH", "Groups/auditor", patch(("add", "members", [{"value": str(cara.pk)}]))).status_code == 400
    assert not Grant.objects.filter(person=ann).exists() and Grant.objects.count() == 3
    mine = patch(("replace", "emails", [{"value": "evil@evil.example"}]))
    assert ask("PATCH", f"Users/{boss.pk}", mine).status_code == 403
    assert ask("PATCH", f"Users/{owner.pk}", mine).status_code == ask("DELETE", f"Users/{owner.pk}").status_code == 403
    assert ask("GET", f"Users/{cara.pk}").status_code == ask("DELETE", f"Users/{cara.pk}").status_code == 404
    assert not Person.objects.filter(email="evil@evil.example").exists() and not Listed.objects.exists()
    assert ask("PATCH", f"Users/{boss.pk}", patch(("replace", "active", False))).status_code == 200
    assert ask("PATCH", f"Users/{boss.pk}", patch(("replace", "active", True))).status_code == 403
    assert not Person.objects.get(pk=boss.pk).is_active


def test_the_unit_of_the_token_bounds_its_roles(make: Make, branch: Unit) -> None:
    north, ann = make("north", Role.ADMINISTRATOR, unit=branch), make("ann")
    ask = asking(ApiToken.issue(north, "directory", [ApiToken.PROVISION], 30)[1])
    ask("PATCH", "Groups/service_desk", patch(("add", "members", [{"value": str(ann.pk)}])))
    assert Grant.objects.get(person=ann).unit == branch
    Grant.objects.filter(person=north).update(ends_on=timezone.localdate())
    assert ask("GET", "Users").status_code == 403


def test_the_token_opens_this_door_and_no_other(ask: Ask, owner: Person, make: Make, signed_in: Any) -> None:
    _token, plain = ApiToken.issue(owner, "script", ["read", "write"], 30)
    token, secret = ApiToken.issue(owner, "directory", [ApiToken.PROVISION], 30)
    assert asking(plain)("GET", "Users").status_code == asking("")("GET", "Users").status_code == 401
    assert Client().get("/api/v1/customers", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert Client().get(f"/scim/v2/Users?access_token={secret}").status_code == 401
    assert signed_in(owner).post("/scim/v2/Users", {}, "application/json").status_code == 401, "a session is no token"
    token.revoke()
    assert asking(secret)("GET", "Users").status_code == 401
    form = {"name": "directory", "scopes": "provision", "days": "30"}
    assert signed_in(make("ann", Role.PROCESS_MANAGER)).post("/accounts/tokens/", form).status_code == 403
    count = ApiToken.objects.count()
    assert signed_in(owner).post("/accounts/tokens/", form).status_code == 200
    assert ApiToken.objects.count() == count + 1


def test_too_many_requests_are_refused(ask: Ask, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COMITY_API_RATE = 2
    monkeypatch.setattr(door, "RATE", door.Rate())
    answers = [ask("POST", "Users", USER | {"userName": f"p{n}@corp.example"}).status_code for n in range(3)]
    assert answers == [201, 201, 429] and Person.objects.count() == 3


BAD: list[tuple[str, str, Any, int]] = [
    ("POST", "Users", {}, 400),
    ("POST", "Users", [], 400),
    ("POST", "Users", USER | {"userName": 5}, 400),
    ("POST", "Users", USER | {"userName": "no address"}, 400),
    ("POST", "Users", USER | {"userName": "a@corp.example", "active": "perhaps"}, 400),
    ("POST", "Users", USER | {"userName": "a@corp.example", "displayName": "x" * 151}, 400),
    ("POST", "Users", USER | {"userName": "a@corp.example", "displayName": "x\x00"}, 400),
    ("POST", "Users", USER | {"userName": "owner@example.com"}, 409),
    ("PUT", "Users/0", USER, 404),
    ("PATCH", "Users/x", PATCH, 404),
    ("PATCH", "Users/{ann}", PATCH | {"Operations": "x"}, 400),
    ("PATCH", "Users/{ann}", patch(("replace", "id", "7")), 400),
    ("PATCH", "Users/{ann}", patch(("replace", "a b", "7")), 400),
    ("PATCH", "Users/{ann}", patch(("remove", "userName", None)), 400),
    ("PATCH", "Users/{ann}", patch(("replace", "userName", "owner@example.com")), 409),
    ("PATCH", "Users/{ann}", patch(("replace", "emails", "owner@example.com")), 409),
    ("PATCH", "Users/{ann}", patch(("replace", "displayName", "changed"), ("replace", "active", 7)), 400),
    ("PATCH", "Groups/service_desk", patch(("add", "members", [{"value": "99999"}])), 400),
    ("PATCH", "Groups/service_desk", patch(("add", "members", [{"value": "x"}])), 400),
    ("GET", "Users?filter=userName+sw+%22a%22", None, 400),
    ("GET", "Users?filter=userName+eq+%22a", None, 400),
    ("GET", "Users?filter=password+eq+%22a%22", None, 400),
    ("GET", "Users?count=many", None, 400),
    ("GET", "Nothing", None, 404),
]


def test_what_cannot_be_meant_is_refused_and_changes_nothing(ask: Ask, make: Make) -> None:
    ann = make("ann")
    before = [*Person.objects.order_by("pk").values()]
    for method, path, body, status in BAD:
        answer = ask(method, path.format(ann=ann.pk), body)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/scim+json"), (method, path, body)
        assert answer.data["status"] == str(status) and answer.data["detail"]
    assert [*Person.objects.order_by("pk").values()] == before
    assert not Listed.objects.exists() and Grant.objects.count() == 1
