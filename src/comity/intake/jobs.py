"""Imports in the background: the dry run and the writing, with progress. Both may be cancelled and done again."""

from __future__ import annotations

import time

from django.utils import timezone
from django_tasks import task

from comity.intake import operations
from comity.intake.mail.jobs import fetch_mail, take_held
from comity.intake.mapping import WrongMapping
from comity.intake.models import Import
from comity.intake.tables import Unreadable
from comity.jobs.backend import GiveUp
from comity.jobs.schedule import every
from comity.jobs.worker import report
from comity.records.access import NotAllowed
from comity.records.files import folder

__all__ = ["apply_import", "check_import", "fetch_mail", "take_held"]
HOPELESS = (WrongMapping, Unreadable, NotAllowed)


@every("41 3 * * *")
@task()
def remove_old_uploads() -> int:
    """Uploaded tables are kept for 30 days."""
    return operations.remove_old(timezone.now())


@every("43 3 * * *")
@task()
def remove_parts() -> int:
    """Bytes that a process was writing when it was killed belong to no record, and nothing else would remove them."""
    old = time.time() - 24 * 3600
    left = [part for part in folder().glob("*.part") if part.stat().st_mtime < old]
    for part in left:
        part.unlink(missing_ok=True)
    return len(left)


def _tell(imported: Import) -> None:
    report(imported.done, imported.total)


@task()
def check_import(pk: int) -> None:
    """The dry run."""
    imported = Import.objects.get(pk=pk)
    try:
        operations.check(imported, operations.plan_of(imported), _tell)
    except HOPELESS as error:
        raise GiveUp(str(error)) from error


@task()
def apply_import(pk: int) -> None:
    """Write what is not written yet; after a crash or a cancellation it goes on at the checkpoint."""
    imported = Import.objects.get(pk=pk)
    if imported.state == Import.State.DONE:
        return
    try:
        operations.apply(imported, operations.plan_of(imported), _tell)
    except HOPELESS as error:
        raise GiveUp(str(error)) from error
