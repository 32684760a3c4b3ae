"""A forgotten password. Whoever asks learns nothing about who has an account, not even by how long the answer takes."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from allauth.account.forms import ResetPasswordForm
from allauth.core.context import request_context
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.translation import override
from django_tasks import task

from comity.accounts.links import site_of


class Forgotten(ResetPasswordForm):  # type: ignore[misc]
    """Leaves the mail to the worker: the mail server may be slow, or down."""

    def save(self, request: HttpRequest, **_: Any) -> str:
        address = str(self.cleaned_data["email"])
        send_reset.enqueue(address, site_of(request))
        return address


@task()
def send_reset(address: str, site: str) -> None:
    """Mail the link to set a new password, if somebody current has this address, in that person's language."""
    form = ResetPasswordForm({"email": address})
    if not form.is_valid() or not form.users:
        return
    where = urlsplit(site)
    asked = {"REQUEST_METHOD": "GET", "HTTP_HOST": where.netloc, "wsgi.url_scheme": where.scheme}
    request = WSGIRequest(asked | {"wsgi.input": BytesIO()})
    with request_context(request), override(form.users[0].language):
        form.save(request)
