"""Signing in: password, second step, limits, and who is turned away."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.test import Client
from django.utils import timezone, translation

from comity.accounts import forgotten
from comity.accounts.models import Person
from comity.accounts.roles import Role
from comity.jobs.models import Job

from .conftest import PASSWORD, Make

LOGIN = "/accounts/login/"
SignIn = Callable[[Person], Client]


def try_to(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def is_in(client: Client) -> bool:
    return client.get("/accounts/me/").status_code == 200


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_password_lets_in_and_a_new_session_begins(make: Make) -> None:
    person, client = make("ann"), Client()
    client.get(LOGIN)
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    answer = try_to(client, "ANN@example.com ")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert is_in(client)
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_wrong_password_does_not(make: Make) -> None:
    make("ann")
    client = Client()
    assert try_to(client, "ann@example.com", "wrong").status_code == 200
    assert not is_in(client)


def test_sign_out_ends_the_session(make: Make, signed_in: SignIn) -> None:
    client = signed_in(make("ann"))
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)


def test_attempts_are_limited_for_all_processes(make: Make) -> None:
    make("ann")
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    for _ in range(5):
        try_to(Client(), "ann@example.com", "wrong")
    caches["default"].close()
    del caches["default"]  # as another process would begin
    client = Client()
    answer = try_to(client, "ann@example.com")
    assert "Too many" in answer.content.decode()
    assert not is_in(client)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=6)):
        try_to(client, "ann@example.com")
        assert is_in(client)


def test_others_lock_nobody_out_of_a_browser_they_know(make: Make) -> None:
    """Nor does it help who guesses: a cookie counts its own tries, and serves nobody but the person who got it."""
    make("ann")
    make("ben")
    anns, bens = Client(), Client()
    for client, name in ((anns, "ann"), (bens, "ben")):
        try_to(client, f"{name}@example.com")
        client.post("/accounts/logout/")
        assert not is_in(client)
    for _ in range(5):
        try_to(Client(), "ann@example.com", "wrong")
    assert "Too many" in try_to(Client(), "ann@example.com").content.decode()
    assert "Too many" in try_to(bens, "ann@example.com").content.decode() and not is_in(bens)
    forged = Client()
    forged.cookies["known_here"] = anns.cookies["known_here"].value.replace(":", "0:", 1)
    assert "Too many" in try_to(forged, "ann@example.com").content.decode()
    for _ in range(5):
        try_to(anns, "ann@example.com", "wrong")
    assert "Too many" in try_to(anns, "ann@example.com").content.decode() and not is_in(anns)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=6)):
        for _ in range(5):
            try_to(Client(), "ann@example.com", "wrong")
        try_to(anns, "ann@example.com")
        assert is_in(anns)


def test_a_flood_of_other_entries_does_not_wash_the_counted_tries_away(make: Make) -> None:
    make("ann")
    for _ in range(5):
        try_to(Client(), "ann@example.com", "wrong")
    caches["default"].set_many({f"z{n}": 1 for n in range(400)})
    assert "Too many" in try_to(Client(), "ann@example.com").content.decode()


def test_attempts_from_one_address_are_limited(make: Make) -> None:
    for n in range(20):
        try_to(Client(), f"somebody{n}@example.com", "wrong")
    make("ann")
    client = Client()
    try_to(client, "ann@example.com")
    assert not is_in(client)


def test_nobody_signs_up(db: None) -> None:
    client = Client()
    data = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert "administrator" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", data)
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"ends_on": date(2021, 1, 1)}, {"starts_on": date(2999, 1, 1)}]
)
def test_somebody_not_current_cannot_sign_in(make: Make, fields: dict[str, object]) -> None:
    make("ann", **fields)
    client = Client()
    try_to(client, "ann@example.com")
    assert not is_in(client)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("fields", [{"is_active": False}, {"ends_on": date(2021, 1, 1)}])
def test_whoever_leaves_is_out_at_the_next_request(make: Make, signed_in: SignIn, fields: dict[str, object]) -> None:
    person = make("ann")
    client = signed_in(person)
    assert is_in(client)
    Person.objects.filter(pk=person.pk).update(**fields)
    assert not is_in(client)
    Person.objects.filter(pk=person.pk).update(is_active=True, ends_on=None)
    assert not is_in(client), "the old session must be gone"


def test_a_new_password_ends_other_sessions(make: Make, signed_in: SignIn) -> None:
    person = make("ann")
    here, there = signed_in(person), signed_in(person)
    new = "another long phrase"
    answer = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(there)


def test_second_step_round_trip(make: Make) -> None:
    """Set up, be asked for it, enter with a code, enter with a recovery code once, turn off."""
    person, client = make("ann"), Client()
    try_to(client, "ann@example.com")
    asked = client.get("/accounts/2fa/totp/activate/").headers["Location"]
    page = client.post(asked, {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert 'fill="#fff"' in page.context["totp_svg"]
    with time_machine.travel(timezone.now(), tick=False):  # the next code begins at the half minute
        answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.headers["Location"] == "/accounts/2fa/recovery-codes/"
    page = client.get("/accounts/2fa/recovery-codes/")
    recovery = page.context["unused_codes"][0]
    assert recovery in page.content.decode()
    assert "Turn off" in client.get("/accounts/2fa/").content.decode()
    client.post("/accounts/logout/")

    answer = try_to(client, "ann@example.com")
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert client.get(answer.headers["Location"]).status_code == 200
    assert not is_in(client), "the password alone is not enough any more"
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_in(client)
    with time_machine.travel(timezone.now() + timezone.timedelta(seconds=60), tick=False):
        client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert is_in(client)

    for code, enters in ((recovery, True), (recovery, False)):
        client = Client()
        try_to(client, "ann@example.com")
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert is_in(client) is enters
    assert Authenticator.objects.filter(user=person).count() == 2


def test_a_code_serves_once_and_is_not_guessed(make: Make) -> None:
    """Whoever looks over the shoulder has the same thirty seconds; whoever guesses has five tries."""
    secret = generate_totp_secret()
    TOTP.activate(make("ann"), secret)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for enters in (True, False):
            client = Client()
            try_to(client, "ann@example.com")
            client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
            assert is_in(client) is enters
        clock.shift(timezone.timedelta(seconds=40))
        for _ in range(5):
            client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert not is_in(client)


def test_changing_the_second_step_asks_who_it_is(make: Make, signed_in: SignIn) -> None:
    client = signed_in(make("ann"))
    answer = client.get("/accounts/2fa/totp/activate/")
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/accounts/reauthenticate/")
    assert client.get(answer.headers["Location"]).status_code == 200


def work_off() -> None:
    """What the worker does for who forgot a password."""
    [job] = Job.objects.filter(name__endswith="send_reset")
    forgotten.send_reset.func(*job.args, **job.kwargs)


def test_password_reset_by_mail(make: Make) -> None:
    make("ann")
    client = Client()
    client.post("/accounts/password/reset/", {"email": "ann@example.com"})
    assert client.get("/accounts/password/reset/done/").status_code == 200 and mail.outbox == []
    work_off()
    [link] = [word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word]
    form = client.get(link, follow=True)
    new = "another long phrase"
    done = client.post(form.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert "Your new password is set" in done.content.decode()
    assert "does not work any more" in Client().get(link, follow=True).content.decode()
    try_to(client, "ann@example.com", new)
    assert is_in(client)


def test_reset_for_an_unknown_address_sends_nothing_and_says_the_same(db: None) -> None:
    answer = Client().post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    work_off()  # there is a job as for a known one, so that the time does not tell either
    assert mail.outbox == []


@pytest.mark.parametrize("path", ["/", "/accounts/me/", "/accounts/people/", "/anything/at/all/"])
def test_pages_ask_for_a_sign_in(db: None, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code in (302, 404)
    if answer.status_code == 302:
        assert answer.headers["Location"] == f"{LOGIN}?next={path}"


@pytest.mark.parametrize("path", [LOGIN, "/accounts/password/reset/", "/accounts/inactive/", "/healthz"])
def test_some_pages_are_open(db: None, path: str) -> None:
    assert Client().get(path).status_code == 200


def test_a_part_of_a_page_sends_the_browser_to_sign_in_and_back_to_the_page(db: None) -> None:
    def led_to(current: str) -> str:
        answer = Client().get("/lookup/person/", headers={"HX-Request": "true", "HX-Current-URL": current})
        assert (answer.status_code, answer.content) == (204, b"")
        return str(answer.headers["HX-Redirect"])

    assert led_to("http://testserver/cases/?status=closed#x") == f"{LOGIN}?next=/cases/%3Fstatus%3Dclosed"
    for elsewhere in ("", "https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert led_to(elsewhere) == f"{LOGIN}?next=/"


def test_an_act_leads_back_to_the_page_it_came_from(db: None) -> None:
    client = Client()
    answer = client.post("/customers/CUS-00001/post/", headers={"Referer": "http://testserver/customers/CUS-00001/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LOGIN}?next=/customers/CUS-00001/")
    answer = client.post("/customers/CUS-00001/post/", headers={"Referer": "https://evil.example/x"})
    assert answer.headers["Location"] == f"{LOGIN}?next=/"


def test_pages_speak_the_persons_language_and_zone(make: Make, signed_in: SignIn) -> None:
    client = signed_in(make("ann", language="zh-hans", time_zone="Asia/Shanghai"))
    client.get("/accounts/me/", headers={"Accept-Language": "en"})
    assert translation.get_language() == "zh-hans"
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"
    Client().get(LOGIN, headers={"Accept-Language": "en"})
    assert timezone.get_current_timezone_name() == settings.TIME_ZONE


def test_nobody_changes_their_own_address(make: Make, signed_in: SignIn) -> None:
    person = make("ann", Role.ADMINISTRATOR)
    signed_in(person).post("/accounts/email/", {"action_add": "", "email": "other@example.com"})
    person.refresh_from_db()
    assert person.email == "ann@example.com"


def test_an_identity_provider_is_offered_when_it_is_set_up(db: None, settings: Any) -> None:
    assert "provider/" not in Client().get(LOGIN).content.decode()
    app = {
        "provider_id": "oidc",
        "name": "Company ID",
        "client_id": "x",
        "secret": "y",
        "settings": {"server_url": "https://id.example.com"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    page = Client().get(LOGIN).content.decode()
    assert "Sign in with Company ID" in page and "/accounts/oidc/oidc/login/" in page


def test_pages_run_and_style_nothing_inline(make: Make, signed_in: SignIn) -> None:
    """The content policy refuses inline scripts and styles, so none may be needed."""
    person = make("ann", Role.ADMINISTRATOR)
    client = signed_in(person)
    paths = ["me/", "people/", "people/new/", f"people/{person.pk}/", "units/", "2fa/", "password/change/", "logout/"]
    paths += [
        "inactive/",
        "signup/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/done/",
        "reauthenticate/",
    ]
    for path in paths:
        answer = client.get(f"/accounts/{path}", follow=True)
        page = answer.content.decode()
        assert answer.status_code == 200, path
        assert " style=" not in page and "<style" not in page and " onclick=" not in page, path
        assert all(" src=" in tag for tag in re.findall("<script[^>]*>", page)), path
        assert page.count("<h1") == 1, path
        labels, ids = re.findall('<label for="([^"]+)"', page), re.findall(' id="([^"]+)"', page)
        assert set(labels) <= set(ids) and len(ids) == len(set(ids)), (path, ids)
