"""Versions take effect and expire on their day."""

from django.utils import timezone
from django_tasks import task

from comity.agreements.models import AgreementVersion
from comity.agreements.operations import start
from comity.jobs.schedule import every
from comity.records import write
from comity.records.write import Actor

V = AgreementVersion.Status


@every("2 0 * * *")
@task()
def follow_dates() -> int:
    """Start what is agreed for today, and let expire what had its last day: the state says what the dates say."""
    today = timezone.localdate()
    due = list(
        AgreementVersion.objects.filter(status=V.AGREED, effective_on__lte=today).order_by("effective_on", "version_no")
    )
    for version in due:
        start(version)
    past = list(AgreementVersion.objects.filter(status=V.IN_FORCE, ends_on__lt=today))
    for version in past:
        write.transition(version, "expire", actor=Actor.system("version_ends_on_its_last_day"))
    return len(due) + len(past)
