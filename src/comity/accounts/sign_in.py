"""Who may enter: people an administrator added, between their first and their last day."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest, HttpResponse

from comity.accounts.models import Person


class CurrentPeople(AuthenticationBackend):  # type: ignore[misc]
    """Asked when somebody signs in and again at every request, so that who left is out at once."""

    def user_can_authenticate(self, user: Person) -> bool:
        return user.current


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up; whoever is not current is turned away whatever proof they bring."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Person, **hints: Any) -> HttpResponse | None:
        if not user.current:
            response: HttpResponse = self.respond_user_inactive(request, user)
            return response
        answer: HttpResponse | None = super().pre_login(request, user, **hints)
        return answer


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """An identity provider proves who somebody is; it does not add people."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
