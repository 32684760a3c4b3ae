"""The pages that write: new, edit, step, post, attach, follow, link. Each calls `records.write` and shows its refusals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.records import write
from comity.records.access import may, readable
from comity.records.forms import RecordForm, form_class
from comity.records.kind import Kind, kinds
from comity.web import cells
from comity.web.gate import actor_of, go, of_kind, of_record, person_of

Errors = dict[str, list[str]]


def typed(form: forms.BaseForm, names: Iterable[str]) -> dict[str, Any]:
    """The plain values that were typed, as every door hands them to the write path."""
    return {name: form[name].data for name in names if name in form.fields}


def errors_of(error: ValidationError) -> Errors:
    return error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}


def show_errors(error: ValidationError, *shown: forms.BaseForm) -> list[str]:
    """Put each message beside its field; return those that belong to none."""
    loose: list[str] = []
    for name, texts in errors_of(error).items():
        form = next((one for one in shown if name in one.fields), None)
        if form is None:
            loose += texts
        else:
            for text in texts:
                if text not in form.errors.get(name, ()):
                    form.add_error(name, text)
    return loose


def grouped(form: forms.BaseForm) -> list[tuple[str, list[forms.BoundField]]]:
    """The fields under the headings that the form names in `groups`; the rest under none, first."""
    groups = getattr(form, "groups", ())
    named = {name for _heading, names in groups for name in names}
    found = [("", [form[name] for name in form.fields if name not in named])]
    found += [(str(heading), [form[name] for name in names if name in form.fields]) for heading, names in groups]
    return [(heading, fields) for heading, fields in found if fields]


def _files(request: HttpRequest, record: Any) -> None:
    for upload in request.FILES.getlist("files"):
        write.attach(record, upload, actor=actor_of(request))


def _form_page(request: HttpRequest, kind: Kind, form: RecordForm, status: int = 200, **more: Any) -> HttpResponse:
    context = {"kind": kind, "form": form, "groups": grouped(form), "loose": (), **more}
    return render(request, "web/form.html", context, status=status)


@of_kind
def new(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Register a record. Values may be proposed in the address (?customer=CUS-00007)."""
    person = person_of(request)
    if not may(person, kind, "create"):
        raise PermissionDenied
    make = form_class(kind)
    if request.method != "POST":
        proposed = {name: request.GET[name] for name in kind.fields if name in request.GET}
        return _form_page(request, kind, make(initial=proposed, person=person))
    form = make(request.POST, person=person)
    try:
        with transaction.atomic():
            record = write.create(kind, typed(form, kind.fields), actor=actor_of(request))
            _files(request, record)
    except ValidationError as error:
        return _form_page(request, kind, form, 422, loose=show_errors(error, form))
    messages.success(request, _("%(ref)s is registered.") % {"ref": record.ref})
    return go(request, record.url)


@of_record
def edit(request: HttpRequest, record: Any) -> HttpResponse:
    """Change a record. Somebody else's change meanwhile is shown beside what was typed, and nothing is lost."""
    kind, person = record.kind, person_of(request)
    if not may(person, record, "edit"):
        raise PermissionDenied
    make = form_class(kind)
    if request.method != "POST":
        return _form_page(request, kind, make(instance=record, person=person), record=record, version=record.version)
    form = make(request.POST, instance=record, person=person)
    version, values = request.POST.get("version", ""), typed(form, kind.fields)
    try:
        with transaction.atomic():
            known = int(version) if version.isdigit() else None
            write.update(record, values, actor=actor_of(request), version=known, note=request.POST.get("note", ""))
            _files(request, record)
    except ValidationError as error:
        loose = show_errors(error, form)
        return _form_page(request, kind, form, 422, loose=loose, record=record, version=version)
    except write.Stale as stale:
        theirs = make(instance=stale.record, person=person)
        both = [
            (form[name].label, values[name], theirs[name].value())
            for name in values
            if str(values[name] or "") != str(theirs[name].value() or "")
        ]
        return _form_page(request, kind, form, 409, record=record, version=stale.record.version, both=both)
    messages.success(request, _("Saved."))
    return go(request, record.url)


class Occasion(forms.Form):
    """What every step may be given besides its own fields."""

    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    happened_at = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def __init__(self, *args: Any, needs_note: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["note"].label, self.fields["note"].required = _("Note"), needs_note
        self.fields["happened_at"].label = _("Happened at, if not now")


@of_record
def step(request: HttpRequest, record: Any, name: str) -> HttpResponse:
    """Take a step of the workflow: only what it requires is asked, and what is still missing is said (409)."""
    kind, person = record.kind, person_of(request)
    try:
        move = kind.workflow[name] if kind.workflow else None
    except KeyError:
        move = None
    if move is None:
        raise Http404
    if not may(person, record, name):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    names = (*move.requires, *move.asks)
    forms_: list[forms.BaseForm] = []
    if names:
        form = form_class(kind, names)(data, instance=record, person=person)
        for required in move.requires:
            form.fields[required].required = True
        forms_.append(form)
    if move.form:
        forms_.append(move.form(data))
    occasion = Occasion(data, needs_note=move.note)
    context = {
        "kind": kind, "record": record, "move": move, "label": cells.step_label(move), "occasion": occasion, "version": record.version,
        "target": move.target_of(record), "forms": forms_, "missing": (), "loose": (),
    }  # fmt: skip
    status = 200
    if data is None:
        if kind.workflow.status(record) not in move.sources:
            context["missing"], status = [_("This step is not possible in the present state.")], 409
    else:
        values = {key: value for form in forms_ for key, value in typed(form, form.fields).items()}
        version = data.get("version", "")
        try:
            write.transition(
                record, name, values, actor=actor_of(request), version=int(version) if version.isdigit() else None,
                note=data.get("note", ""), happened_at=data.get("happened_at") or None,
            )  # fmt: skip
        except ValidationError as error:
            context["loose"], status = show_errors(error, *forms_, occasion), 422
        except write.Refused as refused:
            context["missing"], status = refused.missing, 409
        except write.Stale as stale:
            context["stale"], context["version"], status = True, stale.record.version, 409
        else:
            messages.success(request, _("%(ref)s: %(step)s, done.") % {"ref": record.ref, "step": context["label"]})
            return go(request, record.url)
    template = "web/step.html#sheet" if request.headers.get("HX-Request") else "web/step.html"
    return render(request, template, context, status=status)


@require_POST
@of_record
def post(request: HttpRequest, record: Any) -> HttpResponse:
    """Write on the timeline, attach files, or both."""
    body = request.POST.get("body", "")
    try:
        with transaction.atomic():
            if body.strip() or not request.FILES:
                write.post(record, body, actor=actor_of(request), public=bool(request.POST.get("public")))
            _files(request, record)
    except ValidationError as error:
        from comity.web.record import show_page

        return show_page(request, record, status=422, written=body, refused=error.messages)
    return go(request, record.url)


@require_POST
@of_record
def follow(request: HttpRequest, record: Any) -> HttpResponse:
    """Hear of this record, or no longer."""
    write.follow(record, actor_of(request), on=request.POST.get("on") == "1")
    return go(request, record.url)


@require_POST
@of_record
def link(request: HttpRequest, record: Any) -> HttpResponse:
    """Tie another record, named by its reference, to this one."""
    ref, verb = request.POST.get("to", "").split(" · ")[0].strip().upper(), request.POST.get("verb", "relates_to")[:40]
    prefix = ref.rpartition("-")[0]
    other = next(
        (found for kind in kinds() if kind.ref == prefix if (found := readable(kind, person_of(request)).filter(ref=ref).first())),
        None,
    )
    if other is None or other == record:
        messages.error(request, _("“%(ref)s” is not known here, or may not be read by you.") % {"ref": ref})
    else:
        write.link(record, verb, other, actor=actor_of(request))
    return go(request, record.url)
