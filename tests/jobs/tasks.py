"""Tasks that the tests enqueue."""

import os
import time
from pathlib import Path

from django_tasks import TaskContext, task

from comity.jobs.backend import GiveUp
from comity.jobs.worker import report


@task()
def add(a: int, b: int) -> int:
    return a + b


@task()
def fail(message: str) -> None:
    raise ValueError(message)


@task()
def give_up() -> None:
    raise GiveUp("no such mailbox")


@task()
async def later(word: str) -> str:
    return word


@task(takes_context=True)
def attempt(context: TaskContext) -> int:
    return context.attempt


@task()
def count(total: int, ask_to_stop_at: int = 0) -> int:
    from comity.jobs.models import Job

    for done in range(1, total + 1):
        if done == ask_to_stop_at:
            Job.objects.get(state="running").cancel()
        report(done, total)
    return total


@task()
def note(path: str, seconds: float) -> None:
    """Write who began, sleep, write who ended."""
    with Path(path).open("a") as file:
        file.write(f"began {os.getpid()}\n")
        file.flush()
        time.sleep(seconds)
        file.write(f"ended {os.getpid()}\n")


@task()
def hold(path: str, gate: str) -> None:
    """As `note`, but end when there is a file at the gate."""
    with Path(path).open("a") as file:
        file.write(f"began {os.getpid()}\n")
        file.flush()
        while not Path(gate).exists():
            time.sleep(0.05)
        file.write(f"ended {os.getpid()}\n")
