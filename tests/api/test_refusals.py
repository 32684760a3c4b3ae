"""Whoever refuses under /api/, also before a request reaches the interface: programs get a problem document."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from comity.accounts.models import ApiToken, Person
from comity.accounts.roles import Role
from comity.home.administration import auditors
from comity.records.kind import kind_named
from tests.api.conftest import Machine

JSON = "application/json"
KIND = kind_named("customer")


def session(person: Person, **options: bool) -> Client:
    client = Client(raise_request_exception=False, **options)  # type: ignore[arg-type]
    client.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
    return client


def refused(
    person: Callable[..., Person], machine: Callable[..., Machine], everyone: Machine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, Any]]:
    auditor = session(person(Role.AUDITOR))
    for method in ("post", "patch", "put", "delete"):
        yield 403, getattr(auditor, method)(f"/api/v1/{KIND.path}", "{}", JSON)
    yield 403, auditor.patch(f"/api/v1/{KIND.path}/X-1", "{}", JSON)
    yield 403, auditor.post("/api/v1/nowhere", "{}", JSON)
    monkeypatch.setattr(auditors, "log", lambda *_a, **_k: (_ for _ in ()).throw(DatabaseError))
    yield 500, auditor.get(f"/api/v1/{KIND.path}")

    both = person(Role.ADMINISTRATOR, Role.SERVICE_DESK)  # acts under one group at a time
    Person.objects.filter(pk=both.pk).update(acting_group=Role.ADMINISTRATOR)
    told = {"name": "N", "category": "C"}
    yield 403, Machine(ApiToken.issue(both, "t", ["write"], 1)[1])("POST", KIND.path, told)
    yield 403, session(Person.objects.get(pk=both.pk), enforce_csrf_checks=True).post("/api/v1/customers", "{}", JSON)
    yield 404, machine(Role.CUSTOMER_CONTACT)("GET", KIND.path)
    yield 403, machine(Role.SERVICE_DESK, scopes=("read",))("POST", KIND.path, told)
    yield 401, Machine()("POST", KIND.path, told)
    yield 401, Machine("wrong")("GET", "me")

    for method in ("PUT", "DELETE", "TRACE", "OPTIONS"):
        yield 405, everyone(method, KIND.path)
    for path in ("nowhere", "", f"{KIND.path}/X-1", f"{KIND.path}/X-1/nothing", "terms/of"):
        yield 404, everyone("GET", path)
    yield 404, everyone.client.get("/api/v2/cases/")
    yield 400, everyone.client.get("/api/v1/me", headers={"host": "in valid"})
    yield 400, everyone("GET", "%00")
    yield 415, everyone.client.post(f"/api/v1/{KIND.path}", "a=b", "text/plain", headers=everyone.headers)
    yield 422, everyone("POST", KIND.path, {"no_such_field": 1})
    yield 413, everyone("POST", KIND.path, {"name": "x" * 6 * 2**20})


def test_every_refusal_is_a_problem_document(
    person: Any, machine: Any, everyone: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = KIND.model._default_manager.count()
    for number, (status, answer) in enumerate(refused(person, machine, everyone, monkeypatch)):
        assert answer.status_code == status, (number, answer.status_code)
        assert answer.headers["Content-Type"] == "application/problem+json", number
        found = json.loads(answer.content)
        assert found["status"] == status and found["title"], number
    assert KIND.model._default_manager.count() == before


def test_pages_answer_with_pages(person: Any) -> None:
    answer = session(person(Role.AUDITOR)).post("/customers/new/", {})
    assert answer.status_code == 403 and answer.headers["Content-Type"].startswith("text/html")
