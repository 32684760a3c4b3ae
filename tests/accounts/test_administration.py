"""People, units and grants: only under the administrator group, and every act is told to the trail."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from comity.accounts.forgotten import send_reset
from comity.accounts.models import Grant, Person, Unit
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS, Role

from .conftest import PASSWORD, Make

SignIn = Callable[[Person], Client]
Told = list[tuple[Any, ...]]
PERSON = {"name": "Ben", "language": "en", "time_zone": "Asia/Shanghai", "starts_on": "2026-01-01"}
ADMIN = Role.ADMINISTRATOR
_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def state() -> list[object]:
    """All that the pages could change."""
    return [list(model.objects.order_by("pk").values()) for model in (Person, Grant, Unit)]


def doors(subject: Person, unit: Unit) -> list[tuple[str, dict[str, str]]]:
    grant = subject.grants.get()
    return [
        ("/accounts/people/new/", PERSON | {"email": "ben@example.com"}),
        (f"/accounts/people/{subject.pk}/", PERSON | {"email": "changed@example.com"}),
        (f"/accounts/people/{subject.pk}/active/", {"active": "0"}),
        (
            f"/accounts/people/{subject.pk}/grants/",
            {"role": "auditor", "unit": str(unit.pk), "starts_on": "2026-01-01"},
        ),
        (f"/accounts/grants/{grant.pk}/revoke/", {}),
        ("/accounts/units/", {"name": "East", "parent": str(unit.pk)}),
        (f"/accounts/units/{unit.pk}/", {"name": "Renamed"}),
    ]


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != ADMIN)])
def test_others_are_refused_and_nothing_changes(
    make: Make, signed_in: SignIn, root: Unit, told: Told, role: Role | None
) -> None:
    subject = make("ann", Role.SERVICE_DESK)
    client = signed_in(make("eve", *([role] if role else [])))
    before, refused = state(), 404 if role in CONTACTS else 403
    for path, data in doors(subject, root):
        assert client.post(path, data).status_code == refused, path
    for path in ("/accounts/people/", "/accounts/people/new/", f"/accounts/people/{subject.pk}/", "/accounts/units/"):
        assert client.get(path).status_code == refused, path
    assert state() == before
    assert told == []


def test_an_administrator_acting_under_another_group_is_refused(
    make: Make, signed_in: SignIn, root: Unit, told: Told
) -> None:
    subject = make("ann", Role.SERVICE_DESK)
    client = signed_in(make("eve", ADMIN, Role.AUDITOR))
    before = state()
    assert [client.post(path, data).status_code for path, data in doors(subject, root)] == [403] * 7
    assert (state(), told) == (before, [])


def test_what_does_not_exist_is_not_found(make: Make, signed_in: SignIn, told: Told) -> None:
    client = signed_in(make("eve", ADMIN))
    before = state()
    for path in ("people/999999/", "people/999999/active/", "people/999999/grants/", "grants/999999/revoke/"):
        assert client.post(f"/accounts/{path}").status_code == 404, path
    assert client.post("/accounts/units/999999/", {"name": "x"}).status_code == 404
    assert (state(), told) == (before, [])


def test_changes_are_made_by_post_only(make: Make, signed_in: SignIn, root: Unit) -> None:
    subject = make("ann", Role.SERVICE_DESK)
    client = signed_in(make("eve", ADMIN))
    before = state()
    for path in (
        f"people/{subject.pk}/active/",
        f"people/{subject.pk}/grants/",
        f"grants/{subject.grants.get().pk}/revoke/",
    ):
        assert client.get(f"/accounts/{path}").status_code == 405
    assert state() == before


def test_a_person_is_added_and_invited(make: Make, signed_in: SignIn, told: Told) -> None:
    admin = make("eve", ADMIN)
    answer = signed_in(admin).post("/accounts/people/new/", PERSON | {"email": "Ben@Example.com"})
    ben = Person.objects.get(email="ben@example.com")
    assert answer.headers["Location"] == f"/accounts/people/{ben.pk}/"
    assert not ben.has_usable_password()
    assert "/accounts/password/reset/key/" in mail.outbox[0].body
    [(actor, subject, act, changes)] = told
    assert (actor, subject, act) == (admin, ben, "added")
    assert changes["email"] == [None, "ben@example.com"]


def test_a_person_is_added_though_no_mail_can_be_sent(make: Make, signed_in: SignIn, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = _SMTP, "127.0.0.1", 1
    page = signed_in(make("eve", ADMIN)).post("/accounts/people/new/", PERSON | {"email": "b@example.com"}, follow=True)
    assert Person.objects.filter(email="b@example.com").exists()
    assert "no mail could be sent" in page.content.decode()


def test_two_people_cannot_share_an_address(make: Make, signed_in: SignIn) -> None:
    make("ann")
    client = signed_in(make("eve", ADMIN))
    before = state()
    page = client.post("/accounts/people/new/", PERSON | {"email": "ANN@example.com"})
    assert (page.status_code, state()) == (200, before)
    assert page.context["form"].errors["email"]


def test_a_person_is_changed(make: Make, signed_in: SignIn, told: Told) -> None:
    ann, admin = make("ann"), make("eve", ADMIN)
    data = PERSON | {"name": "Ann B.", "email": ann.email, "ends_on": "2026-02-01", "starts_on": "2020-01-01"}
    signed_in(admin).post(f"/accounts/people/{ann.pk}/", data)
    ann.refresh_from_db()
    assert (ann.name, ann.ends_on) == ("Ann B.", date(2026, 2, 1))
    assert told == [
        (
            admin,
            ann,
            "changed",
            {"name": ["ann", "Ann B."], "time_zone": ["UTC", "Asia/Shanghai"], "ends_on": [None, "2026-02-01"]},
        )
    ]


def test_the_former_address_lets_nobody_in(make: Make, signed_in: SignIn) -> None:
    ann, admin = make("ann"), signed_in(make("eve", ADMIN))
    Client().post("/accounts/login/", {"login": ann.email, "password": PASSWORD})
    admin.post(f"/accounts/people/{ann.pk}/", PERSON | {"email": "new@example.com"})
    for email, enters in (("ann@example.com", False), ("new@example.com", True)):
        client = Client()
        client.post("/accounts/login/", {"login": email, "password": PASSWORD})
        assert (client.get("/accounts/me/").status_code == 200) is enters, email
    send_reset.func("ann@example.com", "http://testserver")
    assert [message for message in mail.outbox if "ann@example.com" in message.to] == []


def test_a_person_is_deactivated_and_let_in_again(make: Make, signed_in: SignIn, told: Told) -> None:
    ann, client = make("ann"), signed_in(make("eve", ADMIN))
    theirs, idle = signed_in(ann), signed_in(ann)
    client.post(f"/accounts/people/{ann.pk}/active/", {"active": "0"})
    assert theirs.get("/accounts/me/").status_code == 302
    client.post(f"/accounts/people/{ann.pk}/active/", {"active": "1"})
    assert idle.get("/accounts/me/").status_code == 302, "a session of before comes back"
    assert signed_in(Person.objects.get(pk=ann.pk)).get("/accounts/me/").status_code == 200
    assert [act for _actor, _subject, act, _changes in told] == ["deactivated", "activated"]


def test_who_comes_back_after_the_last_day_begins_anew(make: Make, signed_in: SignIn) -> None:
    ann = make("ann")
    idle = signed_in(ann)
    for day in (timezone.localdate(), None):
        ann.ends_on = day
        ann.save(update_fields=["ends_on"])
    assert idle.get("/accounts/me/").status_code == 302
    again = signed_in(Person.objects.get(pk=ann.pk))
    ann.name = "Ann B."
    ann.save()
    assert again.get("/accounts/me/").status_code == 200


def test_administrators_do_not_shut_out_themselves(make: Make, signed_in: SignIn, told: Told) -> None:
    admin = make("eve", ADMIN)
    client, before = signed_in(admin), state()
    assert client.post(f"/accounts/people/{admin.pk}/active/", {"active": "0"}).status_code == 403
    assert client.post(f"/accounts/grants/{admin.grants.get().pk}/revoke/").status_code == 403
    assert (state(), told) == (before, [])


def test_a_role_is_granted_and_revoked(make: Make, signed_in: SignIn, branch: Unit, told: Told) -> None:
    ann, client = make("ann"), signed_in(make("eve", ADMIN))
    data = {"role": "complaint_handler", "unit": branch.pk, "starts_on": "2020-01-01"}
    client.post(f"/accounts/people/{ann.pk}/grants/", data)
    assert rights_of(Person.objects.get(pk=ann.pk)).units({Role.COMPLAINT_HANDLER}) == {branch.pk}
    page = client.post(f"/accounts/people/{ann.pk}/grants/", data)
    assert page.context["grant_form"].errors and ann.grants.count() == 1
    client.post(f"/accounts/grants/{ann.grants.get().pk}/revoke/")
    assert rights_of(Person.objects.get(pk=ann.pk)).roles == frozenset()
    assert ann.grants.get().ends_on == timezone.localdate()
    assert [act for _actor, _subject, act, _changes in told] == ["granted", "revoked"]


def test_a_grant_cannot_end_before_it_starts(make: Make, signed_in: SignIn, root: Unit) -> None:
    ann, client = make("ann"), signed_in(make("eve", ADMIN))
    data = {"role": "auditor", "unit": root.pk, "starts_on": "2026-02-01", "ends_on": "2026-01-01"}
    page = client.post(f"/accounts/people/{ann.pk}/grants/", data)
    assert page.status_code == 200 and not ann.grants.exists()


def test_a_grant_to_come_can_be_revoked(make: Make, signed_in: SignIn, root: Unit) -> None:
    ann, tomorrow = make("ann"), timezone.localdate() + timedelta(1)
    grant = Grant.objects.create(person=ann, unit=root, role=Role.AUDITOR, starts_on=tomorrow)
    signed_in(make("eve", ADMIN)).post(f"/accounts/grants/{grant.pk}/revoke/")
    grant.refresh_from_db()
    assert grant.ends_on == grant.starts_on == tomorrow


def test_units_are_added_moved_and_never_below_themselves(
    make: Make, signed_in: SignIn, root: Unit, branch: Unit, told: Told
) -> None:
    client = signed_in(make("eve", ADMIN))
    client.post("/accounts/units/", {"name": "Team", "parent": branch.pk})
    team = Unit.objects.get(name="Team")
    page = client.post(f"/accounts/units/{branch.pk}/", {"name": "North", "parent": team.pk})
    assert page.context["form"].errors["parent"]
    client.post(f"/accounts/units/{team.pk}/", {"name": "Team", "parent": root.pk})
    team.refresh_from_db()
    assert team.path == f"{root.pk}/{team.pk}/"
    assert [act for _actor, _subject, act, _changes in told] == ["unit_added", "unit_changed"]


def test_the_list_costs_the_same_for_many(make: Make, signed_in: SignIn, django_assert_max_num_queries: Any) -> None:
    client = signed_in(make("eve", ADMIN))
    for n in range(20):
        make(f"person{n}", Role.AUDITOR, Role.SERVICE_DESK)
    with django_assert_max_num_queries(8):
        page = client.get("/accounts/people/")
    assert "person19" in page.content.decode()
    page = client.get("/accounts/people/", {"q": "person7"})
    assert [person.name for person in page.context["people"]] == ["person7"]


def test_people_set_their_own_page(make: Make, signed_in: SignIn) -> None:
    ann, ben = make("ann"), make("ben", Role.SERVICE_DESK)
    data = {"name": "Ann", "language": "zh-hans", "time_zone": "Asia/Shanghai", "theme": "dark", "stand_in": ben.pk}
    client = signed_in(ann)
    assert client.post("/accounts/me/", data | {"email": "x@example.com", "is_active": ""}).status_code == 302
    ann.refresh_from_db()
    assert (ann.language, ann.time_zone, ann.theme, ann.stand_in) == ("zh-hans", "Asia/Shanghai", "dark", ben)
    assert ann.email == "ann@example.com" and ann.is_active
    assert client.post("/accounts/me/", data | {"time_zone": "Mars/Olympus"}).status_code == 200
    ann.refresh_from_db()
    assert ann.time_zone == "Asia/Shanghai"


def test_the_acting_group_is_switched_and_told(make: Make, signed_in: SignIn, told: Told) -> None:
    person = make("eve", ADMIN, Role.AUDITOR)
    client = signed_in(person)
    assert "Acting group" in client.get("/accounts/me/").content.decode()
    assert client.get("/accounts/people/").status_code == 403
    client.post("/accounts/act-as/", {"group": "administrator"})
    assert client.get("/accounts/people/").status_code == 200
    client.post("/accounts/act-as/", {"group": ""})
    assert client.get("/accounts/people/").status_code == 403
    assert [changes["acting_group"] for *_rest, changes in told] == [["", "administrator"], ["administrator", ""]]


@pytest.mark.parametrize(("roles", "group"), [((Role.AUDITOR,), "administrator"), ((ADMIN, Role.AUDITOR), "auditor")])
def test_nobody_switches_to_what_is_no_choice(
    make: Make, signed_in: SignIn, roles: tuple[Role, ...], group: str
) -> None:
    client, before = signed_in(make("eve", *roles)), None
    before = state()
    assert client.post("/accounts/act-as/", {"group": group}).status_code == 403
    assert state()[1:] == before[1:] and not Person.objects.exclude(acting_group="").exists()


def test_createadmin_begins_an_organisation(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_ADMIN_PASSWORD", PASSWORD)
    for _ in range(2):
        call_command("createadmin", "Boss@example.com", "--name", "Boss")
    boss = Person.objects.get()
    assert (boss.email, boss.check_password(PASSWORD), Unit.objects.count()) == ("boss@example.com", True, 1)
    assert rights_of(boss).roles == {ADMIN} and boss.grants.count() == 1
    monkeypatch.setenv("COMITY_ADMIN_PASSWORD", "short")
    with pytest.raises(CommandError):
        call_command("createadmin", "other@example.com")
    assert Person.objects.count() == 1
