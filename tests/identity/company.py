"""A SAML provider for the tests: it reads our request and metadata, and signs its answers with a key of its own."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

ISSUER, SIGN_IN = "https://id.example.com/company", "https://id.example.com/sign-in"
NAMES = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol", "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "m": "urn:oasis:names:tc:SAML:2.0:metadata",
}  # fmt: skip
ANSWER = """<p:Response xmlns:p="{p}" xmlns:a="{a}" ID="_{response}" Version="2.0" IssueInstant="{now}"
 Destination="{acs}" InResponseTo="{asked}">
<a:Issuer>{issuer}</a:Issuer><p:Status><p:StatusCode Value="{status}"/></p:Status>{assertion}
</p:Response>"""
ASSERTION = """<a:Assertion xmlns:a="{a}" ID="_{id}" Version="2.0" IssueInstant="{now}"><a:Issuer>{issuer}</a:Issuer>
<a:Subject><a:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{subject}</a:NameID>
<a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><a:SubjectConfirmationData NotOnOrAfter="{until}"
 {recipient} {request}/></a:SubjectConfirmation></a:Subject>
<a:Conditions NotBefore="{since}" NotOnOrAfter="{until}">{audience}</a:Conditions>
<a:AuthnStatement AuthnInstant="{now}" SessionIndex="_{id}"><a:AuthnContext>
<a:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</a:AuthnContextClassRef></a:AuthnContext>
</a:AuthnStatement><a:AttributeStatement><a:Attribute Name="email"><a:AttributeValue>{email}</a:AttributeValue>
</a:Attribute></a:AttributeStatement></a:Assertion>"""
AUDIENCE = "<a:AudienceRestriction><a:Audience>{}</a:Audience></a:AudienceRestriction>"


def key_pair() -> tuple[str, str]:
    """A key and a certificate that it signed itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key, who = rsa.generate_private_key(public_exponent=65537, key_size=2048), x509.Name([])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    return private.decode(), made.sign(key, hashes.SHA256()).public_bytes(pem).decode()


class Company:
    """Answers requests as its administrator set it up: with what our metadata say about us."""

    def __init__(self, metadata: bytes) -> None:
        self.key, self.certificate = key_pair()
        self.knows(metadata)

    def knows(self, metadata: bytes) -> None:
        told = etree.fromstring(metadata)
        self.audience = told.get("entityID")
        self.acs = told.find(".//m:AssertionConsumerService", NAMES).get("Location")

    def answer(self, url: str, email: str, sign: str = "assertion", **flaws: Any) -> str:
        """The signed answer to the request in the address to which we led: what the provider's page posts to us."""
        asked = parse_qs(urlsplit(url).query)["SAMLRequest"][0]
        request = etree.fromstring(zlib.decompress(base64.b64decode(asked), -15))
        assert request.get("AssertionConsumerServiceURL") == self.acs
        now = datetime.now(UTC) + flaws.pop("later", timedelta())
        told: dict[str, Any] = NAMES | {
            "id": uuid4().hex, "response": uuid4().hex, "issuer": ISSUER, "acs": self.acs, "email": email,
            "subject": f"subject of {email}", "asked": request.get("ID"), "now": _moment(now),
            "since": _moment(now - timedelta(minutes=1)), "until": _moment(now + timedelta(minutes=5)),
            "audience": AUDIENCE.format(self.audience), "recipient": f'Recipient="{self.acs}"',
            "request": f'InResponseTo="{request.get("ID")}"', "status": "urn:oasis:names:tc:SAML:2.0:status:Success",
        } | flaws  # fmt: skip
        inner = ASSERTION.format(**told)
        if sign == "assertion":
            inner = self.signed(inner)
        outer = ANSWER.format(**told | {"assertion": inner})
        return encoded(self.signed(outer) if sign == "response" else outer)

    def signed(self, xml: str) -> str:
        done = OneLogin_Saml2_Utils.add_sign(xml, self.key, self.certificate)
        return str(done if isinstance(done, str) else done.decode())


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def encoded(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def decoded(answer: str) -> str:
    return base64.b64decode(answer).decode()


Answer = Callable[[str], tuple[str, str]]


@contextmanager
def serving() -> Iterator[tuple[str, list[Answer]]]:
    """A page of the provider at an address of its own: its button posts what the first of the list answers."""
    answers: list[Answer] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "SAMLRequest" not in self.path:
                return self.send_error(404)
            where, what = answers[0](self.path)
            form = f'<form method="post" action="{where}"><input type="hidden" name="SAMLResponse" value="{what}">'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html>{form}<button>Go on</button></form>".encode())
            return None

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", answers
        server.shutdown()
