"""Everything an installation can be told, in one file.

Only the environment is read; `docs/how-to/configure.md` lists the variables. Nothing heavy is imported here:
the time until `/readyz` answers is a promise.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from comity.accounts.auth_settings import *  # noqa: F403
from comity.config import environment as env
from comity.identity.settings import SAML, SAML_ADDRESSES

PACKAGE = Path(__file__).resolve().parent.parent
DATA = env.folder("COMITY_DATA", "data")

DEBUG = env.flag("COMITY_DEBUG")
SECRET_KEY = env.secret("COMITY_SECRET_KEY", DATA / "secret.key")

# The address under which people reach this installation; links in mails, cookies and host checks follow from it.
URL = env.text("COMITY_URL")
_SECURE = URL.startswith("https:")
ALLOWED_HOSTS = env.words("COMITY_HOSTS", [urlsplit(URL).hostname or ""] if URL else [])
ALLOWED_HOSTS += [host for host in ("localhost", "127.0.0.1", "[::1]") if host not in ALLOWED_HOSTS]
CSRF_TRUSTED_ORIGINS = [URL.rstrip("/")] if URL else []

# --- rooms -----------------------------------------------------------------------------------------------------------

# From the lowest floor to the highest; templates of a higher room win over those of a lower one, hence reversed below.
ROOMS = [
    "jobs",
    "clocks",
    "accounts",
    "records",
    "reports",
    "api",
    "web",
    "parties",
    "people",
    "identity",
    "communications",
    "documents",
    "knowledge",
    "improvement",
    "measures",
    "risks",
    "agreements",
    "cases",
    "satisfaction",
    "claims",
    "supply",
    "reviews",
    "notices",
    "intake",
    "compliance",
    "privacy",
    "home",
    "portal",
    "desk",
]

INSTALLED_APPS = [
    *(f"comity.{room}" for room in reversed(ROOMS)),
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "comity.config.logs.RequestId",
    "comity.config.metrics.Measured",
    "django.middleware.security.SecurityMiddleware",
    "comity.config.middleware.ContentPolicy",
    "comity.config.middleware.Compression",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "comity.config.middleware.Textual",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "comity.accounts.middleware.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "comity.home.administration.auditors.Watched",
]

ROOT_URLCONF = "comity.config.urls"
WSGI_APPLICATION = "comity.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

# --- data ------------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.database(env.text("DATABASE_URL"), DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all processes and machines, so that rate limits count once.
# Of more entries than this a third is thrown away, whatever they count: nobody must be able to make so many.
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

MEDIA_ROOT = env.folder("COMITY_FILES", str(DATA / "files"))
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
COMITY_UPLOAD_BYTES = env.number("COMITY_UPLOAD_MEGABYTES", 25) * 2**20
COMITY_API_RATE = env.number("COMITY_API_RATE", 30_000)

# --- people ----------------------------------------------------------------------------------------------------------

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
SOCIALACCOUNT_PROVIDERS |= SAML  # noqa: F405
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# --- jobs ------------------------------------------------------------------------------------------------------------

TASKS = {
    "default": {
        "BACKEND": env.text("COMITY_TASKS_BACKEND", "comity.jobs.backend.DatabaseBackend"),
        "OPTIONS": {"broker": env.text("COMITY_BROKER_URL", "redis://127.0.0.1:6379/0")},  # of the Celery backend
    }
}

# --- mail ------------------------------------------------------------------------------------------------------------

# smtp://user:password@host:port; smtps: is TLS from the first byte, smtp+tls: is STARTTLS. Without it mails go to
# a folder below the data, where a demonstration can show them and nothing leaves the machine.
_MAIL = urlsplit(env.text("COMITY_MAIL_URL"))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _MAIL.hostname else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = DATA / "mail"
EMAIL_HOST, EMAIL_PORT = _MAIL.hostname or "", _MAIL.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.username or "", _MAIL.password or ""
EMAIL_USE_SSL, EMAIL_USE_TLS = _MAIL.scheme == "smtps", _MAIL.scheme == "smtp+tls"
EMAIL_TIMEOUT = 20
COMITY_MAIL_LEASE = 300  # seconds, longer than sending one takes: then a mail whose worker died is sent again
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("COMITY_MAIL_FROM", "comity@localhost")
# Where customers write to: imaps://user:password@host/INBOX, imap: without TLS. Replies come to its address, with a
# signed token behind the separator, as in help+cmp-00042-…@example.org; empty where the server knows no such addresses.
COMITY_MAILBOX = env.text("COMITY_MAILBOX_URL")
COMITY_MAIL_SEPARATOR = env.text("COMITY_MAIL_SEPARATOR", "+")

# --- webhooks --------------------------------------------------------------------------------------------------------

# Private networks to which webhooks may be sent, unencrypted, too; without it they go to the public internet only.
COMITY_WEBHOOK_PRIVATE = env.networks("COMITY_WEBHOOK_PRIVATE")

# --- language and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = env.text("COMITY_LANGUAGE", "en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
COMITY_TIME_ZONE = env.text("COMITY_TIME_ZONE", "UTC")  # the organisation's, and of people who have not chosen theirs
TIME_ZONE = COMITY_TIME_ZONE  # what the worker does on a day, it does on the organisation's
COMITY_CURRENCY = env.text("COMITY_CURRENCY", "EUR")  # the organisation's; limits of money are in it

# --- what browsers get -----------------------------------------------------------------------------------------------

# Files are served from where they lie, under an address that carries their content's hash: no collecting at start.
STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "comity.config.assets.VersionedStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 365 * 24 * 3600

CONTENT_POLICY = {
    "default-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    # The sign-in form leads on to the identity provider, and where that one leads to further addresses, to them.
    "form-action": ["'self'", *OIDC_ADDRESSES, *SAML_ADDRESSES, *env.words("COMITY_SIGN_IN_ADDRESSES")],  # noqa: F405
    "img-src": ["'self'", "data:"],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("COMITY_BEHIND_PROXY") else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "comity.config.errors.csrf_failure"

# --- figures ---------------------------------------------------------------------------------------------------------

# Who sends it as a bearer token reads /metrics; without it there is no such page.
COMITY_METRICS_TOKEN = env.text("COMITY_METRICS_TOKEN")

# --- log -------------------------------------------------------------------------------------------------------------

_JSON = env.choice("COMITY_LOG_FORMAT", "line", "json") == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"},
        "json": {"()": "comity.config.logs.Json"},
    },
    "filters": {
        "request": {"()": "comity.config.logs.InRequest"},
        "brief": {"()": "comity.config.discretion.BriefRefusals"},
        "discreet": {"()": "comity.config.discretion.WithoutSecrets"},
        "single": {"()": "comity.config.discretion.OneLine"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if _JSON else "line",
            "filters": ["request", "brief", "discreet", "single"],
        }
    },
    "root": {"handlers": ["console"], "level": env.text("COMITY_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "comity.request": {"level": "INFO" if _JSON else "WARNING"},  # a line for each request
    },
}
LOGGING_CONFIG = "logging.config.dictConfig"
