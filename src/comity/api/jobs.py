"""What the worker does for the interface."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from comity.accounts import limits
from comity.api.models import IdempotencyKey
from comity.jobs.schedule import every

KEEP = timedelta(hours=24)


@every("23 * * * *", "api.forget")
@task()
def forget() -> int:
    """Forget the answers to requests that nobody will repeat any more, and the tries of times that are over."""
    return limits.forget() + IdempotencyKey.objects.filter(at__lt=timezone.now() - KEEP).delete()[0]
