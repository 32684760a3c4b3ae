"""The company's SAML provider, as the sign-in library finds it: by this file's name, in every process, so light."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

NAMES = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}
EMAIL = ["urn:oid:1.2.840.113549.1.9.1", "email", "mail"]  # besides what the library knows


class Company(SAMLProvider):  # type: ignore[misc]
    """Takes an assertion only if it says that it is for us, for this request, and until when."""

    package = "comity.identity.saml"
    default_attribute_mapping = SAMLProvider.default_attribute_mapping | {
        "email": [*SAMLProvider.default_attribute_mapping["email"], *EMAIL]
    }

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> SocialLogin:
        """Signature, issuer, and what is said about audience and time were checked: here, that it is said at all.

        The profile for browsers demands it (SAML 2.0 Profiles 4.1.4.2); an assertion that leaves it out could have
        been made for another service, or for another's request.
        """
        here = request.build_absolute_uri(reverse("saml_acs", args=[self.app.client_id]))
        told = ElementTree.fromstring(response.get_last_response_xml())  # noqa: S314  # parsed safely and signed
        subjects = told.findall(".//saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData", NAMES)
        asked = response.get_last_response_in_response_to()
        bound = [
            one.get("Recipient") == here and one.get("InResponseTo") == asked and bool(one.get("NotOnOrAfter"))
            for one in subjects
        ]
        if not asked or not bound or not all(bound):
            raise PermissionDenied("the assertion does not say that it answers our request")
        if told.find(".//saml:Conditions/saml:AudienceRestriction/saml:Audience", NAMES) is None:
            raise PermissionDenied("the assertion does not say whom it is for")
        return super().sociallogin_from_response(request, response)


provider_classes = [Company]
