"""Rules of the interface that hold for all kinds and are shown on one: problems, keys, scopes, sessions, limits."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comity.accounts.models import ApiToken, Person
from comity.accounts.roles import Role
from comity.api.door import Rate
from comity.api.jobs import forget
from comity.api.management.commands import docs_openapi
from comity.api.models import IdempotencyKey
from comity.records.kind import Kind, kinds
from comity.records.models import Entry
from tests.api.conftest import Machine
from tests.api.samples import RAISED, body, created


@pytest.fixture
def kind(everyone: Machine) -> Kind:
    """A kind that needs no other record."""
    for one in kinds():
        if one.name not in RAISED and not any(one.field(name).is_relation for name in body(everyone, one)):
            return one
    raise AssertionError("no kind stands alone")


def count(kind: Kind) -> int:
    return kind.model._default_manager.count()


def test_a_problem_has_one_shape_and_speaks_the_readers_language(everyone: Machine, kind: Kind) -> None:
    broken = {
        400: everyone("GET", f"{kind.path}?after=%21"),
        401: Machine()("GET", kind.path),
        404: everyone("GET", f"{kind.path}/NO-00001"),
        405: everyone("PUT", kind.path, {}),
        415: everyone.client.post(f"/api/v1/{kind.path}", "a=b", "text/plain", headers=everyone.headers),
        422: everyone("POST", kind.path, {"no_such_field": 1}),
    }
    for status, answer in broken.items():
        found = answer.json()
        assert answer.status_code == status == found["status"]
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert found["title"] and {"type", "detail"} <= found.keys()
    assert {error["pointer"] for error in broken[422].json()["errors"]} == {"/no_such_field"}
    assert broken[405].headers["Allow"]
    for path in ("nowhere", f"{kind.path}/X/y/z/", "", "%00", "a/b%0A/c"):
        assert everyone("GET", path).json()["status"] in (400, 404)


def test_a_failure_of_ours_shows_no_trace(everyone: Machine, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr("comity.records.reading.register", fail)
    answer = everyone("GET", kind.path)
    assert answer.status_code == 500 and "secret" not in answer.content.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "3", "null", '"x"', "[" * 100_000, '{"a":' * 100_000, '{"x": NaN}', '{"x": 1e999}',
        '{"x": "\\u0000"}',
        '{"x": "\\ud800"}', '{"x": 123456789012345678901234567890}', "1" * 5000,
        '{"x": {"x": {"x": "\\u0000"}}}', "\ud83d",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_no_sane_json_is_refused(text: str, everyone: Machine, kind: Kind) -> None:
    before = count(kind)
    raw = text.encode("utf-8", "surrogatepass")
    for path in (kind.path, f"{kind.path}/bulk"):
        answer = everyone.client.generic("POST", f"/api/v1/{path}", raw, "application/json", headers=everyone.headers)
        assert answer.status_code in (400, 422) or (path.endswith("bulk") and text == "[]")
    assert count(kind) == before


def test_a_body_has_a_limit(everyone: Machine, kind: Kind) -> None:
    assert everyone("POST", kind.path, {"x": "x" * (6 * 2**20)}).status_code == 413


def test_values_of_a_wrong_type_are_refused(everyone: Machine, kind: Kind) -> None:
    good = body(everyone, kind)
    for name in good:
        for wrong in ({}, [], [[1]], 1.5, True, 2**62, "x" * 100_000):
            answer = everyone("POST", kind.path, {**good, name: wrong})
            assert answer.status_code in (201, 422), answer.content
            if answer.status_code == 422:
                assert f"/{name}" in {error["pointer"] for error in answer.json()["errors"]}


def test_scopes_bound_a_token(machine: Callable[..., Machine], kind: Kind, unit: Any) -> None:
    person = Person.objects.latest("pk")
    for scopes, may_read, may_write in (
        (["read"], 200, 403),
        (["write"], 403, 422),
        ([f"{kind.name}:read"], 200, 403),
        ([], 403, 403),
    ):
        own = Machine(ApiToken.issue(Person.objects.earliest("pk"), "t", scopes, 1)[1])
        assert own("GET", kind.path).status_code == may_read
        assert own("POST", kind.path, {"no_such_field": 1}).status_code == may_write
    assert person


def test_a_session_writes_only_with_the_csrf_token(everyone: Machine, kind: Kind) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(Person.objects.earliest("pk"))
    good = json.dumps(body(everyone, kind))
    assert client.get(f"/api/v1/{kind.path}").status_code == 200
    before = count(kind)
    refused = client.post(f"/api/v1/{kind.path}", good, "application/json")
    assert refused.status_code == 403 and refused.json()["status"] == 403
    assert client.post(f"/api/v1/{kind.path}/", good, "application/json").status_code == 403
    assert count(kind) == before
    client.cookies["csrftoken"] = token = "a" * 32
    answer = client.post(f"/api/v1/{kind.path}", good, "application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 201
    wrong = client.get(f"/api/v1/{kind.path}", headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401, "a wrong token never falls back to the session"


def test_a_token_has_a_rate(everyone: Machine, kind: Kind, settings: Any) -> None:
    settings.COMITY_API_RATE = 3
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        answers = [everyone("GET", "me") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60 and answers[-1].json()["status"] == 429


def test_all_processes_count_together_and_reading_writes_seldom(settings: Any) -> None:
    """Each process may go over by a twentieth of the limit, and asks the common count once in as many requests."""
    settings.COMITY_API_RATE, asked = 200, SimpleNamespace(token=SimpleNamespace(pk=7))
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        processes = [Rate() for _ in range(3)]
        with CaptureQueriesContext(connection) as queries:
            allowed = [process.allow_request(asked) for _ in range(100) for process in processes]
        assert 200 <= sum(allowed) <= 200 + 3 * 10
        late = Rate()
        assert not any(allowed[-30:]) and sum(late.allow_request(asked) for _ in range(50)) <= 10
    writes = [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))]
    assert 0 < len(writes) <= 300 / 10 * 2


def test_a_repeated_post_is_done_once(everyone: Machine, kind: Kind) -> None:
    good, before = body(everyone, kind), count(kind)
    first = everyone("POST", kind.path, good, Idempotency_Key="k1")
    again = everyone("POST", kind.path, good, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and first.headers["Location"] == again.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true" and count(kind) == before + 1
    other = everyone("POST", f"{kind.path}/bulk", [good], Idempotency_Key="k1")
    assert other.status_code == 422 and count(kind) == before + 1
    here = f"{kind.path}/{first.json()['ref']}/posts"
    for _ in range(2):
        assert everyone("POST", here, {"body": "said once"}, Idempotency_Key="k2").status_code == 201
    assert Entry.objects.filter(note="said once").count() == 1
    assert everyone("POST", kind.path, good, Idempotency_Key="x" * 201).status_code == 400


def test_a_refused_request_leaves_its_key_free(everyone: Machine, kind: Kind) -> None:
    assert everyone("POST", kind.path, {"no_such_field": 1}, Idempotency_Key="k").status_code == 422
    assert everyone("POST", kind.path, body(everyone, kind), Idempotency_Key="k").status_code == 201


def test_a_crash_after_the_work_undoes_the_work(everyone: Machine, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    good, before = body(everyone, kind), count(kind)
    with monkeypatch.context() as broken:
        broken.setattr(IdempotencyKey, "save", lambda *_args, **_named: 1 / 0)
        assert everyone("POST", kind.path, good, Idempotency_Key="k").status_code == 500
    assert count(kind) == before
    assert everyone("POST", kind.path, good, Idempotency_Key="k").status_code == 201


def test_keys_are_forgotten_after_a_day(everyone: Machine, kind: Kind) -> None:
    everyone("POST", kind.path, body(everyone, kind), Idempotency_Key="k")
    assert forget.func() == 0
    IdempotencyKey.objects.update(at=timezone.now() - timedelta(hours=25))
    assert forget.func() == 1


@pytest.mark.django_db(transaction=True)
def test_repetitions_side_by_side_are_done_once(everyone: Machine, kind: Kind) -> None:
    good, before = body(everyone, kind), count(kind)

    def send(_number: int) -> tuple[int, str]:
        try:
            own = Machine()
            own.headers = everyone.headers
            answer = own("POST", kind.path, good, Idempotency_Key="same")
            return answer.status_code, answer.content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(16)))
    assert len(answers) == 1 and answers.pop()[0] == 201
    assert count(kind) == before + 1


def test_a_file_comes_back_as_an_attachment(everyone: Machine, kind: Kind, settings: Any) -> None:
    here = f"{kind.path}/{created(everyone, kind)['ref']}/files"

    def send(content: bytes, name: str = "note.html", **headers: str) -> Any:
        upload = {"file": SimpleUploadedFile(name, content)}
        return everyone.client.post(f"/api/v1/{here}", upload, headers=everyone.headers | headers)

    sent = send(b"<script>alert(1)</script>")
    assert sent.status_code == 201, sent.content
    got = everyone("GET", sent.headers["Location"].removeprefix("/api/v1/"))
    assert (
        got.headers["Content-Disposition"].startswith("attachment")
        and got.headers["Content-Type"] == "application/octet-stream"
    )
    assert b"".join(got.streaming_content) == b"<script>alert(1)</script>"
    assert [file["name"] for file in everyone("GET", here).json()["items"]] == ["note.html"]
    assert send(b"").status_code == 422
    for _ in range(2):
        assert send(b"again", **{"Idempotency-Key": "f"}).status_code == 201
    assert len(everyone("GET", here).json()["items"]) == 2
    assert send(b"other", **{"Idempotency-Key": "f"}).status_code == 422
    settings.COMITY_UPLOAD_BYTES = 10
    assert send(b"x" * 11).status_code == 422
    assert send(b"x" * (2 << 20)).status_code == 413
    assert everyone("POST", here, {}).status_code == 415


def test_a_link_is_seen_from_both_ends_and_taken_away(
    everyone: Machine, kind: Kind, machine: Callable[..., Machine]
) -> None:
    first, second = (created(everyone, kind)["ref"] for _ in range(2))
    here = f"{kind.path}/{first}/links"
    made = everyone("POST", here, {"to": second, "verb": "relates_to"})
    assert made.status_code == 201
    assert everyone("POST", here, {"to": second}).json() == made.json()
    for path in (here, f"{kind.path}/{second}/links"):
        assert everyone("GET", path).json()["items"] == [made.json()]
    for wrong in ({"to": first}, {"to": "NO-1"}, {"to": second, "verb": "A b"}, {}):
        assert everyone("POST", here, wrong).status_code == 422
    assert everyone("DELETE", f"{here}/{made.json()['id']}").status_code == 204
    assert everyone("GET", here).json()["items"] == []
    assert everyone("DELETE", f"{here}/{made.json()['id']}").status_code == 404


def test_the_timeline_pages(everyone: Machine, kind: Kind) -> None:
    here = f"{kind.path}/{created(everyone, kind)['ref']}"
    for number in range(5):
        everyone("POST", f"{here}/posts", {"body": f"note {number}"})
    page = everyone("GET", f"{here}/timeline?only=posts&limit=3").json()
    rest = everyone("GET", f"{here}/timeline?only=posts&limit=3&below={page['next']}").json()
    assert [entry["note"] for entry in page["items"] + rest["items"]] == [f"note {n}" for n in (4, 3, 2, 1, 0)]
    assert rest["next"] is None


def test_who_am_i(machine: Callable[..., Machine]) -> None:
    found = machine(Role.SENIOR_MANAGER, scopes=("read",))("GET", "me").json()
    assert (found["roles"], found["scopes"]) == (["senior_manager"], ["read"])
    assert {one["kind"] for one in found["kinds"]} == {kind.name for kind in kinds()}


def test_the_published_document_is_up_to_date() -> None:
    if not docs_openapi.PLACE.exists():
        pytest.skip("docs/openapi.json is not there yet: run `comity docs_openapi`")
    assert docs_openapi.PLACE.read_text(encoding="utf-8") == docs_openapi.text()


def test_the_command_writes_the_document(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.setattr(docs_openapi, "PLACE", tmp_path / "openapi.json")
    call_command("docs_openapi")
    written = json.loads((tmp_path / "openapi.json").read_text())
    assert written == client.get("/api/v1/openapi.json").json()
    assert (
        written["openapi"].startswith("3.1") and {f"/api/v1/{kind.path}" for kind in kinds()} <= written["paths"].keys()
    )
