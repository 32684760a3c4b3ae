"""The letterhead: administrators change it, everybody who reads settings sees it, the trail keeps what it was."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.records.models import Entry
from comity.reports.models import Letterhead

PATH = "/settings/letterhead/"
NEW = {"name": "Root Services", "address": "Quay 1\n20457 Hamburg", "email": "care@provider.example"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>'


def test_an_administrator_changes_it_and_the_trail_says_so(world, as_):
    client = as_("administrator")
    assert client.post(PATH, NEW).status_code == 303
    assert Letterhead.current().lines == ["Quay 1", "20457 Hamburg"]
    line = Entry.objects.filter(kind="letterhead").get()
    assert line.changes["name"] == ["", "Root Services"] and line.actor == world.person("administrator").name
    assert client.post(PATH, NEW).status_code == 303
    assert Entry.objects.filter(kind="letterhead").count() == 1
    assert "Root Services" in as_("auditor").get(PATH).content.decode()


@pytest.mark.parametrize("name", ["auditor", "process_manager", "operations_director", "senior_manager"])
def test_others_read_it_only(world, as_, name):
    assert as_(name).get(PATH).status_code in (200, 403)
    assert as_(name).post(PATH, NEW).status_code == 403
    assert not Letterhead.objects.exists() and not Entry.objects.filter(kind="letterhead").exists()


def test_a_logo_is_printed_and_can_be_taken_away(world, as_):
    client = as_("administrator")
    assert client.post(PATH, NEW | {"logo": SimpleUploadedFile("logo.svg", SVG)}).status_code == 303
    assert Letterhead.current().data()["logo"] == {"bytes": list(SVG), "type": "svg"}
    assert client.get(f"{PATH}?sample").content.startswith(b"%PDF")
    assert client.post(PATH, NEW | {"no_logo": "on"}).status_code == 303
    assert Letterhead.current().data()["logo"] is None


@pytest.mark.parametrize("content", [b"GIF89a....", b"\x89PNG broken", b"x" * 200_000, b"<svg><broken"])
def test_a_logo_that_cannot_be_printed_is_refused(world, as_, content):
    answer = as_("administrator").post(PATH, NEW | {"logo": SimpleUploadedFile("logo.png", content)})
    assert answer.status_code == 422 and not Letterhead.objects.exists()
    assert not Entry.objects.filter(kind="letterhead").exists()
