"""How people sign in: constants that the settings take over as they are."""

import os
from urllib.parse import urlsplit

AUTH_USER_MODEL = "accounts.Person"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
OUTSIDE_URL = "/portal/"  # where contacts of outside parties land instead
AUTHENTICATION_BACKENDS = ["comity.accounts.sign_in.CurrentPeople"]

# Accounts are made by an administrator, who also vouches for the address.
ACCOUNT_ADAPTER = "comity.accounts.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_FORMS = {"reset_password": "comity.accounts.forgotten.Forgotten"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Comity] "
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL

# Counted in the default cache, which all processes share; a "key" is the address that is tried.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = int(
    os.environ.get("COMITY_BEHIND_PROXY", "").strip().lower() in ("1", "true", "yes", "on")
)

MFA_ADAPTER = "comity.accounts.sign_in.SecondStep"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    f"{name}_webauthn": f"comity.accounts.keys.{name.capitalize()}"
    for name in ("login", "authenticate", "reauthenticate", "add")
}
MFA_TOTP_ISSUER = "Comity"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody could have added an address that is not theirs

# A directory that knows passwords: people are found by search (base, filter, bind), or their name tells where (dn).
LDAP = {
    "url": os.environ.get("COMITY_LDAP_URL", "").strip(),
    "base": os.environ.get("COMITY_LDAP_BASE", ""),
    "filter": os.environ.get("COMITY_LDAP_FILTER", "").strip() or "(mail={email})",
    "bind_dn": os.environ.get("COMITY_LDAP_BIND_DN", ""),
    "bind_password": os.environ.get("COMITY_LDAP_BIND_PASSWORD", ""),
    "dn": os.environ.get("COMITY_LDAP_DN", "").strip(),
    "ca": os.environ.get("COMITY_LDAP_CA", "").strip(),
}
if LDAP["url"]:
    AUTHENTICATION_BACKENDS.append("comity.accounts.directory.Directory")

# An identity provider speaking OpenID Connect: whoever it vouches for enters, if an administrator added that address.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
_ISSUER = os.environ.get("COMITY_OIDC_ISSUER", "").strip().rstrip("/")
_OIDC = {
    "provider_id": "oidc",
    "name": os.environ.get("COMITY_OIDC_NAME", "").strip() or "OpenID Connect",
    "client_id": os.environ.get("COMITY_OIDC_CLIENT_ID", "").strip(),
    "secret": os.environ.get("COMITY_OIDC_CLIENT_SECRET", "").strip(),
    "settings": {"server_url": _ISSUER, "oauth_pkce_enabled": True},
}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [_OIDC] if _ISSUER else []}}
# Where the sign-in form may lead to: browsers hold a form's redirects against the content policy.
OIDC_ADDRESSES = [urlsplit(_ISSUER)._replace(path="", query="", fragment="").geturl()] if _ISSUER else []
