"""Pages of the desk's own: quick intake, why this date, splitting, following up, merging with a preview, the letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from comity.accounts.models import Person
from comity.agreements.models import AgreementVersion, Service
from comity.cases.forms import QuickIntake
from comity.cases.models import Case, timing
from comity.cases.models.choices import CauseArea, Classification
from comity.cases.operations import explaining, joining
from comity.clocks.parameters import UNITS
from comity.communications.operations import shown_about
from comity.documents.operations import agreed_by, definition_for
from comity.parties import operations as parties
from comity.parties.models import Contact, Customer
from comity.records import write
from comity.records.access import may, readable, readable_record
from comity.records.kind import kind_named, kind_of
from comity.records.models import Term
from comity.web.gate import actor_of, go, page, person_of
from comity.web.writing import show_errors

DAYS = {
    "holiday": gettext_lazy("holiday"),
    "closed": pgettext_lazy("day", "closed"),
    "make_up": gettext_lazy("make-up working day"),
    "special": gettext_lazy("other hours"),
    "calendar_day": gettext_lazy("calendar day"),
}


def _case(request: HttpRequest, ref: str) -> Case:
    return readable_record(kind_named("case"), person_of(request), ref)  # type: ignore[no-any-return]


def _named(text: str) -> str:
    """The reference at the head of a chosen suggestion."""
    return text.split(" · ")[0].strip()


def _intake_form(data: Any = None, initial: dict[str, Any] | None = None) -> QuickIntake:
    form = QuickIntake(data, initial=initial)
    lookups = {"customer": "customer", "contact": "contact", "service": "service", "about": "person"}
    for name, kind in lookups.items():
        form.fields[name].widget.attrs.update({"data-lookup": f"/lookup/{kind}/", "autocomplete": "off"})
    topics = Term.objects.filter(list="case_topic", active=True)
    form.fields["topic"].widget = forms.Select(choices=[("", "—"), *((one.code, str(one)) for one in topics)])
    return form


def _lacking(person: Person) -> list[tuple[str, str]]:
    """What no case can name because there is none yet, and where this person registers one."""
    words = {
        Customer: _("There is no customer yet; a relationship manager or process manager registers the first one."),
        Service: _("There is no service yet; a relationship manager or project manager registers the first one."),
    }
    missing = [(kind_of(model), text) for model, text in words.items() if not model.objects.exists()]
    return [(text, f"{kind.url}new/" if may(person, kind, "create") else "") for kind, text in missing]


@page
def intake(request: HttpRequest) -> HttpResponse:
    """Phone, letter, counter: one short form, with the customer's own definition of a complaint beside it."""
    kind = kind_named("case")
    if not may(person_of(request), kind, "create"):
        raise PermissionDenied
    context: dict[str, Any] = {"kind": kind, "lacking": _lacking(person_of(request))}
    if request.method != "POST":
        return render(request, "cases/intake.html", context | {"form": _intake_form(initial=request.GET.dict())})
    form = _intake_form(request.POST)
    loose: list[str] = []
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if value not in ("", None)}
        for name in ("customer", "contact", "service"):
            values[name] = _named(values.get(name, ""))
        values["about"] = [_named(part) for part in values.get("about", "").split(",") if part.strip()]
        try:
            with transaction.atomic():  # a file that is refused leaves no case behind
                case = write.create(kind, values, actor=actor_of(request))
                if uploads := request.FILES.getlist("files"):
                    write.attach_all(case, uploads, actor=actor_of(request))
        except ValidationError as error:
            loose = show_errors(error, form)
        else:
            return go(request, case.url)
    return render(request, "cases/intake.html", context | {"form": form, "loose": loose}, status=422)


@page
def definition(request: HttpRequest) -> HttpResponse:
    """The definition that holds for the customer who is on the phone, and the contacts to choose from."""
    customer = (
        readable(kind_of(Customer), person_of(request)).filter(ref=_named(request.GET.get("customer", ""))).first()
    )
    found = definition_for(customer)
    agreed = agreed_by(found, customer) if found and customer else None
    contacts = Contact.objects.filter(customer=customer, status="active").order_by("name")[:20] if customer else []
    context = {"definition": found, "agreed": agreed, "customer": customer, "contacts": contacts}
    return render(request, "cases/definition_of.html", context)


@page
def why(request: HttpRequest, case: str, clock: str) -> HttpResponse:
    """Why this date: start, limit, agreement version, each day with the hours counted, holidays and pauses."""
    record = _case(request, case)
    explanation = explaining.why(record, clock)
    if explanation is None:
        raise Http404
    bound = timing.commitment_of(record).version_id
    version = AgreementVersion.objects.get(pk=bound) if bound else None
    limit = f"{explanation.duration.value:g} {UNITS[explanation.duration.unit]}"
    steps = [(step, None if step.kind == "work" else DAYS[step.kind]) for step in explanation.steps]
    context = {"record": record, "why": explanation, "limit": limit, "steps": steps, "version": version}
    template = "cases/why.html#steps" if request.headers.get("HX-Request") else "cases/why.html"
    return render(request, template, context)


class Part(forms.Form):
    """The other demand of the same message, or the same matter once more."""

    classification = forms.ChoiceField(choices=Classification.choices)
    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 5}))
    wanted_remedy = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in self.fields:
            self.fields[name].label = Case._meta.get_field(name).verbose_name  # type: ignore[union-attr]


@page
def derive(request: HttpRequest, case: str, how: str) -> HttpResponse:
    """Split off another demand, or register the matter anew as a follow-up."""
    record = _case(request, case)
    if not may(person_of(request), kind_named("case"), "create"):
        raise PermissionDenied
    form, loose = Part(request.POST or None), []
    if request.method == "POST" and form.is_valid():
        try:
            if how == "split":
                made = joining.split(record, form.cleaned_data, actor=actor_of(request))
            else:
                values = {**form.cleaned_data, "channel": record.channel}
                made = joining.follow_up(record, values, actor=actor_of(request))
        except ValidationError as error:
            loose = show_errors(error, form)
        else:
            return go(request, made.url)
    title = _("Split off another demand") if how == "split" else _("Register as follow-up")
    context = {"record": record, "form": form, "title": title, "loose": loose}
    return render(request, "cases/derive.html", context, status=422 if form.errors or loose else 200)


@page
def compare(request: HttpRequest, case: str) -> HttpResponse:
    """Two cases side by side before one is merged into the other."""
    record, person = _case(request, case), person_of(request)
    rows = readable(kind_named("case"), person)
    shown = {one.pk for one in rows.filter(pk__in=[one.pk for one in joining.candidates(record)])}
    other = rows.filter(ref=_named(request.GET.get("with", "")).upper()).exclude(pk=record.pk).first()
    context = {
        "record": record,
        "candidates": [one for one in joining.candidates(record) if one.pk in shown],
        "other": other,
        "lines": [(Case._meta.get_field(one.name).verbose_name, one) for one in joining.compare(record, other)]  # type: ignore[union-attr]
        if other
        else [],
        "areas": CauseArea.choices,
        "may_merge": may(person, record, "merge"),
    }
    return render(request, "cases/compare.html", context)


@page
def letter(request: HttpRequest, case: str, communication: str) -> HttpResponse:
    """What was written to the customer, as a page to print."""
    record = _case(request, case)
    rows = shown_about(record, person_of(request)).filter(ref=communication)
    text = rows.select_related("contact", "customer", "entered_by").first()
    if text is None or text.hidden:
        raise Http404
    signer: Person = record.handler or text.entered_by
    language = parties.language_of(text.contact, text.customer)
    context = {"record": record, "text": text, "signer": signer, "language": language}
    return render(request, "cases/letter.html", context)
