"""The pages that write: new, edit, step, post, follow, link. Each calls `records.write` and shows what it refuses."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.accounts.models import Person
from comity.records import write
from comity.records.access import may, readable
from comity.records.forms import Moment, RecordForm, form_class
from comity.records.kind import Kind
from comity.records.workflow import Move
from comity.web import cells
from comity.web.finding import by_ref
from comity.web.gate import actor_of, go, page, person_of
from comity.web.record import facts, show_page


def typed(form: forms.BaseForm, names: Iterable[str]) -> dict[str, Any]:
    """The plain values that were typed, as every door hands them to the write path."""
    return {name: form[name].data for name in names if name in form.fields}


def as_text(value: Any) -> str:
    """What a form shows or was given, comparable: what nobody touched must not count as changed (line ends)."""
    if isinstance(value, forms.BoundField):
        shown, widget = value.value(), value.field.widget
        value = widget.format_value(shown) if isinstance(widget, forms.DateTimeInput | forms.DateInput) else shown
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value in (None, False) else str(value).replace("\r\n", "\n").strip()


def errors_of(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}


def show_errors(error: ValidationError, *shown: forms.BaseForm) -> list[str]:
    """Put each message beside its field; return those that belong to none."""
    loose: list[str] = []
    for name, texts in errors_of(error).items():
        form = next((one for one in shown if name in one.fields), None)
        if form is None:
            loose += [text for text in texts if not any(text in one.non_field_errors() for one in shown)]
        else:
            for text in (text for text in texts if text not in form.errors.get(name, ())):
                form.add_error(name, text)
    return loose


def version_of(request: HttpRequest) -> int | None:
    version = request.POST.get("version", "")
    return int(version) if re.fullmatch("[0-9]{1,9}", version) else None


def _files(request: HttpRequest, record: Any, public: bool = False) -> None:
    if uploads := request.FILES.getlist("files"):
        write.attach_all(record, uploads, actor=actor_of(request), public=public)


def _form_page(request: HttpRequest, kind: Kind, form: RecordForm, status: int = 200, **more: Any) -> HttpResponse:
    """The form under the headings that it names in `groups`; fields under none of them come first."""
    groups = tuple(getattr(form, "groups", ()))
    named = {name for _heading, names in groups for name in names}
    groups = (("", [name for name in form.fields if name not in named]), *groups)
    drawn = [(heading, found) for heading, names in groups if (found := [form[n] for n in names if n in form.fields])]
    return render(request, "web/form.html", {"kind": kind, "form": form, "groups": drawn, **more}, status=status)


def opened(kind: Kind, record: Any, person: Person, data: Any = None) -> RecordForm:
    """The form over a record as it stands, without what no longer changes unless that was sent all the same."""
    form = form_class(kind)(data, instance=record, person=person)
    for name in record.settled():
        if name not in (data or ()):
            form.fields.pop(name, None)
    return form


@page
def new(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Register a record. Values may be proposed in the address (?name=value)."""
    person, make = person_of(request), form_class(kind)
    if not may(person, kind, "create"):
        raise PermissionDenied
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


@page
def edit(request: HttpRequest, record: Any) -> HttpResponse:
    """Change a record. Somebody else's change meanwhile is shown beside what was typed, and nothing is lost."""
    kind, person, actor = record.kind, person_of(request), actor_of(request)
    if not may(person, record, "edit"):
        raise PermissionDenied
    settled = record.settled()
    why = [*dict.fromkeys(map(str, settled.values()))]
    stays: dict[str, Any] = {"settled": facts(record, person, settled), "why": why}
    if request.method != "POST":
        return _form_page(request, kind, opened(kind, record, person), record=record, version=record.version, **stays)
    form = opened(kind, record, person, request.POST)
    values, version = typed(form, kind.fields), version_of(request)
    now = form_class(kind)(instance=record, person=person)
    values = {name: mine for name, mine in values.items() if as_text(mine) != as_text(now[name])}
    try:
        with transaction.atomic():
            write.update(record, values, actor=actor, version=version, note=request.POST.get("note", ""))
            _files(request, record)
    except ValidationError as error:
        loose = show_errors(error, form)
        return _form_page(request, kind, form, 422, loose=loose, record=record, version=version, **stays)
    except write.Stale as stale:
        both = [(form[name].label, as_text(mine), as_text(now[name])) for name, mine in values.items()]
        return _form_page(request, kind, form, 409, record=record, version=stale.record.version, both=both, **stays)
    messages.success(request, _("Saved."))
    return go(request, record.url)


class Occasion(forms.Form):
    """What any step may be given besides its own fields."""

    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    happened_at = Moment(required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))

    def __init__(self, data: Any, needs_note: bool) -> None:
        super().__init__(data)
        self.fields["note"].label, self.fields["note"].required = _("Note"), needs_note
        self.fields["happened_at"].label = _("Happened at, if not now")


def step_form(
    kind: Kind, move: Move, data: Any, person: Person, record: Any = None, asked: Mapping[str, str] | None = None
) -> Any:
    """The form of the fields a step requires or asks for; None where it wants none. `asked` are proposed values."""
    if not (names := (*move.requires, *move.asks)):
        return None
    proposed = {name: asked[name] for name in names if asked and name in asked}
    form = form_class(kind, names)(data, instance=record, person=person, initial=proposed)
    for name in move.requires:
        form.fields[name].required = True
    return form


@page
def step(request: HttpRequest, record: Any, name: str) -> HttpResponse:
    """Take a step of the workflow: only what it requires is asked, and what is still missing is said (409)."""
    kind, person = record.kind, person_of(request)
    move = next((row for row in kind.workflow.moves if row.name == name), None) if kind.workflow else None
    if move is None:
        raise Http404
    if not may(person, record, name):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    own = step_form(kind, move, data, person, record, request.GET.dict())
    asked = [form for form in (own, move.form and move.form(data)) if form]
    occasion = Occasion(data, move.note)
    context = {
        "kind": kind, "record": record, "move": move, "label": cells.step_label(move), "forms": asked,
        "occasion": occasion, "version": record.version,
    }  # fmt: skip
    status = 200
    if data is None and kind.workflow.status(record) not in move.sources:
        context["missing"], status = [_("This step is not possible in the present state.")], 409
    elif data is not None:
        values = {key: value for form in asked for key, value in typed(form, form.fields).items()}
        note, happened = data.get("note", ""), data.get("happened_at", "")
        try:
            write.transition(
                record,
                name,
                values,
                actor=actor_of(request),
                version=version_of(request),
                note=note,
                happened_at=happened,
            )
        except ValidationError as error:
            context["loose"], status = show_errors(error, *asked, occasion), 422
        except write.Refused as refused:
            context["missing"], status = refused.missing, 409
        except write.Stale as stale:
            context["stale"], context["version"], status = True, stale.record.version, 409
        else:
            messages.success(request, _("%(ref)s: %(step)s, done.") % {"ref": record.ref, "step": context["label"]})
            reads = readable(kind, person).filter(pk=record.pk).exists()  # who hands it on may read it no longer
            return go(request, record.url if reads else kind.url)
    part = request.headers.get("HX-Request")
    return render(request, "web/step.html#sheet" if part else "web/step.html", context, status=status)


@require_POST
@page
def post(request: HttpRequest, record: Any) -> HttpResponse:
    """Write on the timeline, attach files, or both."""
    body, public = request.POST.get("body", ""), bool(request.POST.get("public"))
    try:
        with transaction.atomic():
            if body.strip() or not request.FILES:
                write.post(record, body, actor=actor_of(request), public=public)
            _files(request, record, public)
    except ValidationError as error:
        return show_page(request, record, 422, written=body, refused=error.messages)
    return go(request, record.url)


@require_POST
@page
def follow(request: HttpRequest, record: Any) -> HttpResponse:
    """Hear of this record, or no longer."""
    write.follow(record, actor_of(request), on=request.POST.get("on") == "1")
    return go(request, record.url)


@require_POST
@page
def link(request: HttpRequest, record: Any) -> HttpResponse:
    """Tie another record, named by its reference, to this one."""
    ref = request.POST.get("to", "").split(" · ")[0]
    other = by_ref(person_of(request), ref)
    if other is None or other == record:
        messages.error(request, _("“%(ref)s” is not known here, or may not be read by you.") % {"ref": ref[:40]})
    else:
        try:
            write.link(record, request.POST.get("verb", "relates_to")[:40], other, actor=actor_of(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    return go(request, record.url)
