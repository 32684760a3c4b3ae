"""What the worker does for this room: letters, reminders, beginnings and ends of surveys."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop
from django_tasks import task

from comity.jobs.schedule import every
from comity.jobs.worker import give_way
from comity.records import write
from comity.records.seal import subscriber
from comity.records.trail import Actor, Refused
from comity.satisfaction import answering, inviting
from comity.satisfaction.models import Ballot, Survey

OVER = gettext_noop("The day of its end is over.")

subscriber(inviting.hear)


@every("*/10 * * * *", "satisfaction.letters")
@task()
def letters() -> int:
    """Invite who was drawn, remind who has not answered; the rest waits for the next turn."""
    return inviting.invite_drawn() + inviting.remind()


@every("23 * * * *", "satisfaction.surveys")
@task()
def surveys() -> int:
    """Open and close surveys on their days, and make records of answers without names."""
    today, done = timezone.localdate(), 0
    S = Survey.Status
    ready = Q(status=S.SAMPLED) | Q(status=S.PLANNED, raised_by=Survey.Trigger.CASE_CLOSED)
    for survey in Survey.objects.filter(ready, planned_on__lte=today, closes_on__gte=today, archived_at=None):
        done += _step(survey, "open")
    for survey in Survey.objects.filter(status=S.OPEN, closes_on__lt=today):
        done += _step(survey, "close", OVER)
    for pk in set(Ballot.objects.values_list("survey", flat=True)):
        answering.mix(Survey.objects.get(pk=pk))
        give_way()
    return done


def _step(survey: Survey, name: str, note: str = "") -> int:
    """What is still missing stays for a person: the survey shows as due."""
    try:
        write.transition(survey, name, actor=Actor.system("survey", "job"), note=note)
    except Refused:
        return 0
    return 1
