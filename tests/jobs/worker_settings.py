"""Nothing but jobs, on the database of the test that starts the worker."""

import json
import os

SECRET_KEY = "test"
INSTALLED_APPS = ["comity.jobs"]
DATABASES = {"default": json.loads(os.environ["TEST_DATABASE"])}
TASKS = {"default": {"BACKEND": "comity.jobs.backend.DatabaseBackend"}}
USE_TZ = True
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
