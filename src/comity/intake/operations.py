"""What every door to an import does: find the mapping, begin or take up an import, and work it off."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Person, Unit
from comity.intake import mapping, run, tables
from comity.intake.mapping import Plan, WrongMapping
from comity.intake.models import Import, Remark
from comity.intake.own import own_plan
from comity.records.kind import Kind, kind_named
from comity.records.trail import Actor

RULE = "import"
KEPT = timedelta(days=30)  # so long an uploaded file can be checked, applied or gone on with


def uploads() -> Path:
    """Where uploaded tables lie until they are removed."""
    return Path(settings.MEDIA_ROOT) / "imports"


def remove_old(now: datetime) -> int:
    """Remove the uploaded tables whose time is over; what they said has been taken over or was not wanted."""
    old = [path for path in uploads().glob("*") if path.stat().st_mtime < (now - KEPT).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def plan_for(kind: Kind, path: Path, text: str = "", name: str = "", zone: str = "UTC") -> Plan:
    """The mapping given, else the shipped one that knows the file's columns, else our own field names.

    Raises WrongMapping and Unreadable.
    """
    if text:
        plan = mapping.read(text, name)
        if plan.kind != kind.name:
            raise WrongMapping(_("The mapping is for %(kind)s.") % {"kind": plan.kind})
        with run.peek(path, plan) as table:
            missing = [column for column in plan.match if column not in table.columns]
            if missing:
                raise WrongMapping(_("The file has no column “%(name)s”.") % {"name": missing[0]})
        return run.bound(plan.of_file(path))
    with run.peek(path) as table:
        found = mapping.detect(kind.name, table.columns) or own_plan(kind, table.columns, zone)
        return run.bound(found.of_file(path))


def begin(kind: Kind, path: Path, plan: Plan, text: str = "", person: Person | None = None, name: str = "") -> Import:
    """A new import of the file."""
    return Import.objects.create(
        kind=kind.name,
        name=(name or path.name)[:200],
        path=str(path.resolve()),
        sha256=tables.digest(path),
        mapping=plan.name[:80],
        mapping_text=text,
        person=person,
    )


def unfinished(kind: Kind, path: Path, text: str = "") -> Import | None:
    """The latest import of this very file by this mapping that began to write and did not come to its end."""
    left = Import.objects.filter(kind=kind.name, sha256=tables.digest(path), mapping_text=text)
    states = (Import.State.APPLYING, Import.State.STOPPED, Import.State.FAILED)
    found = left.filter(state__in=states, done__gt=0).exclude(done__gte=F("total")).first()
    if found is not None:
        found.path = str(path.resolve())
        Import.objects.filter(pk=found.pk).update(path=found.path)
    return found


def actor_of(imported: Import) -> Actor:
    """The person who imports, with that person's rights; without one, the installation by its rule."""
    return Actor(imported.person, via="import") if imported.person else Actor.system(RULE, via="import")


def check(imported: Import, plan: Plan, progress: run.Progress | None = None, **options: Any) -> Import:
    """The dry run. Its counts say what would become of the rows."""
    Import.objects.filter(pk=imported.pk).update(state=Import.State.CHECKING)
    _reset(imported)
    with _Failing(imported):
        imported.total = run.count(imported.file, plan)
        run.Run(imported, plan, actor_of(imported), **options).check(progress)
    imported.state, imported.finished_at = Import.State.CHECKED, timezone.now()
    imported.save()
    return imported


def apply(imported: Import, plan: Plan, progress: run.Progress | None = None, **options: Any) -> Import:
    """Write what is not written yet."""
    if imported.state in (Import.State.CHECKING, Import.State.CHECKED):
        _reset(imported)
        Remark.objects.filter(run=imported, dry=False).delete()
    imported.state, imported.finished_at, imported.error = Import.State.APPLYING, None, ""
    imported.total = imported.total or run.count(imported.file, plan)
    imported.save()
    with _Failing(imported):
        run.Run(imported, plan, actor_of(imported), **options).apply(progress)
    imported.state, imported.finished_at = Import.State.DONE, timezone.now()
    if imported.refused and not (imported.created or imported.updated or imported.unchanged):
        imported.state = Import.State.FAILED
        imported.error = _("Nothing was taken over: every row was refused. The remarks say why.")
    imported.save(update_fields=["state", "finished_at", "error"])
    return imported


def _reset(imported: Import) -> None:
    for name in ("done", *run.TOTALS):
        setattr(imported, name, 0)


class _Failing:
    """Keeps on the import why it ended, whatever ended it."""

    def __init__(self, imported: Import) -> None:
        self.imported = imported

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, run.Overtaken):
            return
        state = Import.State.FAILED if isinstance(error, Exception) else Import.State.STOPPED
        with suppress(DatabaseError), transaction.atomic():  # a full disk does not take this either
            Import.objects.filter(pk=self.imported.pk).update(
                state=state, error=reason(error)[:2000], finished_at=timezone.now()
            )


def reason(error: BaseException) -> str:
    """Why it ended, in words for people."""
    if isinstance(error, DatabaseError | OSError):
        told = _("The database or its disk refused: %(why)s. What was written before stays; go on when there is room.")
        return told % {"why": " ".join(str(error).split())}
    return str(error)


def plan_of(imported: Import, zone: str = "UTC") -> Plan:
    """The mapping that an import began with."""
    return plan_for(kind_named(imported.kind), imported.file, imported.mapping_text, imported.mapping, zone)


def unit_named(name: str) -> Unit | None:
    return Unit.objects.filter(name=name).first() if name else None


REPORT = ("line", "key", "outcome", "record", "field", "reason", "old", "new")


def report(imported: Import, dry: bool) -> list[tuple[Any, ...]]:
    """What was said about rows, one line for each field: why refused, what remarked, from what to what."""
    lines: list[tuple[Any, ...]] = []
    for remark in Remark.objects.filter(run=imported, dry=dry).iterator():
        start = (remark.line, remark.key, remark.outcome, remark.ref)
        for name, told in remark.fields.items() or [("", [])]:
            if remark.outcome == Remark.Outcome.UPDATED and told:
                lines.append((*start, name, "", *told))
            else:
                lines.append((*start, name, " ".join(told), "", ""))
    return lines
