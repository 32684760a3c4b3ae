"""Passkeys, enrolled and used in a real browser with a virtual key, against the installation as it is started."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from comity.accounts.models import Person
from tests.accounts.conftest import Make
from tests.accounts.served import PASSWORD, Served, free_port, served
from tests.accounts.test_sign_in import is_in, try_to
from tests.journeys.conftest import chair

__all__ = ["chair", "served"]


class Key:
    """A key in the device of the browser, as the developer protocol makes it."""

    def __init__(self, page: Any, verifies: bool = True) -> None:
        self.tools = page.context.new_cdp_session(page)
        self.tools.send("WebAuthn.enable", {"enableUI": False})
        what = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        what |= {"isUserVerified": verifies, "automaticPresenceSimulation": True}
        self.id = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": what})["authenticatorId"]

    def verify(self, yes: bool) -> None:
        self.tools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})

    def held(self) -> list[dict[str, Any]]:
        found = self.tools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])


@pytest.fixture
def url(served: Served) -> str:
    found = served.start(free_port())
    served.add("ann@example.com", "Ann")
    return found


def enter(page: Any, url: str) -> None:
    page.goto(f"{url}/accounts/login/")
    page.fill("[name=login]", "ann@example.com")
    page.fill("[name=password]", PASSWORD)
    page.click("form:has([name=password]) button")


def leave(page: Any, url: str) -> None:
    page.goto(f"{url}/accounts/logout/")
    page.click("main form button")
    page.wait_for_url("**/accounts/login/**")


@pytest.mark.browser
@pytest.mark.slow
def test_enrol_and_sign_in_with_the_key_alone_then_as_second_step(url: str, page: Any, tmp_path: Path) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    key = Key(page)
    enter(page, url)
    page.wait_for_url(f"{url}/")
    page.goto(f"{url}/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.click("main form button")
    page.fill("[name=name]", "My phone")
    page.click("text=Add >> nth=-1")
    page.wait_for_url("**/2fa/recovery-codes/")
    (kept,) = key.held()
    assert kept["isResidentCredential"] and kept["rpId"] == "localhost"
    page.goto(f"{url}/accounts/2fa/webauthn/")
    assert "My phone" in page.content() and "Lets in alone" in page.content()

    leave(page, url)
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{url}/")
    assert key.held()[0]["signCount"] > kept["signCount"]

    leave(page, url)
    enter(page, url)
    page.wait_for_url("**/2fa/authenticate/")
    page.click("text=Use my passkey or security key")
    page.wait_for_url(f"{url}/")

    leave(page, url)
    key.verify(False)
    page.click("text=Sign in with a passkey")
    page.wait_for_selector("[data-trouble]:visible")
    page.goto(f"{url}/accounts/me/")
    assert "/accounts/login/" in page.url, "who is not verified by the device stays outside"

    key.verify(True)
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{url}/accounts/me/")
    page.goto(f"{url}/accounts/2fa/webauthn/")
    page.click("text=Remove >> nth=0")
    page.wait_for_url("**/reauthenticate/**")
    page.goto(page.url.replace("/accounts/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/"))
    page.click("text=Use a passkey")
    page.wait_for_url("**/remove/")
    page.click("main form button")
    page.wait_for_url("**/2fa/webauthn/")
    leave(page, url)
    page.click("text=Sign in with a passkey")
    page.wait_for_selector("main [role=alert]:visible, .note:visible")
    assert "/accounts/login/" in page.url, "a removed key lets nobody in"
    assert not wrong


@pytest.mark.browser
@pytest.mark.slow
def test_pages_speak_chinese_and_a_browser_without_keys_is_shown_no_button(chair: Callable[..., Any]) -> None:
    page = chair(locale="zh-CN", java_script_enabled=False).go("/accounts/login/")
    assert page.locator("form[data-passkey]").is_hidden() and page.locator("html").get_attribute("lang") == "zh-hans"


@pytest.mark.parametrize(
    "credential", ["", "x", "{}", "[]", "null", '{"id": 1}', json.dumps({"id": "x", "rawId": "eA", "type": "public-key",
     "response": {"clientDataJSON": "e30", "authenticatorData": "eA", "signature": "eA", "userHandle": "MQ"}})]
)  # fmt: skip
def test_nonsense_lets_nobody_in_and_breaks_nothing(make: Make, credential: str) -> None:
    make("ann")
    client = Client()
    client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert answer.status_code in (200, 302) and not is_in(client)


def test_keys_are_added_after_a_confirmation_only(make: Make) -> None:
    make("ann")
    client = Client()
    assert client.get("/accounts/2fa/webauthn/add/").headers["Location"].startswith("/accounts/login/")
    try_to(client, "ann@example.com")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    asked = client.get("/accounts/2fa/webauthn/add/")
    assert asked.status_code == 302 and "/accounts/reauthenticate/" in asked.headers["Location"]
    client.post("/accounts/2fa/webauthn/add/", {"name": "x", "credential": "{}"})
    assert not Authenticator.objects.exists()
    try_to(again := Client(), "ann@example.com")
    again.post(again.get("/accounts/2fa/webauthn/add/").headers["Location"], {"password": PASSWORD})
    assert again.get("/accounts/2fa/webauthn/add/").status_code == 200
    for credential in ("{}", '{"rawId": 1}', "[]", "x"):
        answer = again.post("/accounts/2fa/webauthn/add/", {"name": "x", "credential": credential})
        assert answer.status_code == 200 and not Authenticator.objects.exists()


def test_nobody_signs_up_by_a_key(db: None) -> None:
    assert Client().get("/accounts/2fa/webauthn/signup/").status_code in (302, 404)
    assert Client().post("/accounts/signup/passkey/", {"email": "x@example.com"}).status_code in (302, 404)
    assert not Person.objects.exists()
