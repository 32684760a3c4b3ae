"""Lines of the log: one id from the proxy to the job, JSON that a collector reads, and no secret in it."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django_tasks import task

from comity.config.discretion import BriefRefusals, OneLine, WithoutSecrets
from comity.config.environment import Misconfigured, choice
from comity.config.logs import InRequest, Json
from comity.jobs.models import Job
from comity.jobs.tracing import asked_in
from comity.jobs.worker import Worker
from tests.worlds import World, world

__all__ = ["world"]
log = logging.getLogger("comity.tests")


@task()
def told() -> None:
    log.info("the job says hello")
    again.enqueue()


@task()
def again() -> None:
    log.info("the next job does, too")


@pytest.fixture
def lines() -> Iterator[Any]:
    """What is logged, read back."""
    out, root = io.StringIO(), logging.getLogger()
    handler, requests = logging.StreamHandler(out), logging.getLogger("comity.request")
    handler.setFormatter(Json())
    for one in (InRequest(), BriefRefusals(), WithoutSecrets()):
        handler.addFilter(one)
    root.addHandler(handler)
    before = root.level, requests.level
    root.setLevel(logging.INFO)
    requests.setLevel(logging.INFO)
    yield lambda: [json.loads(row) for row in out.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before[0])
    requests.setLevel(before[1])


@pytest.mark.django_db
def test_a_request_has_an_id_that_is_given_back_and_stands_in_its_line(lines: Any) -> None:
    answer = Client().get("/healthz")
    name = answer["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", name)
    (line,) = [one for one in lines() if one["logger"] == "comity.request"]
    assert (line["request"], line["method"], line["path"], line["status"]) == (name, "GET", "/healthz", 200)
    assert isinstance(line["ms"], int) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["at"])
    assert asked_in.get() == "", "it ends with the request"


@pytest.mark.django_db
def test_the_id_of_a_proxy_is_taken_over_if_it_is_one() -> None:
    assert Client().get("/healthz", headers={"X-Request-ID": "Edge-7f.3_a"})["X-Request-ID"] == "Edge-7f.3_a"
    for given in ("short", "x" * 65, "two words12", "a\nb:forged12", '"},{"level":"', "ünïcödes", ""):
        name = Client().get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]
        assert re.fullmatch("[0-9a-f]{32}", name), given


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nothing/", "/cases/", "/api/v1/me", "/static/nothing.css"])
def test_every_answer_carries_it(path: str) -> None:
    assert Client().get(path)["X-Request-ID"]


@pytest.mark.django_db
def test_jobs_and_the_jobs_that_they_enqueue_carry_it_on(lines: Any) -> None:
    token = asked_in.set("request-0001")
    told.enqueue()
    asked_in.reset(token)
    worker = Worker()
    assert Job.objects.get().request == "request-0001"
    for name in ("told", "again"):
        job = Job.objects.get(name__endswith=name)
        job.state, job.worker, job.attempts = Job.State.RUNNING, worker.name, 1
        job.save()
        worker.do(job)
    said = {one["message"]: one.get("request") for one in lines() if one["logger"] == "comity.tests"}
    assert said == {"the job says hello": "request-0001", "the next job does, too": "request-0001"}
    ends = [one for one in lines() if one["message"].startswith("job ")]
    assert len(ends) == 2 and all(one["request"] == "request-0001" for one in ends)
    assert asked_in.get() == ""


@pytest.mark.django_db
def test_a_job_that_a_page_enqueues_names_the_page(world: World) -> None:
    client = Client(headers={"X-Request-ID": "from-the-page"})
    client.post("/accounts/link/", {"email": world.email("customer_contact")})
    assert Job.objects.get(name__endswith="send_link").request == "from-the-page"


@pytest.mark.django_db
def test_neither_secrets_nor_bodies_nor_queries_are_in_it(world: World, lines: Any) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "ann@example.com", "password": "hunter2-hunter2"})
    client.get("/accounts/link/SECRETONE:x/")
    client.get("/calendar/cmt_SECRETTWO.ics")
    client.get("/complain/track/SECRETTHREE/?q=SECRETFOUR")
    client.get("/api/v1/me?q=SECRETFOUR", headers={"Authorization": "Bearer cmt_SECRETFIVE"})
    try:
        raise ValueError("at /calendar/cmt_SECRETTWO.ics")
    except ValueError:
        log.exception("it broke")
    text = json.dumps(lines(), ensure_ascii=False)
    assert "SECRET" not in text and "hunter2" not in text and "ann@example.com" not in text
    assert "/calendar/…" in text and "ValueError" in text


@pytest.mark.django_db
def test_who_asked_is_named_by_number(world: World, lines: Any) -> None:
    client = Client()
    client.force_login(world.person("service_desk"))
    client.get("/cases/")
    (line,) = [one for one in lines() if one["logger"] == "comity.request"]
    assert line["person"] == world.person("service_desk").pk and "service_desk" not in json.dumps(line)


def test_a_line_is_one_object_whatever_is_in_it() -> None:
    row = Json().format(logging.LogRecord("x", 30, "", 1, 'two\nlines "and" %s', ("\u2028 ü",), None))
    assert "\n" not in row and json.loads(row)["message"] == 'two\nlines "and" \u2028 ü'


def test_what_was_sent_begins_no_line_of_its_own() -> None:
    record = logging.LogRecord(
        "x", logging.INFO, "", 0, "refused: %s", ("a\n2026 ERROR forged\x1b[2J\u2028\x85",), None
    )
    assert OneLine().filter(record)
    assert record.getMessage() == r"refused: a\n2026 ERROR forged\x1b[2J\u2028\x85"
    assert "single" in settings.LOGGING["handlers"]["console"]["filters"]


def test_the_format_is_one_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_LOG_FORMAT", "JSON")
    assert choice("COMITY_LOG_FORMAT", "line", "json") == "json"
    monkeypatch.setenv("COMITY_LOG_FORMAT", "yaml")
    with pytest.raises(Misconfigured, match="line or json"):
        choice("COMITY_LOG_FORMAT", "line", "json")
