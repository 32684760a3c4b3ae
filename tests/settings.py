"""The product's own settings, on a temporary folder, with a cheap password hasher."""

import os

from tests.engines import prepare

for name in [name for name in os.environ if name.startswith("COMITY_") and not name.startswith("COMITY_TEST_")]:
    if name not in ("COMITY_REFERENCE_DATA", "COMITY_BROWSER_REQUIRED"):
        del os.environ[name]  # what the developer set for another purpose must not change a test
prepare()

from comity.config.settings import *  # noqa: E402, F403
from comity.config.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file (tests/databases.py), as in production: threads and processes see what they would see there.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
