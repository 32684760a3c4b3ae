"""Health, error pages and headers."""

import gzip
import logging
import sys

import brotli
import pytest
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from comity.accounts.models import Unit
from comity.config import assets, errors, health
from comity.config.discretion import BriefRefusals
from comity.config.middleware import Compression, ContentPolicy


@login_not_required
def broken(request: object) -> HttpResponse:
    raise RuntimeError("secret detail")


urlpatterns = [path("broken", broken)]
ASKED = RequestFactory().get("/")
handler500 = "comity.config.errors.failed"
handler404 = "comity.config.errors.not_found"


def test_alive_needs_no_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_no_address_has_a_zero_in_it(client: Client) -> None:
    """SQLite looks for such a text and finds none; PostgreSQL refuses the question, which would be a 500."""
    assert client.get("/cases/%00/").status_code == 404
    for asked in ("/accounts/login/?next=%00", "/compliance/silences/?q=a%00b", "/api/v1/cases?q=%00"):
        assert client.get(asked).status_code == 400, asked


@pytest.mark.django_db
def test_ready_when_all_migrations_are_applied(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "_migrated", False)
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"1 migrations missing")


@pytest.mark.django_db
def test_nothing_is_left_to_migrate() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_answer_says_what_may_run(client: Client) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert rule in policy
    assert "unsafe" not in policy


def test_a_view_may_be_stricter() -> None:
    strict = ContentPolicy(lambda request: HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"}))
    assert strict(RequestFactory().get("/")).headers["Content-Security-Policy"] == "default-src 'none'"


@override_settings(ROOT_URLCONF=__name__)
def test_our_fault_is_told_without_a_trace(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


@override_settings(ROOT_URLCONF=__name__)
def test_error_pages_speak_the_readers_language(client: Client) -> None:
    answer = client.get("/nowhere", headers={"accept-language": "zh-CN,zh;q=0.9"})
    assert answer.status_code == 404
    assert '<html lang="zh-hans"' in answer.text


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (errors.bad_request(ASKED, Exception()), 400, "makes no sense"),
        (errors.bad_request(ASKED, RequestDataTooBig()), 413, "too much"),
        (errors.forbidden(ASKED, Exception()), 403, "may not"),
        (errors.not_found(ASKED, Exception()), 404, "nothing here"),
        (errors.too_often(ASKED), 429, "wait"),
    ],
)
def test_each_error_says_what_happened_and_leads_back(answer: HttpResponse, status: int, said: str) -> None:
    assert answer.status_code == status
    assert "<h1>" in answer.text and said in answer.text and 'class="btn primary" href="/"' in answer.text


@pytest.mark.django_db
def test_an_error_outside_is_the_providers_and_leads_back_to_where_it_happened(client: Client) -> None:
    provider = Unit.objects.create(name="Root Services")
    for start in ("/complain/", "/portal/", "/help/"):
        answer = client.get(f"{start}no/thing/here/")
        assert answer.status_code == 404 and provider.name in answer.text
        assert f'class="btn primary" href="{start}"' in answer.text


def test_a_form_without_its_token_is_refused_in_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert answer.status_code == 403
    assert "no longer valid" in answer.text


def test_static_files_are_named_by_their_content(client: Client) -> None:
    address = assets.VersionedStorage().url("web/comity.css")
    assert "?v=" in address
    answer = client.get(address)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_refusal_takes_one_line_of_the_log_and_a_failure_its_trace() -> None:
    """What visitors may not do is no fault of ours, and traces of it would hide those that are."""
    try:
        raise PermissionError
    except PermissionError:
        trace = sys.exc_info()
    lines = {status: logging.LogRecord("django.request", 30, "", 0, "Line", (), trace) for status in (403, 404, 500)}
    for status, line in lines.items():
        line.status_code = status
        assert BriefRefusals().filter(line)
    assert {status: line.exc_info for status, line in lines.items()} == {403: None, 404: None, 500: trace}
    assert "brief" in settings.LOGGING["handlers"]["console"]["filters"]


@pytest.mark.parametrize(("taken", "packed"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", None)])
def test_answers_are_packed_as_the_browser_takes_them(taken: str, packed: str | None) -> None:
    words = b"<p>The operation is the evidence.</p>" * 100
    request = RequestFactory().get("/", headers={"Accept-Encoding": taken})
    answer = Compression(lambda _request: HttpResponse(words))(request)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[packed]
    assert (answer.headers.get("Content-Encoding"), unpack(answer.content)) == (packed, words)
    assert packed is None or len(answer.content) == int(answer.headers["Content-Length"]) < len(words) / 10
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Content-Encoding" not in Compression(lambda _request: HttpResponse(b"ok"))(request).headers
