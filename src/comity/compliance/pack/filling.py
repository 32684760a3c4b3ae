"""The worker makes the packs that somebody asked for."""

from __future__ import annotations

from django_tasks import task

from comity.compliance.models import Pack
from comity.compliance.operations import packing
from comity.jobs.worker import report


@task(priority=10)  # somebody waits for it
def fill_pack(pk: int) -> None:
    """Make the file of a pack; one that is there already stays as it is."""
    packing.fill(Pack.objects.select_related("maker", "reader").get(pk=pk), report)
