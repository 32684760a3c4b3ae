"""Notices to many: written, checked against its receivers, sent with progress; and the page on which one opts out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from comity.accounts.models import Person
from comity.agreements.models import Service
from comity.communications.models import Communication
from comity.jobs.models import Job
from comity.notices import jobs
from comity.notices.models import Broadcast, Reach
from comity.notices.operations import broadcasting
from comity.parties import consents
from comity.parties import operations as parties
from comity.parties.models import Segment
from comity.parties.models.consents import RULE
from comity.records.access import readable
from comity.records.kind import kind_of
from comity.records.models import Term
from comity.records.trail import Actor
from comity.web import navigation
from comity.web.gate import go, page, person_of

P = Communication.Purpose
PURPOSES = (P.AGREEMENT_CHANGE, P.SERVICE_REPORT, P.COMPLAINT_REPORT, P.SATISFACTION_REPORT, P.IMPROVEMENT_RESULT,
            P.STUDY_FINDINGS, P.SUGGESTION_CALL, P.CONTACT_DETAILS, P.OTHER)  # fmt: skip
SHOWN = 200

navigation.place(
    gettext_lazy("Notices to many"), "/notices/", icon="megaphone", group=gettext_lazy("Relationships"), order=60,
    visible=broadcasting.may_send,
)  # fmt: skip


class BroadcastForm(forms.ModelForm):  # type: ignore[type-arg]
    """The notice, and to whom: what is not chosen does not narrow."""

    class Meta:
        model = Broadcast
        fields = ("subject", "body", "subject_zh", "body_zh", "purpose", "topic", "version_carried", "required")
        widgets = {"body": forms.Textarea(attrs={"rows": 8}), "body_zh": forms.Textarea(attrs={"rows": 8})}

    segments = forms.MultipleChoiceField(label=gettext_lazy("Categories and segments"), required=False)
    services = forms.MultipleChoiceField(label=gettext_lazy("Services"), required=False)
    roles = forms.MultipleChoiceField(label=gettext_lazy("Roles of contacts"), required=False)
    CHOSEN = ("segments", "services", "roles")

    def __init__(self, data: Any, person: Person) -> None:
        super().__init__(data)
        offered = {
            "segments": readable(kind_of(Segment), person).filter(status="active").order_by("name"),
            "services": readable(kind_of(Service), person).order_by("name"),
            "roles": Term.objects.filter(list="contact_role", active=True),
        }
        for name, rows in offered.items():
            chosen: Any = self.fields[name]
            chosen.widget = forms.CheckboxSelectMultiple()
            chosen.choices = [(str(one.pk), str(one)) for one in rows[:SHOWN]]
        labels = dict(P.choices)
        self.fields["purpose"] = forms.ChoiceField(
            label=self.fields["purpose"].label, choices=[(str(one), labels[one]) for one in PURPOSES]
        )
        self.fields["topic"] = forms.ChoiceField(
            label=self.fields["topic"].label, choices=[("", "—"), *Communication.Topic.choices], required=False
        )

    def chosen(self) -> dict[str, list[int]]:
        return {name: [int(pk) for pk in self.cleaned_data[name]] for name in self.CHOSEN if self.cleaned_data[name]}

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def _senders_only(request: HttpRequest) -> Person:
    person = person_of(request)
    if not broadcasting.may_send(person):
        raise PermissionDenied
    return person


@page
def listed(request: HttpRequest) -> HttpResponse:
    """What was sent to many, with how many it reached."""
    person = _senders_only(request)
    rows = Broadcast.objects.filter(person=person).annotate(
        reach=Count("reached", filter=Q(reached__why_not="")), out=Count("reached", filter=~Q(reached__why_not=""))
    )
    return render(request, "notices/broadcasts.html", {"rows": rows[:SHOWN]})


@page
def new(request: HttpRequest) -> HttpResponse:
    """Write, see whom it will reach and whom not, send."""
    person = _senders_only(request)
    form = BroadcastForm(request.POST or None, person)
    context: dict[str, Any] = {"form": form, "shown": SHOWN}
    if request.method != "POST" or not form.is_valid():
        return render(request, "notices/broadcast_new.html", context, status=422 if form.errors else 200)
    if request.POST.get("act") == "send":
        try:
            with transaction.atomic():
                made = broadcasting.begin(person, form.values(), form.chosen())
                job = jobs.broadcast.enqueue(made.pk)
                Broadcast.objects.filter(pk=made.pk).update(job_id=int(job.id) if str(job.id).isdecimal() else None)
        except ValidationError as error:
            context["loose"] = [_(text) for text in error.messages]
        else:
            return go(request, f"/notices/{made.pk}/")
    context["found"] = broadcasting.choose(person, form.chosen(), form.cleaned_data["required"])
    return render(request, "notices/broadcast_new.html", context, status=422 if context.get("loose") else 200)


@page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, whom it reached, whom not."""
    made = Broadcast.objects.filter(person=_senders_only(request), pk=pk).first()
    if made is None:
        raise Http404
    job = Job.objects.filter(pk=made.job_id).first() if made.job_id else None
    rows = Reach.objects.filter(broadcast=made).select_related("contact__customer", "communication").order_by("pk")
    context = {
        "broadcast": made, "job": job, "active": job is not None and job.state in (Job.State.READY, Job.State.RUNNING),
        "total": rows.filter(why_not="").count(), "done": rows.filter(communication__isnull=False).count(),
        "rows": rows[:SHOWN], "left_out": rows.exclude(why_not="").count(),
    }  # fmt: skip
    template = "notices/broadcast.html#part" if request.headers.get("HX-Request") else "notices/broadcast.html"
    return render(request, template, context)


@csrf_exempt  # the signed address is the authority, and mail programs send no token
@login_not_required
@never_cache
def opt_out(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first, because programs fetch addresses that they find in mails; a press, or a mail program's, does it."""
    contact = broadcasting.contact_of(token)
    if contact is None:
        raise Http404
    done = request.method == "POST"
    if done:
        consents.choose(contact, broadcasting.PURPOSE, request.POST.get("wanted") == "1", Actor.system(RULE, "mail"))
    with override(parties.language_of(contact, contact.customer)):
        out = consents.opted_out(contact, broadcasting.PURPOSE)
        return render(request, "notices/opt_out.html", {"done": done, "out": out, "contact": contact})
