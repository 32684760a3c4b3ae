"""Signing in by SAML: a provider with a key of its own answers our requests, well and badly."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.test import Client as Browser
from django.utils import timezone

from comity.accounts.forms import PersonForm
from comity.accounts.models import Person, Tries
from comity.accounts.operations import save_person
from comity.accounts.roles import Role
from comity.identity.settings import app
from tests.accounts.conftest import Make
from tests.accounts.served import Served, free_port, served
from tests.identity.company import AUDIENCE, ISSUER, SIGN_IN, Company, decoded, encoded, key_pair, serving

__all__ = ["served"]

AT = "/accounts/saml/company"
FAILED = "Sign-in failed"


class Client(Browser):
    def __init__(self, **how: Any) -> None:
        super().__init__(headers={"Host": "testserver"}, **how)


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    return key_pair()


@pytest.fixture
def company(db: None, settings: Any, keys: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Company:
    """Set up on both sides, as the variables and its administrator would."""
    monkeypatch.setattr("tests.identity.company.key_pair", lambda: keys)
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": [app(ISSUER, SIGN_IN, keys[1], "Company ID")]}}
    return Company(Client().get(f"{AT}/metadata/").content)


def asked(client: Client) -> str:
    answer = client.post(f"{AT}/login/?process=login")
    assert answer.status_code == 302 and answer["Location"].startswith(f"{SIGN_IN}?SAMLRequest=")
    return str(answer["Location"])


def hand_in(client: Client, response: str) -> Any:
    """What the provider's page makes the browser do."""
    answer = client.post(f"{AT}/acs/", {"SAMLResponse": response, "RelayState": ""})
    return client.get(answer["Location"]) if answer.status_code == 302 else answer


def is_in(client: Client) -> bool:
    return client.get("/accounts/me/").status_code == 200


def test_somebody_known_enters_and_is_known_by_the_subject_from_then_on(make: Make, company: Company) -> None:
    person, client = make("ann"), Client(enforce_csrf_checks=True)
    page = Client().get("/accounts/login/").content.decode()
    assert "Sign in with Company ID" in page and f"{AT}/login/" in page
    token = re.search('csrfmiddlewaretoken" value="([^"]+)', client.get("/accounts/login/").content.decode())
    assert token is not None
    answer = client.post(f"{AT}/login/", {"csrfmiddlewaretoken": token[1]})
    answer = hand_in(client, company.answer(answer["Location"], "Ann@example.com"))
    assert (answer.status_code, answer["Location"]) == (302, "/") and is_in(client)
    assert SocialAccount.objects.get().user == person
    again = Client()
    hand_in(again, company.answer(asked(again), "anna@example.com", "response", subject="subject of Ann@example.com"))
    assert is_in(again) and SocialAccount.objects.count() == Person.objects.count() == 1


def test_an_old_and_a_new_certificate_count_and_no_other(make: Make, company: Company, settings: Any) -> None:
    make("ann")
    old, new = (company.key, company.certificate), key_pair()
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": [app(ISSUER, SIGN_IN, f"{old[1]}\n{new[1]}", "Company ID")]}}
    for pair, lets_in in ((old, True), (new, True), (key_pair(), False)):
        company.key, company.certificate = pair
        client = Client()
        page = hand_in(client, company.answer(asked(client), "ann@example.com"))
        assert is_in(client) is lets_in and (page.status_code == 401) is not lets_in


FLAWS: dict[str, dict[str, Any]] = {
    "not signed": {"sign": ""},
    "for another service": {"audience": AUDIENCE.format("https://other.example.com/metadata/")},
    "for nobody in particular": {"audience": ""},
    "expired": {"later": timedelta(minutes=-20)},
    "not yet valid": {"later": timedelta(minutes=20)},
    "by another provider": {"issuer": "https://id.example.org/other"},
    "received elsewhere": {"recipient": 'Recipient="https://other.example.com/acs/"'},
    "received anywhere": {"recipient": ""},
    "of another request": {"request": 'InResponseTo="ONELOGIN_other"'},
    "of no request": {"request": ""},
    "unasked": {"asked": "ONELOGIN_other", "request": 'InResponseTo="ONELOGIN_other"'},
    "a failure": {"status": "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"},
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flawed_assertion_lets_nobody_in(make: Make, company: Company, flaw: str) -> None:
    make("ann")
    client = Client()
    page = hand_in(client, company.answer(asked(client), "ann@example.com", **FLAWS[flaw]))
    assert page.status_code == 401 and FAILED in page.content.decode()
    assert not is_in(client) and "_auth_user_id" not in client.session and not SocialAccount.objects.exists()


def _tampered(answer: str, _company: Company) -> str:
    return encoded(decoded(answer).replace("ben@example.com", "ann@example.com"))


def _by_another_key(answer: str, company: Company) -> str:
    company.key, company.certificate = key_pair()
    bare = re.sub("<ds:Signature.*</ds:Signature>", "", decoded(answer), flags=re.S)
    return encoded(company.signed(bare.replace("ben@", "ann@")))


def _wrapped(answer: str, _company: Company) -> str:
    """A forged assertion first, the signed one kept inside it, where the signature still finds it (XSW)."""
    signed = re.search(r"<a:Assertion .*</a:Assertion>", decoded(answer), re.S)
    assert signed
    forged = re.sub("<ds:Signature.*</ds:Signature>", "", signed[0], flags=re.S)
    forged = re.sub(' ID="[^"]+"', ' ID="_forged"', forged, count=1).replace("ben@example.com", "ann@example.com")
    inside = forged.replace("</a:Assertion>", f"<a:Advice>{signed[0]}</a:Advice></a:Assertion>")
    return encoded(decoded(answer).replace(signed[0], inside))


def _beside(answer: str, _company: Company) -> str:
    signed = re.search(r"<a:Assertion .*</a:Assertion>", decoded(answer), re.S)
    assert signed
    forged = re.sub("<ds:Signature.*</ds:Signature>", "", signed[0], flags=re.S).replace("ben@", "ann@")
    return encoded(decoded(answer).replace(signed[0], re.sub(' ID="[^"]+"', ' ID="_f"', forged, count=1) + signed[0]))


def _commented(answer: str, _company: Company) -> str:
    """A comment inside a name is not signed and must not cut it: `ann@example.com<!---->.evil.example`."""
    return encoded(decoded(answer).replace("ann@example.com.evil", "ann@example.com<!---->.evil"))


def _entities(answer: str, _company: Company) -> str:
    return encoded('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + decoded(answer))


@pytest.mark.parametrize("forge", [_tampered, _by_another_key, _wrapped, _beside, _commented, _entities])
def test_a_forged_assertion_lets_nobody_in(make: Make, company: Company, forge: Any) -> None:
    make("ann")
    client = Client()
    email = "ann@example.com.evil.example" if forge is _commented else "ben@example.com"
    page = hand_in(client, forge(company.answer(asked(client), email), company))
    assert (page.status_code == 401 and FAILED in page.content.decode()) or forge is _commented
    assert not is_in(client) and not SocialAccount.objects.exists()


@pytest.mark.parametrize("rubbish", ["", "%%%", "AAAA", encoded("<x/>"), encoded("<x"), encoded("\x00"), "A" * 600_000])
def test_rubbish_is_answered_with_a_page(company: Company, rubbish: str) -> None:
    client = Client()
    page = hand_in(client, rubbish)
    assert page.status_code == 401 and FAILED in page.content.decode() and not is_in(client)


def test_an_answer_serves_once_and_in_its_own_browser(make: Make, company: Company) -> None:
    make("ann")
    client, other = Client(), Client()
    answer = company.answer(asked(client), "ann@example.com")
    asked(other)
    assert hand_in(other, answer).status_code == 401 and not is_in(other)
    hand_in(client, answer)
    assert is_in(client)
    client.post("/accounts/logout/")
    asked(client)
    assert hand_in(client, answer).status_code == 401 and not is_in(client)
    assert client.get(f"{AT}/acs/finish/").status_code == 401, "without an answer"


def test_who_was_not_added_or_is_not_current_is_refused(make: Make, company: Company) -> None:
    for name, fields in (("gone", {"is_active": False}), ("left", {"ends_on": date(2021, 1, 1)})):
        make(name, **fields)
        client = Client()
        assert (
            hand_in(client, company.answer(asked(client), f"{name}@example.com"))["Location"] == "/accounts/inactive/"
        )
        assert not is_in(client)
    client = Client()
    page = hand_in(client, company.answer(asked(client), "stranger@example.com")).content.decode()
    assert "administrator" in page and "<h1" in page
    assert not is_in(client) and Person.objects.count() == 2


def test_whose_address_changed_is_not_found_by_the_old_one(make: Make, company: Company) -> None:
    """Where the provider names people by address, the next holder of the address is somebody else."""
    ann, client = make("ann"), Client()
    hand_in(client, company.answer(asked(client), "ann@example.com", subject="ann@example.com"))
    assert is_in(client)
    data = {
        "email": "ann.new@example.com",
        "name": "Ann",
        "language": "en",
        "time_zone": "UTC",
        "starts_on": "2020-01-01",
    }
    form = PersonForm(data, instance=ann)
    assert form.is_valid(), form.errors
    save_person(form, ann)
    client = Client()
    hand_in(client, company.answer(asked(client), "ann@example.com", subject="ann@example.com"))
    assert not is_in(client) and not SocialAccount.objects.exists()


def test_the_second_step_is_asked_for_and_contacts_land_in_the_portal(make: Make, company: Company) -> None:
    TOTP.activate(make("ann"), generate_totp_secret())
    client = Client()
    answer = hand_in(client, company.answer(asked(client), "ann@example.com"))
    assert answer["Location"] == "/accounts/2fa/authenticate/" and not is_in(client)
    make("cara", Role.CUSTOMER_CONTACT)
    client = Client()
    assert hand_in(client, company.answer(asked(client), "cara@example.com"))["Location"] == "/portal/"


def test_it_is_not_there_where_no_provider_is_set_up(db: None) -> None:
    for path in ("login/", "acs/", "acs/finish/", "metadata/"):
        assert Client().post(f"{AT}/{path}").status_code == 404
    assert Client().get(f"{AT}/sls/")["Location"] == "/accounts/logout/"


def test_answers_are_kept_only_so_often(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.identity.saml import doors

    monkeypatch.setattr(doors, "OFTEN", (2, 60))
    with time_machine.travel(timezone.now(), tick=False):
        codes = [Client().post(f"{AT}/acs/", {"SAMLResponse": "AAAA"}).status_code for _n in range(3)]
    assert codes == [302, 302, 401] and Tries.objects.get().count == 3


@pytest.mark.browser
def test_in_a_browser_with_the_variables_alone(served: Served, page: Any, keys: tuple[str, str]) -> None:
    """The installation as it is started, the provider on another site: content policy and cookies let it through."""
    port = free_port()
    (served.folder / "company.pem").write_text(keys[1])
    with serving() as (site, answer):
        url = served.start(
            port, COMITY_SAML_ISSUER=ISSUER, COMITY_SAML_URL=f"{site}/sign-in", COMITY_SAML_NAME="Company ID",
            COMITY_SAML_CERTIFICATE=str(served.folder / "company.pem"),
        )  # fmt: skip
        company = Company(httpx.get(f"{url}{AT}/metadata/").content)
        company.key, company.certificate = keys
        answer.append(lambda asked: (company.acs, company.answer(asked, "ann@example.com")))
        served.add("ann@example.com", "Ann")
        page.goto(f"{url}/accounts/login/")
        page.click("text=Sign in with Company ID")
        page.click("text=Go on")
        page.wait_for_url(f"{url}/")
        assert page.locator("#me").count() or page.locator(".top").count()
