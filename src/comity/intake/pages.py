"""The pages of an import: upload, dry run with a remark for each row that has one, apply, progress, list of errors."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from comity.accounts.models import Person
from comity.intake import jobs, operations
from comity.intake.mail import pages as mail_pages
from comity.intake.mapping import WrongMapping
from comity.intake.models import Import, Remark
from comity.intake.public import desk as desk  # adds a panel
from comity.intake.run import may_tell_the_past
from comity.intake.tables import Unreadable
from comity.jobs.models import Job
from comity.records.access import may
from comity.records.kind import Kind, kind_named, kinds
from comity.records.trail import Actor
from comity.web import navigation
from comity.web.cells import capital
from comity.web.export import harmless
from comity.web.gate import go, page, person_of

__all__ = ["importable", "mail_pages"]  # the pages of mail come along
SHOWN = 200
MAPPING_AT_MOST = 1 << 18
S = Import.State


def importable(person: Person) -> Iterator[Kind]:
    """The kinds that this person may register."""
    return (kind for kind in kinds() if kind.group and may(person, kind, "create"))


navigation.place(
    gettext_lazy("Imports"), "/imports/", icon="upload", order=80, visible=lambda person: any(importable(person))
)


class UploadForm(forms.Form):
    """What to import, into what, by which mapping."""

    kind = forms.ChoiceField(label=gettext_lazy("Into"))
    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("CSV, packed or not, or XLSX. It is kept for 30 days.")
    )
    mapping = forms.FileField(
        label=gettext_lazy("Mapping"),
        required=False,
        help_text=gettext_lazy("TOML. Without one, the columns decide: a shipped mapping, or our own field names."),
    )

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        kind: Any = self.fields["kind"]
        kind.choices = [(one.name, capital(one.plural)) for one in importable(person)]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.COMITY_UPLOAD_BYTES:
            limit = settings.COMITY_UPLOAD_BYTES >> 20
            raise forms.ValidationError(_("The file is larger than %(limit)d MB.") % {"limit": limit})
        return file

    def clean_mapping(self) -> str:
        file = self.cleaned_data.get("mapping")
        if not file:
            return ""
        try:
            return str(file.read(MAPPING_AT_MOST).decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The mapping is not in UTF-8.")) from None


@page
def imports(request: HttpRequest) -> HttpResponse:
    """One's own imports, and the form for another."""
    person = person_of(request)
    if not any(importable(person)):
        raise Http404
    form = UploadForm(request.POST or None, request.FILES or None, person=person, initial=request.GET.dict())
    status = 200
    if request.method == "POST":
        if form.is_valid() and (imported := _taken(form, person)) is not None:
            return go(request, f"/imports/{imported.pk}/")
        status = 422
    rows = Import.objects.filter(person=person)[:50]
    return render(request, "intake/imports.html", {"form": form, "rows": rows}, status=status)


def _taken(form: UploadForm, person: Person) -> Import | None:
    """The new import with its dry run under way; None, with the reason in the form, where the file cannot be read."""
    upload, text = form.cleaned_data["file"], form.cleaned_data["mapping"]
    path = operations.uploads() / uuid4().hex
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.writelines(upload.chunks())
    except OSError:
        path.unlink(missing_ok=True)
        form.add_error("file", _("The file could not be kept: the disk of this installation does not take it."))
        return None
    kind = kind_named(form.cleaned_data["kind"])
    try:
        plan = operations.plan_for(kind, path, text, zone=person.time_zone)
        if plan.steps and not may_tell_the_past(Actor(person, via="import")):
            raise WrongMapping(_("Only process managers and operations directors take over steps of the past."))
    except (WrongMapping, Unreadable) as error:
        path.unlink()
        form.add_error("mapping" if text and isinstance(error, WrongMapping) else "file", str(error))
        return None
    with transaction.atomic():
        imported = operations.begin(kind, path, plan, text, person, Path(upload.name).name)
        _enqueue(imported, jobs.check_import)
    return imported


def _enqueue(imported: Import, task: Any) -> None:
    job = task.enqueue(imported.pk)
    Import.objects.filter(pk=imported.pk).update(job_id=int(job.id) if str(job.id).isdecimal() else None)


def _own(request: HttpRequest, pk: int) -> Import:
    found = Import.objects.filter(pk=pk, person=person_of(request)).first()
    if found is None:
        raise Http404
    return found


@page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, what it would do or has done, and what is to be said about rows."""
    imported = _own(request, pk)
    job = Job.objects.filter(pk=imported.job_id).first() if imported.job_id else None
    active = job is not None and job.state in (Job.State.READY, Job.State.RUNNING)
    dry = imported.state in (S.CHECKING, S.CHECKED)
    remarks = Remark.objects.filter(run=imported, dry=dry)
    broken = not active and imported.state in (S.FAILED, S.STOPPED, S.CHECKING, S.APPLYING)
    context = {
        "run": imported,
        "kind": kind_named(imported.kind),
        "job": job,
        "active": active,
        "dry": dry,
        "remarks": [(remark, _told(remark)) for remark in remarks[:SHOWN]],
        "more": remarks[SHOWN : SHOWN + 1].exists(),
        "may_apply": not active and imported.state == S.CHECKED and imported.created + imported.updated > 0,
        "may_resume": broken and imported.done > 0 and imported.state != S.CHECKING,
        "may_check": broken and (imported.done == 0 or imported.state == S.CHECKING),
    }
    template = "intake/import.html#part" if request.headers.get("HX-Request") else "intake/import.html"
    return render(request, template, context)


def _told(remark: Remark) -> list[tuple[str, list[Any]]]:
    try:
        kind = kind_named(remark.run.kind)
    except KeyError:
        return list(remark.fields.items())
    labels = {field.name: capital(str(field.verbose_name)) for field in kind.model._meta.fields}
    return [(labels.get(name, name), told) for name, told in remark.fields.items()]


@require_POST
@page
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply what was checked, stop it, or go on."""
    imported, word = _own(request, pk), request.POST.get("act")
    job = Job.objects.filter(pk=imported.job_id).first() if imported.job_id else None
    active = job is not None and job.state in (Job.State.READY, Job.State.RUNNING)
    if word == "cancel" and job is not None:
        job.cancel()
        messages.success(request, _("It stops after the batch at hand. What is written stays."))
    elif not active and word in ("apply", "resume") and imported.state in (S.CHECKED, S.FAILED, S.STOPPED, S.APPLYING):
        with transaction.atomic():
            _enqueue(imported, jobs.apply_import)
    elif not active and word == "check" and imported.state in (S.CHECKING, S.FAILED, S.STOPPED):
        with transaction.atomic():
            _enqueue(imported, jobs.check_import)
    return go(request, f"/imports/{imported.pk}/")


class _Line:
    def write(self, text: str) -> str:
        return text


@page
def remarks(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All remarks as a CSV file: line, key, field, reason, old, new."""
    imported = _own(request, pk)
    dry = imported.state in (S.CHECKING, S.CHECKED)
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(operations.REPORT)
        for line in operations.report(imported, dry):
            yield writer.writerow([harmless(cell) for cell in line])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-{imported.pk}.csv"'
    return answer
