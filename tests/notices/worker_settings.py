"""The product's worker on the database of the test that starts it, with the test's mail server."""

import json
import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

_told = json.loads(os.environ["TEST_WORKER"])
DATABASES["default"]["NAME"] = _told["database"]
MEDIA_ROOT = _told["files"]
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", _told["port"]
COMITY_MAIL_LEASE = 2
