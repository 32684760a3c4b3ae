"""Forms that take a passkey's answer: an answer without its parts is a wrong one, and breaks nothing."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn import forms

from comity.accounts.sign_in import SecondStep

BROKEN = (KeyError, TypeError, AttributeError, ValueError)


class _Whole:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except BROKEN as error:
            raise SecondStep().validation_error("incorrect_code") from error


class Login(_Whole, forms.LoginWebAuthnForm):  # type: ignore[misc]
    """The key alone."""


class Authenticate(_Whole, forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The key after the password."""


class Reauthenticate(_Whole, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The key before something delicate."""


class Add(forms.AddWebAuthnForm):  # type: ignore[misc]
    """A new key."""

    def clean(self) -> Any:
        try:
            return super().clean()
        except BROKEN as error:
            raise SecondStep().validation_error("incorrect_code") from error
