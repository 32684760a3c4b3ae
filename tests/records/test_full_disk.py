"""A full disk or a broken database: told clearly, in the reader's language, and nothing is written halfway."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client

from comity.accounts.models import ApiToken, Person
from comity.records import write
from comity.records.models import Entry, File
from tests.worlds import World, build

MESSAGES = ("disk I/O error", "database or disk is full", "could not extend file: No space left on device")
NEW = {"name": "Half", "type": "category"}


def upload(name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, name.encode() * 1000)


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> Callable[[], list[Path]]:
    """The files on the disk, which is an empty one."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the disk be full after so many files."""

    def fill(room_for: int = 0) -> None:
        left, sync = [None] * room_for, os.fsync

        def fsync(number: int) -> None:
            if not left:
                raise OSError(errno.ENOSPC, "No space left on device")
            left.pop()
            sync(number)

        monkeypatch.setattr("comity.records.files.os.fsync", fsync)

    return fill


def browser(person: Person, **headers: str) -> Client:
    client = Client(raise_request_exception=False, headers=headers)
    client.force_login(person)
    return client


def counts(world: World) -> tuple[int, int, int]:
    return File.objects.count(), Entry.objects.count(), type(world.category).objects.count()


def test_an_upload_that_finds_no_room_leaves_nothing_and_keeps_the_words(
    world: World, kept: Callable[[], list[Path]], full: Callable[[int], None]
) -> None:
    person, record, before = world.person("relationship_manager"), world.customer, counts(world)
    full(1)
    answer = browser(person).post(f"{record.url}post/", {"body": "Two photos.", "files": [upload("a"), upload("b")]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "could not be kept" in page and "Two photos." in page and "Traceback" not in page
    assert (counts(world), kept()) == (before, [])
    answer = browser(person).post("/segments/new/", {**NEW, "files": upload()})
    assert answer.status_code == 422 and "could not be kept" in answer.content.decode()
    assert 'value="Half"' in answer.content.decode()
    assert (counts(world), kept()) == (before, [])


def test_the_desk_registers_no_case_whose_letter_was_not_kept(
    world: World, kept: Callable[[], list[Path]], full: Callable[[int], None]
) -> None:
    values = {
        "customer": world.customer.ref, "contact": world.contact.ref, "service": world.service.ref,
        "channel": "letter", "classification": "complaint", "description": "Down.", "wanted_remedy": "Up.",
    }  # fmt: skip
    client, before = browser(world.person("service_desk")), counts(world)
    full(0)
    answer = client.post("/cases/intake/", {**values, "files": upload()})
    assert answer.status_code == 422 and "could not be kept" in answer.content.decode()
    assert (counts(world), kept()) == (before, [])


def test_the_interface_says_that_it_is_not_the_senders_fault(
    world: World, kept: Callable[[], list[Path]], full: Callable[[int], None]
) -> None:
    token, before = ApiToken.issue(world.person("relationship_manager"), "t", ["read", "write"], 1)[1], counts(world)
    full(0)
    headers = {"authorization": f"Bearer {token}", "accept-language": "en", "idempotency-key": "once"}
    answer = Client(headers=headers).post(f"/api/v1/customers/{world.customer.ref}/files", {"file": upload()})
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert "could not be kept" in answer.json()["detail"]
    assert (counts(world), kept()) == (before, [])


def test_content_that_another_record_has_stays(
    world: World, kept: Callable[[], list[Path]], full: Callable[[int], None]
) -> None:
    actor = world.actor("relationship_manager")
    write.attach(world.customer, upload(), actor=actor)
    [path] = kept()
    full(0)
    with pytest.raises(write.ValidationError):
        write.attach(world.child, upload(), actor=actor)
    assert kept() == [path] and path.read_bytes() == b"photo.jpg" * 1000
    assert File.objects.count() == 1


def test_a_row_that_is_not_written_leaves_no_bytes(
    world: World, kept: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_named: Any) -> None:
        raise OperationalError("database or disk is full")

    before = counts(world)
    monkeypatch.setattr(File, "save", fail)
    client = browser(world.person("relationship_manager"))
    assert client.post(f"{world.customer.url}post/", {"body": "x", "files": upload()}).status_code == 503
    assert (counts(world), kept()) == (before, [])


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_database_that_does_not_work_is_told_in_the_readers_language(
    world: World, monkeypatch: pytest.MonkeyPatch, message: str, language: str
) -> None:
    person = world.person("relationship_manager")
    Person.objects.filter(pk=person.pk).update(language=language)
    client, before = browser(person), counts(world)

    def fail(*_args: Any, **_named: Any) -> None:
        raise OperationalError(message)

    monkeypatch.setattr("comity.records.write.log", fail)
    answer = client.post("/segments/new/", NEW)
    page = answer.content.decode()
    assert answer.status_code == 503 and answer["Content-Type"].startswith("text/html")
    assert f'<html lang="{language}"' in page and message not in page and "Traceback" not in page
    assert "Content-Security-Policy" in answer.headers
    token = ApiToken.issue(person, "t", ["read", "write"], 1)[1]
    headers = {"authorization": f"Bearer {token}", "accept-language": language}
    answer = Client(headers=headers).post("/api/v1/segments", NEW, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["status"] == 503 and message not in answer.content.decode()
    assert counts(world) == before
    monkeypatch.undo()
    assert client.post("/segments/new/", NEW).status_code == 303


def test_reading_from_a_database_that_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_named: Any) -> None:
        raise OperationalError("connection refused")

    client = browser(world.person("relationship_manager"))
    monkeypatch.setattr("comity.records.reading.register", fail)
    assert client.get("/customers/").status_code == 503
    monkeypatch.undo()
    monkeypatch.setattr("comity.accounts.sign_in.CurrentPeople.get_user", fail)  # before any page is found
    answer = client.get("/customers/", headers={"accept-language": "zh-hans"})
    assert answer.status_code == 503 and "Traceback" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_database_file_that_cannot_grow() -> None:
    """SQLite's own refusal, not a staged one: what was there stays whole, and writing goes on once there is room."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such switch")
    world = build()
    client, before = browser(world.person("relationship_manager")), counts(world)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that earlier tests have left empty are room, too
        [pages] = cursor.execute("PRAGMA page_count").fetchone()
        [most] = cursor.execute("PRAGMA max_page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            answers = [client.post(f"{world.customer.url}post/", {"body": "x" * 20_000}) for _ in range(5)]
            assert {answer.status_code for answer in answers} == {503}
            assert client.get(world.customer.url).status_code == 200
        finally:
            cursor.execute(f"PRAGMA max_page_count = {most}")
    assert counts(world) == before
    assert client.post(f"{world.customer.url}post/", {"body": "There is room."}).status_code == 303
    assert counts(world)[1] == before[1] + 1
