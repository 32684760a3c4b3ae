"""The pages of an import: nothing is written before somebody has seen what would happen, and nobody sees another's."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.accounts.models import Person, Unit
from comity.intake.models import Import
from comity.jobs.models import Job
from comity.jobs.worker import Worker
from comity.parties.models import Customer

TABLE = "name,type,user_population\nAda,ad_hoc,12\nBob,nonsense,\n=cmd(),ad_hoc,many\n"


@pytest.fixture
def browser(manager: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(manager)
    return client


def upload(browser: Client, text: str = TABLE, **more: Any) -> Any:
    file = SimpleUploadedFile("table.csv", text.encode())
    return browser.post("/imports/", {"kind": "customer", "file": file, **more})


def work() -> None:
    """What the worker does now."""
    worker = Worker()
    for job in Job.objects.filter(name__startswith="comity.intake", state=Job.State.READY):
        Job.objects.exclude(pk=job.pk).filter(state=Job.State.READY).update(state=Job.State.DONE)
        worker.step()


def test_upload_check_apply(browser: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    answer = upload(browser)
    assert answer.status_code == 303
    page = answer.headers["Location"]
    assert "Waiting for the worker" in browser.get(page).content.decode()
    work()
    shown = browser.get(page).content.decode()
    assert (
        "Would be created" in shown
        and "many" not in shown.split('id="import"')[1].split("<table")[0]
        and "Enter a whole number" in shown
    )
    assert not Customer.objects.exists()
    listed = b"".join(browser.get(f"{page}remarks.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert listed.count("refused") == 2
    assert browser.post(f"{page}act/", {"act": "apply"}).status_code == 303
    work()
    assert Customer.objects.get().name == "Ada"
    assert Import.objects.get().state == Import.State.DONE
    assert 'value="apply"' not in browser.get(page).content.decode()
    browser.post(f"{page}act/", {"act": "apply"})
    assert Customer.objects.count() == 1
    assert "table.csv" in browser.get("/imports/").content.decode()


def test_changes_are_shown_from_old_to_new(browser: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    for text in ("name,user_population\nAda,12\n", "ref,user_population\nCUS-00001,13\n"):
        page = upload(browser, text).headers["Location"]
        work()
        shown = browser.get(page).content.decode()
        browser.post(f"{page}act/", {"act": "apply"})
        work()
    assert "12 → 13" in shown
    assert Customer.objects.get().user_population == 13


def test_a_cancelled_import_goes_on(browser: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    page = upload(browser).headers["Location"]
    browser.post(f"{page}act/", {"act": "cancel"})
    work()
    assert Import.objects.get().state == Import.State.CHECKING
    browser.post(f"{page}act/", {"act": "check"})
    work()
    assert Import.objects.get().state == Import.State.CHECKED


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("foo,bar\n1,2\n", {}),
        ("", {}),
        (TABLE, {"mapping": io.BytesIO(b"nonsense =")}),
        (TABLE, {"kind": "case"}),
    ],
)
def test_what_cannot_be_read_is_said_in_the_form(
    browser: Client, settings: Any, tmp_path: Any, text: str, more: dict[str, Any]
) -> None:
    settings.MEDIA_ROOT = tmp_path
    answer = upload(browser, text, **more)
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert not Import.objects.exists() and not list(tmp_path.glob("imports/*"))


def test_an_import_is_its_owners(browser: Client, unit: Unit, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    page = upload(browser).headers["Location"]
    guest = Person.objects.create_user("guest@example.org", "a long enough secret", name="Guest")
    other = Client()
    other.force_login(guest)
    assert [other.get(where).status_code for where in ("/imports/", page, f"{page}remarks.csv")] == [404, 404, 404]
    assert other.post(f"{page}act/", {"act": "apply"}).status_code == 404
