"""Signing in by a mailed link: once, soon, for contacts alone, and without telling who has an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from comity.accounts import links
from comity.accounts.models import Person, SignInLink
from comity.accounts.roles import Role
from comity.jobs.models import Job

from .conftest import Make

ASK = "/accounts/link/"


@pytest.fixture(autouse=True)
def _uncounted(db: None) -> None:
    cache.clear()


def ask(address: str, client: Client | None = None) -> str:
    """The page that answers, after the worker has done what there is to do."""
    answer = (client or Client()).post(ASK, {"email": address})
    assert answer.status_code == 200
    for job in Job.objects.filter(state=Job.State.READY, name__endswith="send_link"):
        links.send_link.func(*job.args, **job.kwargs)
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    return str(answer.content.decode())


def mailed() -> str:
    """The path of the link in the newest mail."""
    return re.search(r"http://testserver(/accounts/link/\S+/)\n", mail.outbox[-1].body)[1]  # type: ignore[index]


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def contact(make: Make) -> Person:
    return make("cara", Role.CUSTOMER_CONTACT)


def test_it_lets_in_once_after_a_button_was_pressed(contact: Person) -> None:
    ask("CARA@example.com ")
    path, client = mailed(), Client()
    for _n in range(3):  # programs that look into mails open addresses
        page = client.get(path)
        assert page.status_code == 200 and "Cara" not in page.content.decode() and "cara" in page.content.decode()
    assert not is_in(client)
    answer = client.post(path)
    assert (answer.status_code, answer["Location"]) == (302, "/portal/") and is_in(client)
    again = Client()
    assert again.post(path).status_code == 410 and again.get(path).status_code == 410 and not is_in(again)


def test_one_that_was_used_ends_the_others(contact: Person, make: Make) -> None:
    make("other", Role.CUSTOMER_CONTACT)
    paths = []
    for name in ("cara", "cara", "other"):
        ask(f"{name}@example.com")
        paths.append(mailed())
    assert Client().post(paths[0]).status_code == 302
    client = Client()
    assert client.post(paths[1]).status_code == 410 and not is_in(client)
    assert client.post(paths[2]).status_code == 302 and is_in(client)


def test_it_lasts_a_quarter_of_an_hour(contact: Person) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask("cara@example.com")
        path = mailed()
        clock.shift(timedelta(minutes=14))
        assert Client().get(path).status_code == 200
        clock.shift(timedelta(minutes=2))
        client = Client()
        assert client.post(path).status_code == 410 and not is_in(client)


@pytest.mark.parametrize("spoil", ["last", "first", "cut", "other"])
def test_a_changed_link_opens_nothing(contact: Person, spoil: str) -> None:
    ask("cara@example.com")
    token = mailed().split("/")[-2]
    other = links._signer.sign("never issued")
    first, last = ("A" if sign == "-" else "-" for sign in (token[0], token[-1]))
    wrong = {"last": token[:-1] + last, "first": first + token[1:], "cut": token[:40], "other": other}[spoil]
    client = Client()
    assert client.post(f"{ASK}{wrong}/").status_code == 410 and not is_in(client)


def test_only_the_hash_is_kept(contact: Person) -> None:
    ask("cara@example.com")
    token = mailed().split("/")[-2]
    row = SignInLink.objects.get()
    assert len(row.hash) == 64 and token.split(":")[0] not in str(vars(row))
    assert token.split(":")[0] not in str([vars(job) for job in Job.objects.all()])


def test_the_answer_is_the_same_for_everybody(contact: Person, make: Make) -> None:
    make("ann", Role.COMPLAINT_HANDLER)
    make("gone", Role.CUSTOMER_CONTACT, is_active=False)
    make("left", Role.CUSTOMER_CONTACT, ends_on=timezone.localdate())
    make("bare")
    names = ("cara", "ann", "gone", "left", "bare", "nobody")
    pages = {re.sub(r"[\w.]+@example\.com", "X", ask(f"{name}@example.com")) for name in names}
    assert len(pages) == 1
    assert sorted(to for one in mail.outbox for to in one.to) == [
        "ann@example.com",
        "bare@example.com",
        "cara@example.com",
    ]
    assert SignInLink.objects.count() == 1


def test_people_inside_use_their_password(make: Make) -> None:
    make("both", Role.CUSTOMER_CONTACT, Role.SERVICE_DESK)
    ask("both@example.com")
    assert "/accounts/login/" in mail.outbox[-1].body and not SignInLink.objects.exists()


@pytest.mark.parametrize("change", ["left", "shut", "grown"])
def test_what_changed_after_the_mail_counts(contact: Person, make: Make, change: str) -> None:
    ask("cara@example.com")
    if change == "grown":
        contact.grants.create(unit=contact.grants.get().unit, role=Role.SERVICE_DESK)
    else:
        what: dict[str, Any] = {"ends_on": timezone.localdate()} if change == "left" else {"is_active": False}
        Person.objects.filter(pk=contact.pk).update(**what)
    client = Client()
    assert client.post(mailed()).status_code == 410 and not is_in(client)


def test_a_second_step_is_still_asked_for(contact: Person) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(contact, generate_totp_secret())
    ask("cara@example.com")
    client = Client()
    answer = client.post(mailed())
    assert "/2fa/authenticate/" in answer["Location"] and not is_in(client)


def test_nobody_is_flooded(contact: Person) -> None:
    for _n in range(7):
        ask("cara@example.com")
    assert len(mail.outbox) == 5


def test_one_place_cannot_try_for_long(contact: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "FROM_ONE_PLACE", (3, 600))
    answers = [Client().post(ASK, {"email": f"n{n}@example.com"}).status_code for n in range(4)]
    assert answers == [200, 200, 200, 429]


def test_a_forged_press_is_refused(contact: Person) -> None:
    ask("cara@example.com")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(mailed()).status_code == 403 and not is_in(strict)
    assert SignInLink.objects.get().used_at is None


def test_it_is_told_to_the_trail(contact: Person, told: list[tuple[Any, ...]]) -> None:
    ask("cara@example.com")
    Client().post(mailed())
    assert [(act[0], act[2]) for act in told] == [(contact, "link_issued"), (contact, "link_used")]


def test_a_password_leads_contacts_to_their_own_pages(
    contact: Person, signed_in: Callable[[Person], Client], make: Make
) -> None:
    from .conftest import PASSWORD

    client = Client()
    answer = client.post("/accounts/login/", {"login": "cara@example.com", "password": PASSWORD})
    assert answer["Location"] == "/portal/"
    assert signed_in(contact).get("/")["Location"] == "/portal/"
    inside = make("ann", Role.COMPLAINT_HANDLER)
    assert Client().post("/accounts/login/", {"login": inside.email, "password": PASSWORD})["Location"] == "/"
