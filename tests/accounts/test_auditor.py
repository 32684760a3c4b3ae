"""An auditor from outside: lets in by mail, reads one unit, changes nothing at any door, is logged, and ends."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string

from comity.accounts.models import ApiToken, Grant, Person
from comity.accounts.roles import Role
from comity.home.administration import auditors
from comity.home.administration.auditors import InviteForm, invite
from comity.jobs.models import Job
from comity.records import write
from comity.records.access import readable
from comity.records.kind import Kind
from comity.records.models import Entry, File, Follow, Link, SavedView, writing
from comity.records.write import Actor
from tests.api.conftest import Machine
from tests.api.samples import created
from tests.web.visitors import KINDS, NAMES
from tests.worlds import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db
PAGE = "/settings/auditors/"
ADDRESS = "eva@auditors.example"


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="comity.accounts.sign_in.CurrentPeople")
    return client


def asked(world: World, **values: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {"name": "Eva Auditor", "email": ADDRESS, "language": "en", "unit": world.north.pk, "first": today,
            "last": today + timedelta(days=13)} | values  # fmt: skip


@pytest.fixture
def eva(world: World) -> Person:
    """An auditor of North, invited."""
    given = asked(world, unit=world.north)
    return invite(given, Actor(world.person("administrator")))


def work(name: str) -> None:
    """Do what waits for the worker under this name."""
    for job in Job.objects.filter(name__endswith=name, state=Job.State.READY):
        import_string(job.name).call(*job.args, **job.kwargs)
        job.delete()


def sign_in_by_mail(email: str) -> Client:
    """Ask for a link, read the mail, press the button."""
    cache.clear()
    client = Client()
    client.post("/accounts/link/", {"email": email})
    work("send_link")
    links = [found for one in mail.outbox for found in re.findall(r"(/accounts/link/[^/\s]+/)", one.body)]
    if links:
        client.post(links[-1])
    return client


def is_in(client: Client) -> bool:
    return client.get("/cases/").status_code == 200


@pytest.mark.parametrize("who", ["administrator", "process_manager"])
def test_invited_by_mail_and_signed_in_by_a_link(world: World, who: str) -> None:
    inviter = client_of(world.person(who))
    assert PAGE in inviter.get("/settings/").content.decode()
    assert inviter.post(PAGE, asked(world)).status_code == 303
    work("send_invitation")
    (letter,) = mail.outbox
    assert letter.to == [ADDRESS] and "/accounts/link/" in letter.body and "logged" in letter.body
    assert not re.search("/accounts/link/[^\\s]", letter.body), "the mail itself opens nothing"
    client = sign_in_by_mail(ADDRESS)
    assert is_in(client)
    eva = Person.objects.get(email=ADDRESS)
    assert not eva.has_usable_password() and eva.ends_on == timezone.localdate() + timedelta(days=14)
    page = inviter.get(PAGE).content.decode()
    assert ADDRESS in page and "End now" in page
    assert set(Entry.objects.filter(kind="person", record_id=eva.pk).values_list("act", flat=True)) >= {
        "added",
        "granted",
    }


@pytest.mark.parametrize("who", ["complaint_handler", "senior_manager", "auditor", "customer_contact"])
def test_others_invite_nobody(world: World, who: str) -> None:
    client = client_of(world.person(who))
    for answer in (client.get(PAGE), client.post(PAGE, asked(world))):
        assert answer.status_code in (403, 404)
    assert not Person.objects.filter(email=ADDRESS).exists()


def test_a_process_manager_opens_what_is_managed_and_no_more(world: World) -> None:
    manager = world.person("process_manager")
    Grant.objects.filter(person=manager).update(unit=world.south)
    answer = client_of(manager).post(PAGE, asked(world, unit=world.north.pk))
    assert answer.status_code == 422 and not Person.objects.filter(email=ADDRESS).exists()
    assert client_of(manager).post(PAGE, asked(world, unit=world.south.pk)).status_code == 303


@pytest.mark.parametrize(
    "wrong", [{"email": "service_desk@provider.example"}, {"email": "customer_contact@provider.example"},
              {"email": "x"}, {"name": ""}, {"unit": ""}, {"days": -1}, {"days": 92}, {"ago": 1}]
)  # fmt: skip
def test_nobody_inside_no_past_and_no_years(world: World, wrong: dict[str, Any]) -> None:
    today, people, grants = timezone.localdate(), Person.objects.count(), Grant.objects.count()
    given = {name: value for name, value in wrong.items() if name not in ("days", "ago")}
    given |= {"last": today + timedelta(days=wrong["days"])} if "days" in wrong else {}
    given |= {"first": today - timedelta(days=1)} if "ago" in wrong else {}
    answer = client_of(world.person("administrator")).post(PAGE, asked(world, **given))
    assert answer.status_code == 422
    assert (Person.objects.count(), Grant.objects.count()) == (people, grants)


def test_the_default_is_two_weeks(world: World) -> None:
    form = InviteForm(person=world.person("administrator"))
    assert form.initial["last"] - form.initial["first"] == timedelta(days=13)


def test_before_the_first_day_and_after_the_last_nothing_opens(world: World) -> None:
    today = timezone.localdate()
    given = asked(world, unit=world.north, first=today + timedelta(days=2), last=today + timedelta(days=5))
    eva = invite(given, Actor(world.person("administrator")))
    secret = ApiToken.issue(eva, "t", ["read", "write"], 90)[1]
    client, machine = client_of(eva), Machine(secret)

    def opens() -> tuple[bool, bool, bool]:
        mail.outbox.clear()
        return (
            is_in(client_of(Person.objects.get(pk=eva.pk))),
            machine("GET", "cases").status_code == 200,
            is_in(sign_in_by_mail(ADDRESS)),
        )

    assert opens() == (False, False, False)
    assert not is_in(client)
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=2, hours=1), tick=True):
        client = client_of(eva)
        assert is_in(client) and opens() == (True, True, True)
    with time_machine.travel(now + timedelta(days=6, hours=1), tick=True):
        assert not is_in(client), "a session that is still open"
        assert opens() == (False, False, False)


def test_ended_at_once_for_session_and_token_and_invited_again(world: World, eva: Person) -> None:
    admin, client = client_of(world.person("administrator")), client_of(eva)
    machine = Machine(ApiToken.issue(eva, "t", ["read"], 90)[1])
    assert is_in(client) and machine("GET", "cases").status_code == 200
    assert admin.post(f"{PAGE}{eva.pk}/close/").status_code == 303
    assert not is_in(client) and machine("GET", "cases").status_code == 401
    assert admin.post(f"{PAGE}{world.person('auditor').pk}/close/").status_code == 303
    assert admin.post(f"{PAGE}{world.person('service_desk').pk}/close/").status_code == 404
    assert Person.objects.get(pk=world.person("service_desk").pk).current
    assert admin.post(PAGE, asked(world)).status_code == 303
    assert is_in(client_of(Person.objects.get(pk=eva.pk)))


def test_every_look_is_logged_and_without_a_log_nothing_is_given(
    world: World, eva: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.create("customer", "relationship_manager", name="Northern", unit="North")
    lines = Entry.objects.filter(kind="person", record_id=eva.pk, act="looked")
    client, machine = client_of(eva), Machine(ApiToken.issue(eva, "t", ["read"], 90)[1])
    for path in (customer.url, "/customers/?q=north", "/customers/export/?format=csv"):
        assert client.get(path).status_code == 200, path
        line = lines.order_by("-pk")[0]
        assert line.changes == {"page": [None, path]} and line.via == "web"
    assert machine("GET", f"customers/{customer.ref}").status_code == 200
    line = lines.order_by("-pk")[0]
    assert (line.via, line.changes["page"][1]) == ("api", f"/api/v1/customers/{customer.ref}")
    before = lines.count()
    assert client.get("/customers/CUS-99999/").status_code == 404 and lines.count() == before
    staff = client_of(world.person("service_desk"))
    assert (
        staff.get("/customers/").status_code == 200
        and not Entry.objects.filter(act="looked").exclude(record_id=eva.pk).exists()
    )
    trail = client_of(world.person("operations_director")).get(f"/settings/trail/?act=looked&person={ADDRESS}")
    assert customer.url in trail.content.decode()

    def full(*_: Any, **__: Any) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(auditors, "log", full)
    careless = client_of(eva)
    careless.raise_request_exception = False
    answer = careless.get(customer.url)
    assert answer.status_code >= 500 and b"Northern" not in answer.content


def samples(world: World, kind: Kind) -> tuple[Any, Any]:
    """A record of the kind in North and one in South."""
    everyone = Person.objects.create_user("everyone@provider.example", name="Everyone")
    for role in set(Role) - {Role.CUSTOMER_CONTACT, Role.SUPPLIER_CONTACT, Role.ADMINISTRATOR, Role.AUDITOR}:
        Grant.objects.create(person=everyone, unit=world.root, role=role)
    machine = Machine(ApiToken.issue(everyone, "t", ["read", "write"], 1)[1])
    refs = [created(machine, kind)["ref"] for _ in range(2)]
    rows = [kind.model._base_manager.get(ref=ref) for ref in refs]
    for row, unit in zip(rows, (world.north, world.south), strict=True):
        with writing():
            kind.model._base_manager.filter(pk=row.pk).update(unit=unit)
        row.refresh_from_db()
    first, second = rows
    return first, second


def state(kind: Kind) -> tuple[Any, ...]:
    """Everything that an act could have left behind. Looks are logged, and are no acts."""
    acts = Entry.objects.exclude(act__in=("looked", "read")).count()
    rows = list(kind.model._base_manager.order_by("pk").values_list("pk", "version"))
    return acts, rows, File.objects.count(), Link.objects.count(), Follow.objects.count(), SavedView.objects.count()


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_at_every_door_one_unit_is_read_and_nothing_is_changed(world: World, eva: Person, kind: Kind) -> None:
    """Pages, API, files, exports, imports, bulk acts: of every kind."""
    inside, outside = samples(world, kind)
    client, machine = client_of(eva), Machine(ApiToken.issue(eva, "t", ["read", "write"], 9)[1])
    client.raise_request_exception = False
    open_ones = set(readable(kind, Person.objects.get(pk=eva.pk)).values_list("pk", flat=True))
    everywhere = kind.name in ("waiver", "exclusion")  # decisions about verdicts, which are read by all who read those
    assert (outside.pk in open_ones) is everywhere
    expected, elsewhere = 200 if inside.pk in open_ones else 404, 200 if everywhere else 404
    upload = SimpleUploadedFile("x.csv", f"ref,title\n{inside.ref},changed\n".encode(), "text/csv")
    before = state(kind)

    register = client.get(kind.url)
    assert register.status_code == 200 and (outside.ref in register.content.decode()) is everywhere
    exported = client.get(f"{kind.url}export/?format=csv")
    text = b"".join(exported.streaming_content if exported.streaming else [exported.content]).decode()
    assert (outside.ref in text) is everywhere and (inside.ref in text) is (expected == 200)
    assert client.get(inside.url).status_code == expected and client.get(outside.url).status_code == elsewhere
    assert machine("GET", f"{kind.path}/{inside.ref}").status_code == expected
    assert machine("GET", f"{kind.path}/{outside.ref}").status_code == elsewhere
    for name in ("timeline", "files", "transitions"):
        assert machine("GET", f"{kind.path}/{inside.ref}/{name}").status_code == expected
        assert machine("GET", f"{kind.path}/{outside.ref}/{name}").status_code == elsewhere

    moves = [move.name for move in kind.workflow.moves] if kind.workflow else []
    refused = (400, 403, 404, 405, 409, 422)
    for record in (inside, outside):
        words = {"version": record.version, "note": "x", "body": "x", "on": "1", "to": world.customer.ref}
        for part in ("edit", "post", "follow", "link", *moves):
            answer = client.post(f"{record.url}{part}/", words)
            assert answer.status_code in (403, 404), (part, answer.status_code)
        address = f"{kind.path}/{record.ref}"
        body = {"version": record.version}
        assert machine("PATCH", address, body | {"owner": ADDRESS}).status_code in (403, 404)
        for part, sent in [("posts", {"body": "x"}), ("links", {"to": world.customer.ref})] + [
            (f"transitions/{move}", body | {"note": "x"}) for move in moves
        ]:
            assert machine("POST", f"{address}/{part}", sent).status_code in refused, part
        answer = machine.client.post(f"/api/v1/{address}/files", {"file": upload}, headers=machine.headers)
        assert answer.status_code in (403, 404)
        client.post(f"{record.url}post/", {"body": "x", "files": upload})
    assert client.get(f"{kind.url}new/").status_code in (403, 404)
    assert client.post(f"{kind.url}new/", {}).status_code in (403, 404)
    assert machine("POST", kind.path, {}).status_code in (403, 404)
    machine("POST", f"{kind.path}/bulk", [{}])
    for do in ("update", "transition", "archive", *moves):
        client.post(f"{kind.url}bulk/", {"do": do, "act": do, "refs": [inside.ref], "ref": inside.ref, "sure": "1"})
    client.post(f"{kind.url}views/", {"name": "mine", "shared": "1", "query": "q=x"})
    assert state(kind) == before


PLACES = (
    "/imports/", "/imports/new/", "/settings/calendars/new/", "/settings/lists/", "/settings/letterhead/",
    "/settings/webhooks/new/", "/settings/auditors/", "/accounts/people/new/", "/accounts/units/", "/bulk/",
    "/cases/intake/",
)  # fmt: skip


@pytest.mark.parametrize("path", PLACES)
def test_pages_of_no_kind_change_nothing_either(world: World, eva: Person, path: str) -> None:
    client = client_of(eva)
    client.raise_request_exception = False
    before = Entry.objects.exclude(act__in=("looked", "read")).count()
    upload = SimpleUploadedFile("x.csv", b"name\nx\n", "text/csv")
    answer = client.post(path, {"name": "x", "email": "x@example.org", "file": upload, "kind": "customer"})
    assert answer.status_code in (403, 404, 405), answer.status_code
    assert Entry.objects.exclude(act__in=("looked", "read")).count() == before


def test_nothing_leads_up(world: World, eva: Person) -> None:
    """Neither another acting group nor the portal nor anybody's else's files."""
    client = client_of(eva)
    assert client.post("/accounts/act-as/", {"group": "administrator"}).status_code == 403
    assert client.get("/portal/").status_code in (403, 404)
    case = world.create("customer", "relationship_manager", name="Southern", unit="South")
    kept = write.attach(case, SimpleUploadedFile("s.txt", b"secret"), actor=world.actor("relationship_manager"))
    assert client.get(f"{case.url}files/{kept.pk}/").status_code == 404
