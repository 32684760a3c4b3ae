"""Signing in through an identity provider: a real one, in a process of its own, from our page to its and back."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Person
from comity.accounts.roles import Role
from tests.accounts import identity
from tests.accounts.conftest import Make
from tests.accounts.served import Served, free_port, served
from tests.accounts.test_sign_in import code_of

__all__ = ["served"]

CALLBACK = "/accounts/oidc/oidc/login/callback/"
START = "/accounts/oidc/oidc/login/"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, web_port: int) -> Iterator[str]:
    """The address of the provider."""
    port, folder = free_port(), tmp_path_factory.mktemp("identity")
    back = [f"http://testserver{CALLBACK}", f"http://localhost:{web_port}{CALLBACK}"]
    command = [sys.executable, "-m", "tests.accounts.identity", str(port), str(folder), *back]
    root, clean = Path(__file__).parents[2], {"PATH": "/usr/bin:/bin", "PYTHONPATH": "src:."}
    with subprocess.Popen(command, cwd=root, env=clean, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and process.stdout.readline() == "ready\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def web_port() -> int:
    return free_port()


@pytest.fixture
def offered(provider: str, settings: Any) -> str:
    """Our settings, as the variables would make them."""
    app = {
        "provider_id": "oidc", "name": "Company ID", "client_id": identity.CLIENT, "secret": identity.SECRET,
        "settings": {"server_url": provider, "oauth_pkce_enabled": True},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    return provider


def form_of(page: httpx.Response) -> dict[str, str]:
    """The hidden values of the page's last form."""
    form = page.text.rpartition("<form")[2]
    found = (dict(re.findall(r'(name|value)="([^"]*)"', tag)) for tag in re.findall("<input[^>]*>", form))
    return {one["name"]: unescape(one.get("value", "")) for one in found if "name" in one}


def at_provider(url: str, email: str, act: str = "grant") -> str:
    """What the person's browser does at the provider: sign in, agree. The address to which it is sent back."""
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(url)
        data = form_of(page) | {"login": email, "password": identity.PASSWORD}
        page = browser.post(str(page.url), data=data)
        assert "wants to access" in page.text, page.text[-2000:]
        data = form_of(page) | {"action": act} | ({"scopes": ["openid", "profile", "email"]} if act == "grant" else {})
        page = browser.post(urlsplit(url)._replace(query="").geturl(), data=data, follow_redirects=False)
        return str(page.headers["Location"])


def come_in(client: Client, email: str, act: str = "grant") -> Any:
    """From our button to the answer that our callback gives."""
    answer = client.post(START)
    assert answer.status_code == 302
    back = at_provider(answer.headers["Location"], email, act)
    assert back.startswith(f"http://testserver{CALLBACK}?")
    return client.get(back.removeprefix("http://testserver"))


def is_in(client: Client) -> bool:
    return client.get("/accounts/me/").status_code == 200


def test_somebody_known_enters_by_the_verified_address(make: Make, offered: str) -> None:
    person, client = make("ann"), Client()
    assert "Sign in with Company ID" in client.get("/accounts/login/").content.decode()
    answer = come_in(client, "ann@example.com")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_in(client) and client.session["_auth_user_id"] == str(person.pk)
    assert SocialAccount.objects.get().user == person
    again = Client()
    come_in(again, "ann@example.com")
    assert is_in(again) and SocialAccount.objects.count() == 1 and Person.objects.count() == 1


def test_the_request_carries_state_and_a_challenge(make: Make, offered: str) -> None:
    """Neither a foreign answer nor a stolen code lets in (RFC 6749 10.12, RFC 7636)."""
    make("ann")
    client = Client()
    asked = parse_qs(urlsplit(client.post(START).headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["state"] and asked["response_type"] == ["code"]
    back = at_provider(client.post(START).headers["Location"], "ann@example.com").removeprefix("http://testserver")
    other = Client()
    assert "Sign-in failed" in other.get(back).content.decode() and not is_in(other), "in another browser"
    forged = re.sub("state=[^&]+", "state=forged", back)
    assert "Sign-in failed" in client.get(forged).content.decode() and not is_in(client)


@pytest.mark.parametrize("wrong", [{}, {"iss": "https://other.example.com"}, {"aud": "another program"}, {"exp": 1}])
def test_a_token_from_elsewhere_for_another_or_of_yesterday_lets_nobody_in(
    make: Make, offered: str, wrong: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the provider's token says about itself counts (OpenID Connect Core 3.1.3.7)."""
    make("ann")
    taken = OAuth2Client.get_access_token

    def other(self: OAuth2Client, *args: Any, **named: Any) -> Any:
        answer = taken(self, *args, **named)
        said = jwt.decode(answer["id_token"], options={"verify_signature": False}) | wrong
        return answer | {"id_token": jwt.encode(said, "k" * 32)}

    monkeypatch.setattr(OAuth2Client, "get_access_token", other)
    client = Client()
    assert ("Sign-in failed" in come_in(client, "ann@example.com").content.decode()) is bool(wrong)
    assert is_in(client) is SocialAccount.objects.exists() is not bool(wrong)


@pytest.mark.parametrize("email", ["stranger@example.com", "unverified@example.com"])
def test_whom_no_administrator_added_is_refused_with_a_clear_page(make: Make, offered: str, email: str) -> None:
    """Also somebody whose address the provider has not verified: it could be anybody's."""
    make("unverified")
    client = Client()
    page = come_in(client, email).content.decode()
    while not page:  # led on to the page that tells
        page = client.get("/accounts/3rdparty/signup/", follow=True).content.decode()
    assert "administrator" in page and "<h1" in page
    assert not is_in(client) and Person.objects.count() == 1 and not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"ends_on": date(2021, 1, 1)}, {"starts_on": date(2999, 1, 1)}]
)
def test_who_is_not_current_is_refused(make: Make, offered: str, fields: dict[str, object]) -> None:
    make("ended", **fields)
    client = Client()
    answer = come_in(client, "ended@example.com")
    assert answer.headers["Location"] == "/accounts/inactive/" and not is_in(client)
    assert "_auth_user_id" not in client.session


def test_who_leaves_after_the_first_time_is_refused_too(make: Make, offered: str) -> None:
    person, client = make("ann"), Client()
    come_in(client, "ann@example.com")
    Person.objects.filter(pk=person.pk).update(is_active=False)
    again = Client()
    come_in(again, "ann@example.com")
    assert not is_in(client) and not is_in(again)


def test_the_second_step_is_still_asked_for(make: Make, offered: str) -> None:
    person, client, secret = make("second"), Client(), generate_totp_secret()
    TOTP.activate(person, secret)
    answer = come_in(client, "second@example.com")
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/" and not is_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_in(client)
    with time_machine.travel(timezone.now(), tick=False):  # the next code begins at the half minute
        client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert is_in(client) and Authenticator.objects.filter(user=person).exists()


def test_who_cancels_is_told(make: Make, offered: str) -> None:
    make("ann")
    client = Client()
    answer = come_in(client, "ann@example.com", "cancel")
    page = client.get(answer.headers["Location"]) if answer.status_code == 302 else answer
    assert "cancelled" in page.content.decode() and not is_in(client)


def test_a_provider_that_is_down_is_told(make: Make, offered: str, settings: Any) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": f"http://127.0.0.1:{free_port()}"}
    page = Client().post(START)
    assert page.status_code == 502 and "cannot be reached" in page.content.decode()


def test_contacts_land_in_the_portal(make: Make, offered: str) -> None:
    make("ann", Role.CUSTOMER_CONTACT)
    assert come_in(Client(), "ann@example.com").headers["Location"] == "/portal/"


@pytest.mark.browser
def test_in_a_browser_with_the_variables_alone(provider: str, web_port: int, served: Served, page: Any) -> None:
    """The installation as it is started, its content policy included, which holds where a form may lead."""
    url = served.start(
        web_port, COMITY_OIDC_ISSUER=f"{provider}/", COMITY_OIDC_CLIENT_ID=identity.CLIENT,
        COMITY_OIDC_CLIENT_SECRET=identity.SECRET, COMITY_OIDC_NAME="Company ID",
    )  # fmt: skip
    served.add("ann@example.com", "Ann")
    page.goto(f"{url}/accounts/login/")
    page.click("text=Sign in with Company ID")
    page.fill("[name=login]", "ann@example.com")
    page.fill("[name=password]", identity.PASSWORD)
    page.click("button[type=submit] >> nth=0")
    page.check("[name=scopes][value=email]")
    page.click("button[value=grant]")
    page.wait_for_url(f"{url}/")
    assert page.locator("#me").count() or page.locator(".top").count()
