"""Acts over many records in the background. They may be stopped, and go on where they stopped."""

from __future__ import annotations

from django_tasks import task

from comity.jobs.worker import report
from comity.web import bulk
from comity.web.models import Bulk


@task()
def work_off(pk: int) -> None:
    """Do what is not done yet, with a report after each batch."""
    bulk.work_off(Bulk.objects.select_related("person").get(pk=pk), report)
