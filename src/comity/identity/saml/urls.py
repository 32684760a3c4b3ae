"""Below /accounts/saml/. What reads XML and signatures is loaded when a provider is set up and somebody comes by it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView


def _door(name: str) -> Callable[..., HttpResponseBase]:
    @login_not_required
    def door(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
        apps = settings.SOCIALACCOUNT_PROVIDERS.get("saml", {}).get("APPS", ())
        if organization_slug not in [app["client_id"] for app in apps]:
            raise Http404
        view = getattr(import_module("comity.identity.saml.doors"), name)
        answer: HttpResponseBase = view(request, organization_slug)
        return answer

    return door


_ONE = "saml/<str:organization_slug>/"
urlpatterns = [
    path(f"{_ONE}login/", _door("login"), name="saml_login"),
    path(f"{_ONE}acs/", csrf_exempt(_door("taken")), name="saml_acs"),  # the provider's page posts here
    path(f"{_ONE}acs/finish/", _door("finish"), name="saml_finish_acs"),
    path(f"{_ONE}metadata/", _door("metadata"), name="saml_metadata"),
    # Nobody else signs people out here: the page asks.
    path(f"{_ONE}sls/", login_not_required(RedirectView.as_view(url="/accounts/logout/")), name="saml_sls"),
]
