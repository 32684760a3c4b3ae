"""The two pages of sign-in by an identity provider, which may be down: then people are told, and nothing breaks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from allauth.socialaccount.providers.openid_connect import views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def _told(view: View) -> View:
    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except (RequestException, KeyError) as error:
            log.warning("the identity provider does not answer as it should: %r", error)
            return render(request, "socialaccount/authentication_error.html", status=502)

    return answer


login, callback = _told(views.login), _told(views.callback)
