"""Nothing but jobs, done by Celery, on the database and the broker of the test."""

import json
import os

from tests.jobs.worker_settings import *  # noqa: F403

TASKS = {"default": {"BACKEND": "comity.jobs.celery.CeleryBackend", "OPTIONS": json.loads(os.environ["TEST_CELERY"])}}
