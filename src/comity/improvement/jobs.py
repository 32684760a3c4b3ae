"""What was deferred returns by itself."""

from django.utils import timezone
from django_tasks import task

from comity.improvement.models import Improvement
from comity.jobs.schedule import every
from comity.records import write
from comity.records.write import Actor


@every("3 0 * * *")
@task()
def take_up_again() -> int:
    """Put deferred improvements whose day has come before those who decide; how many."""
    actor = Actor.system("deferred_improvement_returns")
    rows = Improvement.objects.filter(status=Improvement.Status.DEFERRED, deferred_to__lte=timezone.localdate())
    for row in rows:
        write.transition(row, "resume", actor=actor)
    return len(rows)
