"""Passwords that an LDAP directory knows, for people whom an administrator added. Grants stay ours: no group counts.

A password goes over an encrypted line only. It proves the one entry whose mail address was typed, and nobody else's.
"""

from __future__ import annotations

import logging
import ssl
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from comity.accounts.models import Person
from comity.accounts.sign_in import CurrentPeople

log = logging.getLogger(__name__)
PATIENCE = 5  # seconds


class Directory(CurrentPeople):
    """Asked after our own passwords."""

    def authenticate(self, request: HttpRequest | None, email: str = "", password: str = "", **_: Any) -> Person | None:
        address = email.strip().lower()
        if not address or not password or not knows(address, password):  # an empty password binds as nobody
            return None
        person = Person.objects.filter(email=address).first()
        return person if person and self.user_can_authenticate(person) else None


def knows(address: str, password: str) -> bool:
    """Does the directory take this password from the one entry with this address?"""
    import ldap3  # type: ignore[import-untyped]  # dear to import
    from ldap3.core.exceptions import LDAPBindError, LDAPException  # type: ignore[import-untyped]
    from ldap3.utils.conv import escape_filter_chars  # type: ignore[import-untyped]
    from ldap3.utils.dn import escape_rdn  # type: ignore[import-untyped]

    told = settings.LDAP
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=told["ca"] or None)
    server = ldap3.Server(told["url"], tls=tls, connect_timeout=PATIENCE, get_info=ldap3.NONE)
    secure = ldap3.AUTO_BIND_NO_TLS if server.ssl else ldap3.AUTO_BIND_TLS_BEFORE_BIND
    wanted = told["filter"].replace("{email}", escape_filter_chars(address))

    def found(who: str, secret: str, base: str, scope: str) -> list[str]:
        line = ldap3.Connection(server, who or None, secret or None, auto_bind=secure, read_only=True,
                                receive_timeout=PATIENCE, auto_referrals=False)  # fmt: skip
        try:
            line.search(base, wanted, scope, attributes=ldap3.NO_ATTRIBUTES, size_limit=2)
            return [row["dn"] for row in line.response or () if row["type"] == "searchResEntry"]
        finally:
            line.unbind()

    try:
        if told["dn"]:
            own = [told["dn"].replace("{name}", escape_rdn(address.partition("@")[0]))]
        else:
            own = found(told["bind_dn"], told["bind_password"], told["base"], ldap3.SUBTREE)
        return len(own) == 1 and len(found(own[0], password, own[0], ldap3.BASE)) == 1
    except LDAPException as error:
        level = logging.INFO if isinstance(error, LDAPBindError) else logging.WARNING
        log.log(level, "the directory let nobody in: %s", type(error).__name__)
        return False
