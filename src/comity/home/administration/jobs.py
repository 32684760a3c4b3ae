"""Background work as administrators see it: what failed first; try again, or stop."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from comity.jobs.models import Job
from comity.records.trail import Actor, Refused, Thing, log

State = Job.State
RANK = (State.FAILED, State.RUNNING, State.READY, State.CANCELLED, State.DONE)
ACTS = {"retry": (State.FAILED, State.CANCELLED), "cancel": (State.READY, State.RUNNING)}
SIGNS = {
    State.FAILED: ("circle-alert", "bad"),
    State.RUNNING: ("loader", "now"),
    State.READY: ("clock", ""),
    State.CANCELLED: ("circle-slash", ""),
    State.DONE: ("circle-check", "good"),
}


def counts() -> list[tuple[str, str, int]]:
    """State, word, how many; the failed first."""
    found = dict(Job.objects.order_by().values_list("state").annotate(n=Count("pk")))
    return [(str(state), str(state.label), found.get(state, 0)) for state in RANK]


def failed() -> int:
    return Job.objects.filter(state=State.FAILED).count()


def listed(state: str, before: int | None) -> QuerySet[Job]:
    """Jobs of one state, newest first; or of all, by urgency."""
    if state:
        rows = Job.objects.filter(state=state).order_by("-id")
        return rows.filter(pk__lt=before) if before else rows
    order = Case(*(When(state=s, then=Value(n)) for n, s in enumerate(RANK)), output_field=IntegerField())
    return Job.objects.order_by(order, "-id")


@transaction.atomic
def act_on(job: Job, act: str, actor: Actor) -> None:
    """Retry or cancel. Refused when the job has moved on meanwhile."""
    if job.state not in ACTS[act]:
        raise Refused([str(job.get_state_display())])
    log(Thing.of(job), act, actor, changes={"name": [job.name, job.name]})
    job.retry() if act == "retry" else job.cancel()
