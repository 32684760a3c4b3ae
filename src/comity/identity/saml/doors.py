"""The library's pages of SAML: whatever comes, nobody but the asker is let in, and people are told on a page."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.providers.saml import utils, views
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from xmlsec import Error as XmlsecError

from comity.accounts.limits import address_of, within

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]
BROKEN = (
    PermissionDenied, OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, LxmlError, XmlsecError,
    ValueError, TypeError, KeyError, AttributeError,
)  # fmt: skip
CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
LARGEST, OFTEN = 500_000, (60, 60)  # characters of an answer; tries, seconds


def _auth(request: HttpRequest, provider: Any) -> OneLogin_Saml2_Auth:
    """As the library makes it, with each certificate of the company: a new one is told before the old one ends."""
    config = utils.build_saml_config(request, provider.app.settings, provider.app.client_id)
    if several := CERTIFICATE.findall(config["idp"]["x509cert"]):
        config["idp"] |= {"x509cert": several[0], "x509certMulti": {"signing": several}}
    return OneLogin_Saml2_Auth(utils.prepare_django_request(request), config)


views.build_auth = _auth


def _told(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, organization_slug: str) -> HttpResponse:
        try:
            return view(request, organization_slug=organization_slug)
        except BROKEN as error:
            log.warning("nobody was let in by SAML: %r", error)
            return render(request, "socialaccount/authentication_error.html", status=401)

    return answer


def _take(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Keep the provider's answer for the page that reads it: anybody can send one, so neither large nor often."""
    if len(request.POST.get("SAMLResponse", "")) > LARGEST or not within("saml", address_of(request), *OFTEN):
        raise PermissionDenied("too large or too often")
    answer: HttpResponse = views.acs(request, organization_slug=organization_slug)
    return answer


login, finish = _told(views.login), _told(require_safe(views.finish_acs))
taken, metadata = _told(require_POST(_take)), _told(require_safe(views.metadata))
