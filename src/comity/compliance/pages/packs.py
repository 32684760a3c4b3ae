"""Evidence packs: ask for one, watch it being made, take it away, and see what differs between two."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.accounts.forms import DAY
from comity.accounts.models import Grant, Person, in_force
from comity.accounts.roles import Role
from comity.compliance.catalogue import standards
from comity.compliance.models import Pack
from comity.compliance.operations import packing
from comity.compliance.operations.moments import moment
from comity.compliance.operations.scope import covers
from comity.compliance.pack.comparing import compare
from comity.compliance.pack.filling import fill_pack
from comity.compliance.pack.verifying import Broken
from comity.compliance.pages import access, differing
from comity.jobs.models import Job
from comity.records.access import may_note
from comity.web import navigation
from comity.web.gate import actor_of, go, person_of

SHOWN = 50
TASK = fill_pack.module_path
AT_WORK = (  # the steps of `packing.make`
    gettext_lazy("Looks up what may be read"), gettext_lazy("Reads the records as they were"),
    gettext_lazy("Writes the report"), gettext_lazy("Closes and seals"),
)  # fmt: skip
WHAT = {
    "requirements": gettext_lazy("Requirements"), "records": gettext_lazy("Records"),
    "documents": gettext_lazy("Documents"), "files": gettext_lazy("Files"),
}  # fmt: skip


def auditors() -> Any:
    """People from outside who may read today."""
    today = timezone.localdate()
    held = Grant.objects.filter(in_force(today), role=Role.AUDITOR).values("person")
    return Person.objects.filter(in_force(today), pk__in=held, is_active=True).order_by("name")


class PackForm(forms.Form):
    """What is frozen, at which moment, and for whom."""

    standard = forms.ChoiceField(label=gettext_lazy("standard"), required=False)
    day = forms.DateField(
        label=gettext_lazy("as of the end of"), required=False, widget=DAY, help_text=gettext_lazy("Empty: now.")
    )
    reader = forms.ModelChoiceField(
        label=gettext_lazy("for"), queryset=Person.objects.none(), required=False, empty_label=gettext_lazy("Myself"),
        help_text=gettext_lazy("Only what this person may read goes into it."),
    )  # fmt: skip

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        known = access.standards_of(person)
        choices = [("", _("All standards")), *((code, str(one)) for code, one in known.items())]
        self.fields["standard"].choices = choices  # type: ignore[attr-defined]
        self.fields["reader"].queryset = auditors()  # type: ignore[attr-defined]

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        return moment(day.isoformat()) if day else timezone.now()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        reader = data.get("reader")
        if reader and not covers(reader, data.get("standard", "")):
            self.add_error("standard", _("This is not what the auditor was invited for."))
        return data


@access.readers
def listed(request: HttpRequest) -> HttpResponseBase:
    """The packs that may be taken away, and the form for one more. Auditors take away and ask for none."""
    person = person_of(request)
    makes = access.computes(person)
    form = PackForm(request.POST or None, person=person) if makes else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            return _ask(request, person, form.cleaned_data)
    context = {"form": form, **_rows(person)}
    return render(request, "compliance/packs.html", context, status=422 if form and form.errors else 200)


@transaction.atomic
def _ask(request: HttpRequest, person: Person, asked: dict[str, Any]) -> HttpResponse:
    pack = Pack.objects.create(
        standard=asked["standard"], as_of=asked["day"], language=get_language() or "en", maker=person,
        reader=asked["reader"] or person,
    )  # fmt: skip
    fill_pack.enqueue(pack.pk)
    return go(request, reverse("compliance:packs"))


def _rows(person: Person) -> dict[str, Any]:
    packs = Pack.objects.select_related("maker", "reader").order_by("-pk")[: SHOWN * 4]
    mine = [one for one in packs if packing.may_take(person, one)][:SHOWN]
    ended = (Job.State.FAILED, Job.State.CANCELLED)
    waiting = any(not one.made_at for one in mine)
    asked = Job.objects.filter(name=TASK).order_by("pk") if waiting else Job.objects.none()
    jobs = {job.args[0]: job for job in asked}
    known = standards()
    gone = packing.discarded(mine)
    rows = [(one, known.get(one.standard), job := jobs.get(one.pk), _step(job), gone.get(one.pk)) for one in mine]
    active = any(not one.made_at and job and job.state not in ended for one, _standard, job, _words, _gone in rows)
    return {"rows": rows, "active": active, "ready": [one for one in mine if one.ready], "discards": may_note(person)}


def _step(job: Job | None) -> str:
    """What the worker is at. The steps take unequal time and the longest cannot report, so no share is told."""
    return str(AT_WORK[min(job.done, len(AT_WORK) - 1)]) if job and job.total else ""


@require_GET
@access.readers
def progress(request: HttpRequest) -> HttpResponseBase:
    """The list alone, while the worker is at it."""
    return render(request, "compliance/packs_list.html", _rows(person_of(request)))


def _pack(request: HttpRequest, pk: Any) -> Pack:
    pack = Pack.objects.filter(pk=pk).first()
    if pack is None or not pack.ready or not packing.may_take(person_of(request), pack):
        raise Http404
    return pack


@require_GET
@access.readers
def take(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file."""
    pack = _pack(request, pk)
    answer = FileResponse(pack.path.open("rb"), as_attachment=True, filename=pack.name)
    answer["Cache-Control"] = "private, no-store"
    return answer


@access.readers
def discard(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What goes is shown before it goes; then its file goes, and the trail keeps that it was there."""
    pack, person, problems = _pack(request, pk), person_of(request), []
    if not packing.may_discard(person, pack):
        raise PermissionDenied
    if request.method == "POST":
        try:
            packing.discard(pack, request.POST.get("reason", ""), actor_of(request))
            return go(request, reverse("compliance:packs"))
        except ValidationError as error:
            problems = error.messages
    counts = [(name, sum(n.values()) if isinstance(n, dict) else n) for name, n in pack.counts.items()]
    context = {
        "pack": pack, "standard": standards().get(pack.standard), "problems": problems, "longest": packing.REASON,
        "counts": [(WHAT[name], n) for name, n in counts if name in WHAT],
    }  # fmt: skip
    return render(request, "compliance/packs_discard.html", context, status=422 if problems else 200)


@require_GET
@access.readers
def differences(request: HttpRequest) -> HttpResponseBase:
    """What changed from one pack to another: verdicts first, then records, documents and files."""
    given = [request.GET.get(name, "") for name in ("first", "second")]
    if not all(one.isdecimal() and len(one) < 10 for one in given):
        raise Http404
    first, second = (_pack(request, int(one)) for one in given)
    try:
        found, broken = compare(first.path, second.path), ""
    except Broken as error:
        found, broken = None, str(error)
    groups = differing.told(found, person_of(request)) if found else []
    count = sum(group.count for group in groups)
    context = {"first": first, "second": second, "groups": groups, "broken": broken, "count": count}
    return render(request, "compliance/packs_compare.html", context)


navigation.place(
    gettext_lazy("Evidence packs"), "/compliance/packs/", icon="package-check", group=gettext_lazy("Compliance"),
    order=32, visible=access.reads,
)  # fmt: skip
navigation.place(
    gettext_lazy("Assessment programme"), "/compliance/assessments/", icon="calendar-check",
    group=gettext_lazy("Compliance"), order=31, visible=access.reads,
)  # fmt: skip
