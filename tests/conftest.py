"""What every test gets: no network, no real passwords, a temporary data folder, the engine that was asked for."""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

ROOT = Path(__file__).resolve().parent.parent
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

RARE = ("slow", "browser")

gc.disable()  # until all is loaded: `pytest_collection_finish`

# Playwright keeps an event loop in the thread that also uses the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """When few are wanted, by their marker, a file that does not spell it is not even imported."""
    wanted = config.getoption("markexpr").partition(" ")[0]
    unsaid = wanted in RARE and collection_path.name.startswith("test_") and not _says(collection_path, wanted)
    return unsaid or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A rare marker is spelt in the file itself (`pytest_ignore_collect`).

    Of the quick tests, what asks no database is the same on every engine: once is enough, on SQLite.

    Of the slow ones, what asks none starts whole installations and takes longest: it begins first.
    """
    for marker in RARE:
        marked = {item.path for item in items if item.get_closest_marker(marker)}
        if unsaid := [str(path) for path in marked if not _says(path, marker)]:
            raise pytest.UsageError(f"say pytest.mark.{marker} in {', '.join(unsaid)}")
    wanted = config.getoption("markexpr")
    if wanted.startswith("slow"):
        items.sort(key=_asks)
    elif os.environ.get("COMITY_TEST_ENGINE") == "postgresql" and "not slow" in wanted:
        config.hook.pytest_deselected(items=[item for item in items if not _asks(item)])
        items[:] = filter(_asks, items)


def _says(path: Path, marker: str) -> bool:
    return f"mark.{marker}" in path.read_text()


def _asks(item: pytest.Item) -> bool:
    return bool({"db", "transactional_db"} & _needs(item))


def _needs(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ())) | ({"db"} if item.get_closest_marker("django_db") else set())


_ready: list[bool] = []  # once there is a database


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of our own making (`tests.databases`), for as long as this process has tests."""
    from tests import databases, standing, worlds

    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(databases.own())
        _ready.append(True)
        yield
        with django_db_blocker.unblock():
            standing.stand((), worlds.cast)
            stack.close()


@pytest.fixture
def prepared(tmp_path: Path, django_test_environment: None, django_db_blocker: Any) -> Iterator[str]:
    """A migrated database for an installation on the folder `tmp_path`: the value of its DATABASE_URL."""
    from tests import databases

    with ExitStack() as stack:
        with django_db_blocker.unblock():
            url = stack.enter_context(databases.another(tmp_path))
        yield url


def pytest_collection_finish() -> None:
    """What is loaded by now stays: no need to look through a million objects for garbage again and again."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The world stands around the tests that want it, unless they need transactions of their own."""
    from tests import standing, worlds

    needs, marker = _needs(item), item.get_closest_marker("django_db")
    real = needs & {"transactional_db", "live_server"} or (marker and marker.kwargs.get("transaction"))
    if _ready and needs & {"db", "transactional_db"}:
        with item.config.stash[blocking_manager_key].unblock():
            standing.stand(() if real else worlds.layers(needs), worlds.cast)


def pytest_report_header() -> str:
    """Say which engine is under test."""
    from django.db import connection

    return f"engine: {connection.vendor}"


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """A request leaves its reader's language behind in this thread; the next test begins in English."""
    yield
    from django.utils import translation

    translation.activate("en")


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """Each test client has its own middleware, and each of those would walk through all static files again."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    walk, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def known(served: WhiteNoiseMiddleware) -> None:
        if not found:
            walk(served)
            found.update(served.files)
        served.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", known)
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied_after_real_transactions() -> Iterator[None]:
    """The trail refuses to be emptied, as it must; between tests with real transactions its guards are lifted.

    The search table is none of Django's and goes with them. Tests of a few apps' tables leave the trail alone.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    from comity.records import sql

    empty = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        if case.available_apps is not None:
            return empty(case)
        with connection.schema_editor() as editor:
            sql.remove(None, editor)
        empty(case)
        with connection.schema_editor() as editor:
            sql.install(None, editor)
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder with real data; tests over it are marked `reference` and read `facts.json` for the counts."""
    folder = Path(os.environ.get("COMITY_REFERENCE_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no reference data: set COMITY_REFERENCE_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; where it is missing the test is skipped, or fails if COMITY_BROWSER_REQUIRED is set."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        missing = "no chromium found: install Debian's package `chromium`"
        if os.environ.get("COMITY_BROWSER_REQUIRED"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path


@pytest.fixture(scope="session")
def browser(chromium: str):  # type: ignore[no-untyped-def]
    """One Chromium for all journeys."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):  # type: ignore[no-untyped-def]
    """A fresh browser profile with one empty page, in English."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    yield page
    context.close()
