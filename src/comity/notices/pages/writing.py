"""Writing a mail from a record: form, text inserted by the server, preview, send. Works without scripts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.communications.models import Communication, Mail
from comity.notices.operations import writing
from comity.web.gate import actor_of, go, page, person_of
from comity.web.panels import panel
from comity.web.writing import show_errors


class MailForm(forms.Form):
    """What is written, and to whom."""

    contact = forms.ChoiceField(label=gettext_lazy("To"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"))
    summary = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 14, "data-texts": ""})
    )
    substantive = forms.BooleanField(
        label=gettext_lazy("Substantive"), required=False, help_text=gettext_lazy("It answers the matter itself.")
    )

    def __init__(self, data: Any, record: Any, contacts: list[Any], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        labels = dict(Communication.Purpose.choices)
        purpose: Any = self.fields["purpose"]
        purpose.choices = [(str(one), labels[one]) for one in writing.PURPOSES]
        to: Any = self.fields["contact"]
        to.choices = [(one.ref, f"{one.name} <{one.email}>") for one in contacts]
        if address := getattr(record, "address", ""):
            to.choices = [("", address), *to.choices] if getattr(record, "contact", None) is None else to.choices
        to.required = not any(code == "" for code, _label in to.choices)


@page
def write_mail(request: HttpRequest, record: Any) -> HttpResponse:
    """The form; its text may begin with one of ours (?text=TXT-00001) or an article (?article=KNA-00001)."""
    person = person_of(request)
    if not writing.may_write(person, record):
        raise PermissionDenied
    contacts, texts = writing.contacts_for(record, person), writing.answer_texts(record)
    chosen = next((one for one in texts if one.ref == request.GET.get("text")), None)
    begun = dict(zip(("summary", "body"), writing.begun_with(chosen, record), strict=True)) if chosen else {}
    if article := writing.article_named(request.GET.get("article", ""), person):
        begun = {"summary": article.shown_title, "body": writing.told_by(article)}
    form = MailForm(request.POST or None, record, contacts, begun)
    context: dict[str, Any] = {"record": record, "form": form, "texts": texts, "chosen": chosen}
    if request.method != "POST":
        return render(request, "notices/write.html", context)
    if form.is_valid() and request.POST.get("act") == "preview":
        context["preview"] = form.cleaned_data | {"to": dict(form["contact"].field.choices)[form["contact"].data or ""]}  # type: ignore[attr-defined]
        return render(request, "notices/write.html", context)
    if form.is_valid() and request.POST.get("act") == "send":
        try:
            said = writing.send(record, form.cleaned_data, request.FILES.getlist("files"), actor=actor_of(request))
        except ValidationError as error:
            context["loose"] = show_errors(error, form)
        else:
            messages.success(request, _("%(ref)s is on its way.") % {"ref": said.ref})
            return go(request, record.url)
    return render(request, "notices/write.html", context, status=422 if form.errors or context.get("loose") else 200)


@page
def texts_to_insert(request: HttpRequest, record: Any) -> HttpResponse:
    """The texts for answers, filled for the record, to be put into what is being written."""
    if not writing.may_write(person_of(request), record):
        raise PermissionDenied
    offers = [(one, *writing.begun_with(one, record)) for one in writing.answer_texts(record)]
    return render(request, "notices/texts_to_insert.html#offers", {"offers": offers})


@panel("*", "notices/mail_panel.html", place="side", order=25)
def mail(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The way to write to the other side; of a communication, how its mail fares."""
    if isinstance(record, Communication):
        if record.hidden or record.delivery != Communication.Delivery.MAIL:
            return None
        rows = Mail.objects.filter(communication=record, direction=Mail.Direction.OUT).order_by("pk")
        return {"mails": list(rows)}
    return {"write": True} if writing.may_write(person_of(request), record) else None
