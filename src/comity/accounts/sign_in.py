"""Who may enter: people an administrator added, between their first and their last day."""

from __future__ import annotations

from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address
from secrets import token_hex
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.accounts.rights import is_contact
from comity.accounts.whole import rows_of


def _hidden(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:32]


class CurrentPeople(AuthenticationBackend):  # type: ignore[misc]
    """Asked when somebody signs in and again at every request, so that who left is out at once."""

    def user_can_authenticate(self, user: Person) -> bool:
        return user.current

    def get_user(self, user_id: int) -> Person | None:
        person = rows_of(Person, [user_id]).get(user_id)
        return person if person and self.user_can_authenticate(person) else None


KNOWN, LONG = "known_here", 180 * 24 * 3600  # the cookie of a browser in which somebody has signed in; seconds


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up, not by an identity provider either; whoever is not current is turned away whatever the proof."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whose tries are counted: of IPv6 the network of one line, all of whose addresses one holder has."""
        told = ip_address(super().get_client_ip(request))
        if isinstance(told, IPv4Address) or told.ipv4_mapped:
            return str(getattr(told, "ipv4_mapped", told))
        return str(IPv6Address(int(told) >> 64 << 64))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """A browser in which this person has signed in is counted alone: wrong passwords elsewhere lock nobody out."""
        key = str(super()._get_login_attempts_cache_key(request, **credentials))
        told = request.get_signed_cookie(KNOWN, "", max_age=LONG) or ""
        return told if told.startswith(f"{_hidden(key)}:") else key

    def post_login(self, request: HttpRequest, user: Person, **hints: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **hints)
        told = f"{_hidden(super()._get_login_attempts_cache_key(request, email=user.email))}:{token_hex(16)}"
        secure = bool(settings.SESSION_COOKIE_SECURE)
        response.set_signed_cookie(KNOWN, told, max_age=LONG, httponly=True, secure=secure, samesite="Lax")
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Contacts of outside parties have pages of their own."""
        if isinstance(request.user, Person) and is_contact(request.user):
            return str(settings.OUTSIDE_URL)
        return str(super().get_login_redirect_url(request))

    def pre_login(self, request: HttpRequest, user: Person, **hints: Any) -> HttpResponse | None:
        answer: HttpResponse | None = super().pre_login(request, user, **hints)
        return answer if user.current else self.respond_user_inactive(request, user)


class SecondStep(DefaultMFAAdapter):  # type: ignore[misc]
    """The picture to scan has a white ground: on a dark page no app would read it. Keys are named plainly."""

    def generate_authenticator_name(self, user: Person, type: object) -> str:
        return str(_("Passkey"))

    def build_totp_svg(self, url: str) -> str:
        picture: str = super().build_totp_svg(url)
        return picture.replace("<path", '<rect width="100%" height="100%" fill="#fff"/><path', 1)
