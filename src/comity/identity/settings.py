"""What an installation is told about the company's SAML provider; the settings take it over as it is."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_URL = os.environ.get("COMITY_SAML_URL", "").strip()


def _company() -> dict[str, Any]:
    certificate = Path(os.environ.get("COMITY_SAML_CERTIFICATE", "").strip())
    return app(
        os.environ.get("COMITY_SAML_ISSUER", "").strip(),
        _URL,
        certificate.read_text(encoding="ascii"),
        os.environ.get("COMITY_SAML_NAME", "").strip() or "SAML",
    )


def app(issuer: str, url: str, certificate: str, name: str) -> dict[str, Any]:
    """The provider as the sign-in library wants it told.

    An administrator added each address, and the company answers for those in its assertions, as a directory does for
    its entries; hence they count as verified. Only an answer that we asked for is taken.
    """
    return {
        "client_id": "company",
        "name": name,
        "settings": {
            "idp": {"entity_id": issuer, "sso_url": url, "x509cert": certificate},
            "verified_email": True,
            "advanced": {
                "allow_single_label_domains": True,
                "reject_idp_initiated_sso": True,
                "want_attribute_statement": False,
                "want_name_id": True,
            },
        },
    }


SAML = {"saml": {"APPS": [_company()] if _URL else []}}
SAML_ADDRESSES = [urlsplit(_URL)._replace(path="", query="", fragment="").geturl()] if _URL else []
