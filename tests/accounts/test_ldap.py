"""Signing in with the password of a directory: Debian's slapd, started with a database of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from comity.accounts.directory import knows
from comity.accounts.models import Grant, Person
from tests.accounts.conftest import PASSWORD, Make
from tests.accounts.served import free_port
from tests.accounts.test_sign_in import is_in, try_to
from tests.certificates import certificate

BASE = "dc=example,dc=com"
SECRET = "known to the directory"
CONFIGURATION = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
TLSCertificateFile {pem}
TLSCertificateKeyFile {pem}
security simple_bind=128
database mdb
maxsize 10485760
suffix "{base}"
rootdn "cn=root,{base}"
rootpw root
directory {folder}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,{base}" read by self read by * none
"""
ENTRIES = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: cn=reader,{BASE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: reading

dn: cn=admins,{BASE}
objectClass: groupOfNames
cn: admins
member: uid=ann,{BASE}
"""
PERSON = """
dn: uid={uid},{base}
objectClass: inetOrgPerson
uid: {uid}
cn: {uid}
sn: {uid}
mail: {mail}
userPassword: {secret}
"""
PEOPLE = {
    "ann": "ann@example.com", "ended": "ended@example.com", "unknown": "unknown@example.com",
    "twin1": "twin@example.com", "twin2": "twin@example.com",
}  # fmt: skip


@dataclass
class Server:
    plain: int
    encrypted: int
    ca: str


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A directory with a few people, encrypted with a certificate for `localhost`."""
    program, schema = shutil.which("slapd", path=f"{os.environ['PATH']}:/usr/sbin"), Path("/etc/ldap/schema")
    if program is None or not schema.is_dir():
        pytest.skip("no slapd found: install Debian's package `slapd`")
    folder = tmp_path_factory.mktemp("slapd")
    (folder / "db").mkdir()
    pem = certificate(folder, "localhost")
    words = {"folder": folder, "pem": pem, "base": BASE, "schema": schema}
    (folder / "slapd.conf").write_text(CONFIGURATION.format(**words))
    entries = ENTRIES + "".join(PERSON.format(uid=u, mail=m, base=BASE, secret=SECRET) for u, m in PEOPLE.items())
    add = [program, "-Ta", "-f", str(folder / "slapd.conf")]
    done = subprocess.run(add, input=entries, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    plain, encrypted = free_port(), free_port()
    urls = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{encrypted}"
    with subprocess.Popen([program, "-d", "0", "-f", str(folder / "slapd.conf"), "-h", urls]) as process:
        try:
            for port in (plain, encrypted):
                _wait(port)
            yield Server(plain, encrypted, str(pem))
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("slapd does not listen")


@pytest.fixture(params=["search over StartTLS", "search over TLS", "direct"])
def directory(slapd: Server, settings: Any, request: pytest.FixtureRequest) -> dict[str, str]:
    """Our settings for each way."""
    url = (
        f"ldaps://localhost:{slapd.encrypted}"
        if request.param == "search over TLS"
        else f"ldap://localhost:{slapd.plain}"
    )
    settings.LDAP = {
        "url": url, "base": BASE, "filter": "(mail={email})", "ca": slapd.ca, "bind_dn": f"cn=reader,{BASE}",
        "bind_password": "reading", "dn": f"uid={{name}},{BASE}" if request.param == "direct" else "",
    }  # fmt: skip
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, "comity.accounts.directory.Directory"]
    return settings.LDAP  # type: ignore[no-any-return]


def test_the_directorys_password_lets_in_whom_an_administrator_added(make: Make, directory: Any) -> None:
    person, client = make("ann"), Client()
    person.set_unusable_password()
    person.save()
    try_to(client, "Ann@example.com ", SECRET)
    assert is_in(client) and client.session["_auth_user_id"] == str(person.pk)
    assert not Grant.objects.filter(person=person).exists(), "its groups give nothing here"


def test_our_own_passwords_still_do(make: Make, directory: Any) -> None:
    make("ann")
    client = Client()
    try_to(client, "ann@example.com", PASSWORD)
    assert is_in(client)


@pytest.mark.parametrize("password", ["", " ", "wrong", SECRET.upper(), "*", SECRET + "\x00"])
def test_other_passwords_do_not(make: Make, directory: Any, password: str) -> None:
    make("ann")
    client = Client()
    try_to(client, "ann@example.com", password)
    assert not is_in(client) and not knows("ann@example.com", password or "wrong")


def test_an_empty_password_never_reaches_the_directory(make: Make, directory: Any, monkeypatch: Any) -> None:
    """A bind without a password succeeds as nobody (RFC 4513 5.1.2)."""
    from comity.accounts import directory as ours

    make("ann")
    monkeypatch.setattr(ours, "knows", lambda *_: pytest.fail("asked"))
    assert ours.Directory().authenticate(None, email="ann@example.com", password="") is None
    assert ours.Directory().authenticate(None, email="", password="x") is None


@pytest.mark.parametrize(
    "address",
    ["*", "ann*", "*@example.com", "ann@example.com)(uid=*", "x)(|(mail=*", "ann\\2a", "ann,ou=x", "ann+uid=x@x"],
)
def test_signs_with_a_meaning_mean_nothing(make: Make, directory: Any, address: str) -> None:
    make("ann")
    assert not knows(address, SECRET)
    client = Client()
    try_to(client, address, SECRET)
    assert not is_in(client)


def test_nobody_enters_under_an_address_that_is_not_in_their_own_entry(make: Make, directory: Any) -> None:
    """Two people may have the same name before the @."""
    Person.objects.create_user("ann@elsewhere.example", None, name="Another Ann", starts_on=date(2020, 1, 1))
    client = Client()
    try_to(client, "ann@elsewhere.example", SECRET)
    assert not is_in(client) and not knows("ann@elsewhere.example", SECRET)
    assert not knows("twin@example.com", SECRET), "two entries with one address"


@pytest.mark.parametrize("fields", [{"is_active": False}, {"ends_on": date(2021, 1, 1)}])
def test_who_was_not_added_or_has_left_does_not_enter(make: Make, directory: Any, fields: dict[str, object]) -> None:
    make("ended", **fields)
    for email in ("ended@example.com", "unknown@example.com"):
        client = Client()
        try_to(client, email, SECRET)
        assert knows(email, SECRET) and not is_in(client)


def test_a_line_that_is_not_trusted_carries_no_password(make: Make, directory: Any, tmp_path: Path) -> None:
    directory["ca"] = str(certificate(tmp_path, "localhost"))
    assert not knows("ann@example.com", SECRET)
    directory["ca"] = ""
    assert not knows("ann@example.com", SECRET)


def test_a_certificate_for_another_name_is_not_trusted(make: Make, directory: Any) -> None:
    directory["url"] = directory["url"].replace("localhost", "127.0.0.1")
    assert not knows("ann@example.com", SECRET)


def test_a_directory_that_is_down_or_silent_lets_nobody_in_and_is_told(
    make: Make, directory: Any, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    make("ann")
    directory["url"] = f"ldap://localhost:{free_port()}"
    client = Client()
    try_to(client, "ann@example.com", SECRET)
    assert not is_in(client) and "the directory let nobody in" in caplog.text and SECRET not in caplog.text
    monkeypatch.setattr("comity.accounts.directory.PATIENCE", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        directory["url"], began = f"ldap://localhost:{silent.getsockname()[1]}", time.monotonic()
        assert not knows("ann@example.com", SECRET)
        assert time.monotonic() - began < 5
    try_to(client, "ann@example.com", PASSWORD)
    assert is_in(client), "our own passwords work meanwhile"


def test_attempts_are_limited_here_too(make: Make, directory: Any) -> None:
    make("ann")
    for _ in range(5):
        try_to(Client(), "ann@example.com", "wrong")
    client = Client()
    try_to(client, "ann@example.com", SECRET)
    assert not is_in(client)
