"""What the worker does for the portal: prepare copies of own data, and forget those that have lapsed."""

from __future__ import annotations

from django_tasks import task

from comity.jobs.schedule import every
from comity.portal.models import OwnData
from comity.portal.owndata import prepare_copy


@task()
def prepare(pk: int) -> bool:
    """Put together what was asked for. Safe to repeat."""
    return prepare_copy(pk)


@every("41 * * * *", "portal.forget")
@task()
def forget() -> int:
    """Delete the copies that nobody can fetch any more."""
    return OwnData.objects.lapsed().delete()[0]
