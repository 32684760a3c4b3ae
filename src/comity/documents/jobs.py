"""Versions take effect on their day."""

from django.utils import timezone
from django_tasks import task

from comity.documents.models import DocumentVersion
from comity.documents.operations import release
from comity.jobs.schedule import every


@every("1 0 * * *")
@task()
def release_due() -> int:
    """Bring approved versions into effect whose day has come, oldest first; how many."""
    rows = DocumentVersion.objects.filter(
        status=DocumentVersion.Status.APPROVED, effective_on__lte=timezone.localdate()
    ).order_by("effective_on", "version_no")
    for version in rows:
        release(version)
    return len(rows)
