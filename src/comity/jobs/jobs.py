"""The table keeps itself short."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone
from django_tasks import task

from comity.jobs.models import Job
from comity.jobs.schedule import every

KEEP = timedelta(days=30)
KEEP_SLOTS = timedelta(days=2)  # of jobs that return by the clock


@every("17 3 * * *")
@task()
def tidy() -> int:
    """Remove what ended well some time ago. Failures stay until somebody has looked at them.

    The latest slot of each scheduled task stays too: its key says that it was done, even if it returns once a year.
    """
    now, slots = timezone.now(), Job.objects.exclude(unique_key=None)
    ended = Job.objects.filter(state__in=(Job.State.DONE, Job.State.CANCELLED))
    latest = list(slots.order_by().values_list("name").annotate(last=Max("id")).values_list("last", flat=True))
    old = ended.filter(finished_at__lt=now - KEEP, unique_key=None)
    past = ended.filter(finished_at__lt=now - KEEP_SLOTS, pk__in=slots).exclude(pk__in=latest)
    return sum(rows.delete()[0] for rows in (old, past))
