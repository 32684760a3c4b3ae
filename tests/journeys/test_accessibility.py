"""Every sort of page against the rules of accessibility: light and dark, wide and narrow, in both languages.

A theme changes colours and nothing else (the style sheet has each colour twice, in `light-dark()`), so the dark look is
held against contrast only, and once. A language changes everything but colours, so they are looked at in one; narrow
pages have the words of the wide ones and the parts of those in the first language, so what is left to ask of them in
the second is their room. Scripts are injected once for each load, and looks are changed without a new one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.db import OperationalError
from django.utils.translation import override
from playwright.sync_api import Page, expect

from comity.accounts.models import Person
from comity.clocks.models import CalendarDay, fill_holidays
from comity.config.errors import SAID
from comity.intake.models import Import
from comity.jobs.models import Job
from comity.records import reading, write
from comity.records.access import readable
from comity.records.kind import Kind, kinds
from tests.api.conftest import Machine
from tests.api.of_each import maker
from tests.api.samples import created
from tests.journeys.conftest import Seat
from tests.journeys.test_busy_morning import RATED, received
from tests.web.visitors import creator, editor, one, staff
from tests.worlds import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Sit = Callable[..., Seat]
Act = Callable[[Page], Any]
Visit = str | tuple[str, Act]  # an address, and what is opened on its page

PARTS = 4  # of the kinds, which are looked at side by side
LANGUAGES = ("en", "zh-hans")
QUICK = {"resultTypes": ["violations"], "preload": False, "iframes": False}  # no page of ours has a frame
EVERYTHING = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], **QUICK}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, **QUICK}
COLOURLESS = {**EVERYTHING, "rules": {"color-contrast": {"enabled": False}}}  # a narrow page has those of the wide one
LOOKS = ((1280, "light", EVERYTHING), (1280, "dark", CONTRAST), (360, "light", COLOURLESS))
TRANSLATED = ((1280, "light", COLOURLESS), (360, "light", None))
BY_TURNS = (
    ((1280, "light", EVERYTHING), (360, "light", None)),
    ((360, "light", COLOURLESS), (1280, "dark", CONTRAST)),
)  # for pages that are drawn alike; None: nothing but the room that it takes
TALL = 4000  # nothing lies under a bar that sticks to the edge of a low window, where it can be scrolled away from
RUN = """async rules => (await axe.run(document, rules)).violations
  .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(" | ")}`)"""
WIDE = """[...document.querySelectorAll("main *")].filter(part => part.getBoundingClientRect().right > innerWidth)
  .map(part => `${part.tagName}.${part.className} ${part.textContent.slice(0, 30)}`).slice(-3)"""


def faults(page: Page, looks: Any = LOOKS) -> Iterator[str]:
    """What the page breaks, in each look."""
    page.evaluate(AXE_SCRIPT)
    for width, scheme, rules in looks:
        page.set_viewport_size({"width": width, "height": TALL})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            yield f"{page.url} {width}: too wide: {page.evaluate(WIDE)}"
        for broken in page.evaluate(RUN, rules) if rules else ():
            yield f"{page.url} {scheme} {width}: {broken}"


def visited(seat: Seat, language: str, visits: list[Visit], alike: bool = False, looks: Any = LOOKS) -> Iterator[str]:
    """What the pages break. Those that are `alike` take turns with the looks, and sorts that take turns do so, too."""
    for n, visit in enumerate(visits):
        path, act = (visit, None) if isinstance(visit, str) else visit
        seat.page.set_viewport_size({"width": LOOKS[0][0], "height": 800})
        page = seat.go(path)
        if act:
            act(page)
        assert page.locator("html").get_attribute("lang") == language, page.url
        yield from faults(page, BY_TURNS[(n + n // 4) % 2] if alike else looks)


def check(
    seat: Seat, person: Person, visits: list[Visit], languages: Sequence[str] = LANGUAGES, alike: bool = False
) -> None:
    """Look at the pages as this person, in these languages."""
    wrong: list[str] = []
    seat.sign_in(person)
    for language in languages:
        Person.objects.filter(pk=person.pk).update(language=language)
        wrong += visited(seat, language, visits, alike, LOOKS if language == languages[0] else TRANSLATED)
    assert not wrong, "\n".join(wrong)


def check_by_turns(seat: Seat, person: Person, visits: list[Visit]) -> None:
    """Look at every other page in the other language: for pages that are drawn alike."""
    for n, language in enumerate(LANGUAGES):
        check(seat, person, visits[n :: len(LANGUAGES)], (language,), alike=True)


# --- what is opened on a page -----------------------------------------------------------------------------------------


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] [role=option]")


def shortcuts(page: Page) -> None:
    page.keyboard.press("?")
    page.wait_for_selector("#shortcuts[open]")


def menu(page: Page) -> None:
    page.click(".top [popovertarget=me]")


def views(page: Page) -> None:
    page.click("[popovertarget=views]")


def first_step(page: Page) -> None:
    page.locator(".steps a.primary").first.click()
    page.wait_for_selector("#sheet[open] form")


def refused(page: Page) -> None:
    """Send the form as it is."""
    page.locator("main form button.primary").last.click()
    page.wait_for_selector("main [role=alert]")


def says(status: int) -> Act:
    def act(page: Page) -> None:
        with override((page.locator("html").get_attribute("lang") or "en").lower()):
            expect(page.locator("h1")).to_have_text(str(SAID[status][0]))

    return act


def why(page: Page) -> None:
    page.locator(".aside details:has([hx-get]) summary").first.click()
    page.wait_for_load_state("networkidle")


# --- what there is to look at -----------------------------------------------------------------------------------------


@pytest.fixture
def case(provider: World) -> Any:
    """A case that has been escalated, paused and written about."""
    world, handler = provider, provider.email("complaint_handler")
    case = received(world, about=[world.email("assistant")], confidential=True)
    received(world, description="The same once more.")
    case = world.move(case, "acknowledge", "service_desk")
    case = world.move(case, "assess", "complaint_handler", handler=handler, **{**RATED, "severity": "major"})
    case = world.move(case, "investigate", "complaint_handler", investigator=handler)
    case = world.move(case, "answer", "complaint_handler", text="A technician is on the way.")
    write.post(case, "Called twice.", actor=world.actor("complaint_handler"))
    return case


@pytest.fixture
def machine(provider: World) -> Machine:
    return maker(provider)


def step_of(world: World, record: Any) -> tuple[Person, str] | None:
    """A step that somebody may take now, one that asks for something if there is one."""
    workflow = record.kind.workflow
    found = [
        (person, step.move)
        for person in staff(world)
        if readable(record.kind, person).filter(pk=record.pk).exists()
        for step in (workflow.available(record, write.Actor(person, "web")) if workflow else ())
        if step.allowed
    ]
    found.sort(key=lambda one: not (one[1].requires or one[1].form))
    return (found[0][0], f"{record.url}{found[0][1].name}/") if found else None


def pages_of(world: World, kind: Kind, machine: Machine, new: bool) -> Iterator[tuple[Person, Visit]]:
    """Register, record, form of a step, and that of a new one or of a change, which have the same fields."""
    found = one(world, kind)
    if found is None:
        created(machine, kind)
        found = one(world, kind)
    assert found, f"nobody reads {kind.name}"
    record, reader = found
    yield reader, kind.url
    yield reader, record.url
    maker, changer = creator(world, kind), editor(world, record)
    if maker and (new or not changer):
        yield maker, f"{kind.url}new/"
    elif changer:
        yield changer, f"{record.url}edit/"
    if step := step_of(world, record):
        yield step


@pytest.mark.parametrize("part", range(PARTS))
def test_every_kind(part: int, provider: World, seat: Sit, case: Any, machine: Machine) -> None:
    """All kinds are drawn by the same few templates: every other one is looked at in the other language and look."""
    visits: dict[tuple[int, str], list[Visit]] = {}
    for n, kind in list(enumerate(kinds()))[part::PARTS]:
        for person, visit in pages_of(provider, kind, machine, new=n % 4 < 2):
            visits.setdefault((person.pk, LANGUAGES[n % 2]), []).append(visit)
    people, somebody = {known.pk: known for known in provider.people.values()}, seat()
    for (pk, language), wanted in visits.items():
        check(somebody, people[pk], wanted, (language,), alike=True)


def test_the_desk(provider: World, seat: Sit, case: Any) -> None:
    visits: list[Visit] = [
        "/", ("/", palette), ("/", shortcuts), ("/", menu), ("/cases/", views), "/cases/?status=closed",
        (case.url, first_step), (case.url, why), f"{case.url}?tab=said", "/cases/intake/", ("/cases/intake/", refused),
        ("/cases/new/", refused), f"{case.url}assign/", f"{case.url}why/resolve/", f"{case.url}split/",
        f"{case.url}compare/?with=CMP-00002", f"{case.url}letter/COM-00002/", "/search/?q=aster", "/search/?q=nothing",
    ]  # fmt: skip
    somebody = seat()
    check(somebody, provider.person("complaint_handler"), visits)
    for name in ("process_manager", "operations_director"):
        check(somebody, provider.person(name), ["/"])


def test_settings(provider: World, seat: Sit, case: Any) -> None:
    world = provider
    manager, administrator = world.person("process_manager"), world.person("administrator")
    calendar = world.office
    calendar.country = "CN"
    calendar.save()
    fill_holidays(calendar, [2026])
    CalendarDay.objects.create(calendar=calendar, date="2026-12-24", until="2026-12-31", kind="holiday", label="Closed")
    Job.objects.create(name="records.drain", state="failed", error="RuntimeError: broken")
    Job.objects.create(name="comity.intake.jobs.run", state="running", done=420, total=5600)
    made = Import.objects.create(kind="case", person=manager, name="cases.csv", state="done", total=3, done=3)
    somebody = seat("process_manager")
    propose = somebody.go("/settings/parameters/complaint_ack_hours/")
    propose.fill("main form [name=value]", "6")
    propose.fill("main form [name=reason]", "Customers asked for it.")
    with propose.expect_navigation():
        propose.click("main form button.primary")
    one = f"/settings/calendars/{calendar.pk}/"
    visits: list[Visit] = [
        "/settings/", "/settings/calendars/", "/settings/calendars/new/", f"{one}edit/",
        f"{one}?year=2026&start=2026-02-13T16:00&value=3&unit=bd", f"{one}fill/?country=CN&years=2025&years=2026",
        "/settings/parameters/", "/settings/parameters/complaint_ack_hours/", "/settings/parameters/repeat_count/",
        "/settings/lists/", "/settings/lists/case_topic/", "/settings/jobs/", "/settings/trail/", "/settings/auditors/",
        "/settings/letterhead/", "/settings/webhooks/", "/settings/webhooks/new/", "/mail/",
    ]  # fmt: skip
    check_by_turns(somebody, administrator, visits)
    visits = [
        "/imports/", f"/imports/{made.pk}/", "/settings/", "/settings/parameters/", "/analysis/", "/notifications/",
        "/notifications/settings/", "/notices/", "/templates/texts/", "/knowledge/feedback/", "/help/",
        "/notices/new/", "/mail/",
    ]  # fmt: skip
    check_by_turns(somebody, manager, visits)


def test_accounts(provider: World, seat: Sit) -> None:
    administrator = provider.person("administrator")
    visits: list[Visit] = [
        "/accounts/people/", f"/accounts/people/{administrator.pk}/", "/accounts/people/new/", "/accounts/units/",
        "/accounts/me/", "/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/", "/cases/",
        "/accounts/reauthenticate/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/",
    ]  # fmt: skip
    check(seat(), administrator, visits)


def look_before_sign_in(seat: Sit, visits: list[Visit]) -> None:
    wrong: list[str] = []
    for language in LANGUAGES:
        stranger = seat(locale="zh-CN" if language == "zh-hans" else "en-GB")
        wrong += visited(stranger, language, visits, looks=LOOKS if language == LANGUAGES[0] else TRANSLATED)
    assert not wrong, "\n".join(wrong)


def test_before_sign_in(provider: World, seat: Sit) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    person = provider.person("service_desk")
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)

    def sign_in(page: Page, password: str = PASSWORD) -> None:
        page.fill("[name=login]", person.email)
        page.fill("[name=password]", password)
        page.click("main button.primary")
        page.wait_for_selector("[name=code]" if password == PASSWORD else "main [role=alert]")

    def forgotten(page: Page) -> None:
        page.fill("[name=email]", person.email)
        with page.expect_navigation():
            page.click("main button.primary")

    look_before_sign_in(
        seat,
        [
            "/accounts/login/", ("/accounts/login/", lambda page: sign_in(page, "wrong")), "/accounts/password/reset/",
            ("/accounts/password/reset/", forgotten), "/accounts/password/reset/key/1-wrong/", "/accounts/signup/",
            "/accounts/inactive/", "/accounts/nothing/", ("/accounts/login/", sign_in),
        ],
    )  # fmt: skip


def test_what_went_wrong(provider: World, seat: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    """400, 403, 404, 500 and 503; the browser notes failures of ours on its console, as it must."""
    from comity.web import finding

    def broken(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("broken on purpose")

    def full(kind: Kind, *rest: Any, **named: Any) -> Any:
        if kind.name == "service":
            raise OperationalError("database or disk is full")
        return register(kind, *rest, **named)

    monkeypatch.setattr(finding, "by_ref", broken)
    register = reading.register
    monkeypatch.setattr(reading, "register", full)
    logging.disable(logging.ERROR)
    someone = seat()
    try:
        visits: list[Visit] = [
            ("/customers/?after=zzz", says(400)), ("/customers/new/", says(403)), ("/nothing/", says(404)),
            ("/search/?q=CUS-00001", says(500)), ("/services/", says(503)),
        ]  # fmt: skip
        check(someone, provider.person("auditor"), visits)
    finally:
        logging.disable(logging.NOTSET)
    ours = [line for line in someone.complaints if "the server responded with a status of 50" in line]
    assert ours
    someone.complaints[:] = [line for line in someone.complaints if line not in ours]
