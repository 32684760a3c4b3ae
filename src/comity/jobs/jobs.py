"""The table keeps itself short."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from comity.jobs.models import Job
from comity.jobs.schedule import every

KEEP = timedelta(days=30)
KEEP_SLOTS = timedelta(days=400)  # the key of a yearly slot must outlive the year


@every("17 3 * * *")
@task()
def tidy() -> int:
    """Remove what ended well some time ago. Failures stay until somebody has looked at them."""
    ended = Job.objects.filter(state__in=(Job.State.DONE, Job.State.CANCELLED))
    free, _ = ended.filter(unique_key=None, finished_at__lt=timezone.now() - KEEP).delete()
    slots, _ = ended.filter(finished_at__lt=timezone.now() - KEEP_SLOTS).delete()
    return free + slots
