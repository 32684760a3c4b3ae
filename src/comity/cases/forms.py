"""What people enter: the intake, and what single steps ask besides fields of the case."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from comity.accounts.forms import DAY
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.cases.models import Case
from comity.cases.models.choices import EVENTS, Channel, Classification, Origin, Status, Subtype
from comity.cases.models.timing import Measures
from comity.cases.rules.intake import missing_at_intake
from comity.cases.rules.notices import PARTS, WISHABLE, Wish, unknown_in
from comity.clocks.ahead import is_ahead
from comity.records.forms import Moment, RecordForm, Reference, Words

INTAKE = (
    "classification", "subtype", "origin", "customer", "contact", "anonymous", "confidential", "complainant", "agent",
    "mandate_proven", "address", "reach", "language", "service", "conduct", "topic", "channel", "received_at",
    "first_dissatisfied_at", "title", "description", "wanted_remedy", "target_clear", "content_clear", "demand_clear",
    "severity", "about", "handler", "notification_wish",
)  # fmt: skip
FROZEN = ("received_at", "first_dissatisfied_at")
FROZEN_LATER = (*FROZEN, "classification", "origin", "severity", "notification_wish")
LONGEST_AGO = 25  # years
NAMED = ("customer", "contact", "service")
FOUND_OUT_LATER = frozenset({"customer", "contact", "service", "wanted_remedy"})
OURS_TO_SAY = {"handler": None, "severity": "normal", "origin": Origin.CUSTOMER, "mandate_proven": False}
QUESTIONS = {
    "customer": _("Name the customer."),
    "contact": _("Name the contact, or mark the case as anonymous."),
    "service": _("Name the service, or the conduct concerned."),
    "channel": _("Say by which channel it came."),
    "received_at": _("Say when it was received."),
    "description": _("Say what happened."),
    "wanted_remedy": _("Say what the customer wants; “unknown” is an answer."),
}


class CaseForm(RecordForm):
    """The intake, and later corrections of it. What has a step of its own is not changed here once work has begun."""

    groups = (
        (_("Who"), ("customer", "contact", "anonymous", "confidential", "complainant", "agent", "mandate_proven")),
        (_("If the sender is no known contact"), ("address", "reach", "language")),
        (_("What"), ("service", "conduct", "topic", "title", "description", "wanted_remedy", "about")),
        (
            _("How it came in"),
            ("channel", "received_at", "classification", "subtype", "origin", "first_dissatisfied_at"),
        ),
        (_("Clear?"), ("target_clear", "content_clear", "demand_clear")),
        (_("Who works on it"), ("severity", "handler", "notification_wish")),
    )

    class Meta:
        model = Case
        fields = INTAKE

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.outside = self.person is not None and rights_of(self.person).roles <= CONTACTS
        if not self.outside:  # any employee writes down what any customer says about any service
            for name in NAMED:
                if isinstance(field := self.fields.get(name), Reference):
                    field.person = None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        _check_wish(self, values)
        if self.outside:
            self._stay_outside(values)
        if not self.instance.pk:
            self.instance.__dict__["_measures"] = self._measures
        if "description" in self.fields:
            self._ask_what_is_missing(values)
        if self.instance.pk and "description" in self.fields:
            self._keep_what_has_a_step(values)
        self._check_times(values)
        contact, customer = values.get("contact"), values.get("customer")
        if contact and customer and not contact.speaks_for(customer.pk):
            self.add_error("contact", _("This contact belongs to another customer."))
        about = values.get("about") or ()
        if (
            self.person is not None
            and "about" in self.fields
            and self.person.pk in self.instance.named - {one.pk for one in about}
        ):
            self.add_error("about", _("This complaint is about you; somebody else must act."))
        for name in ("handler", "investigator"):
            if values.get(name) and values[name] in about:
                self.add_error(name, _("This person is complained about; name somebody else."))
        return values

    def _check_times(self, values: dict[str, Any]) -> None:
        """The clocks begin at these: neither in the future nor before anybody here can remember."""
        now, case = timezone.now(), self.instance
        for name in FROZEN:
            if (at := values.get(name)) and is_ahead(at):
                self.add_error(name, _("This lies in the future."))
            elif at and at.year < now.year - LONGEST_AGO:
                self.add_error(name, _("This is more than %(years)s years ago.") % {"years": LONGEST_AGO})
        received, first = values.get("received_at"), values.get("first_dissatisfied_at")
        if received and first and first > received and (not case.pk or first != case.first_dissatisfied_at):
            self.add_error("first_dissatisfied_at", _("This is later than the receipt."))
        if received and case.acknowledged_at and received > case.acknowledged_at:
            self.add_error("received_at", _("This is later than the acknowledgement."))

    def _stay_outside(self, values: dict[str, Any]) -> None:
        """What a customer's contact enters; the rest is for the desk to say."""
        for name, usual in OURS_TO_SAY.items():
            if name in self.fields and values.get(name) and values[name] != usual:
                self.add_error(name, _("The complaint desk sets this."))

    @cached_property
    def _measures(self) -> Measures:
        """Parameters and promises, read before the lock, and once where one form serves many rows."""
        return Measures.load()

    def _ask_what_is_missing(self, values: dict[str, Any]) -> None:
        values["received_at"] = values.get("received_at") or timezone.now()
        values["origin"] = values.get("origin") or Origin.CUSTOMER
        unasked = self._not_asked(values)
        for name in missing_at_intake(values):
            if name in self.fields and name not in self.errors and name not in unasked:
                self.add_error(name, QUESTIONS[name])

    def _not_asked(self, values: dict[str, Any]) -> frozenset[str]:
        """What nobody was there to be asked: a rule takes in what it gets, and no name is found for the nameless."""
        if self.person is None:
            return FOUND_OUT_LATER
        nameless = self.instance.pk and self.instance.customer_id is None and values.get("anonymous")
        return frozenset({"customer"}) if nameless else frozenset()

    def _keep_what_has_a_step(self, values: dict[str, Any]) -> None:
        begun = self.instance.status != Status.RECEIVED
        for name in FROZEN_LATER if begun else FROZEN:
            if name in self.fields and values.get(name) != self.initial.get(name):
                self.add_error(name, _("This is changed by its own step, not here."))
        if begun and self.person is not None and not self.instance.editable(self.person):
            raise ValidationError(_("After the acknowledgement only the handler changes a case."))


def _check_wish(form: forms.ModelForm[Any], values: dict[str, Any]) -> None:
    if "notification_wish" not in form.fields:
        return
    wish = values.get("notification_wish") or {}
    if not wish and not form.instance.pk and (contact := values.get("contact")):
        wish = contact.notification_wish  # what this contact wishes of every case
    values["notification_wish"] = wish
    try:
        Wish.of(wish)
        unknown = unknown_in(wish)
    except (ValueError, AttributeError):
        form.add_error("notification_wish", _("This is not a wish that the desk knows."))
        return
    if unknown:
        words = _("Unknown: %(unknown)s. A wish has %(parts)s; events are %(events)s.")
        known = {"unknown": ", ".join(unknown)[:200], "parts": ", ".join(PARTS), "events": ", ".join(WISHABLE)}
        form.add_error("notification_wish", words % known)
    if wish.get("channel") and wish["channel"] not in Channel.values:
        form.add_error("notification_wish", _("Channels are: %(channels)s.") % {"channels": ", ".join(Channel.values)})


class EscalationForm(RecordForm):
    """Escalations are raised by rules and steps of a case, and changed by their own steps; nobody types one."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.person is not None and "trigger" in self.fields:
            raise ValidationError(_("Escalate from the case; answer or redirect what was escalated."))
        return values


class ReferralForm(RecordForm):
    """The customer's consent is a logged exchange with this customer; the case is a complaint."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        case, consent = values.get("case"), values.get("consent")
        if case and not case.is_complaint:
            self.add_error("case", _("Only complaints are referred to an outside body."))
        if case and consent and (consent.direction != "inbound" or consent.customer_id != case.customer_id):
            self.add_error("consent", _("No inbound communication of this customer has this reference."))
        known = (
            case.referrals.filter(body=values.get("body", ""), status="open").exclude(pk=self.instance.pk)
            if case
            else ()
        )
        if known:
            self.add_error("body", _("%(ref)s is open there already.") % {"ref": known[0].ref})
        return values


OWN_DOORS = (Channel.EMAIL, Channel.PORTAL, Channel.WEB_FORM, Channel.SURVEY)  # nobody writes down what comes by these


SORTS = [
    *Classification.choices,
    (f"{Classification.SERVICE_REQUEST}/{Subtype.ORDER}", Subtype.ORDER.label),
    (f"{Classification.ENQUIRY}/{Subtype.PRIVACY}", Subtype.PRIVACY.label),
]
"""What a case can be at once: a classification, or one with a subtype."""


class QuickIntake(forms.Form):
    """One short form for what somebody hears or reads: by phone, letter or chat, at the counter, in a meeting."""

    customer = forms.CharField(label=_("Customer"), required=False)
    contact = forms.CharField(label=_("Contact"), required=False)
    anonymous = forms.BooleanField(label=_("Anonymous"), required=False)
    agent = Words(label=_("Acts for the complainant"), required=False, max_length=150)
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[(one.value, one.label) for one in Channel if one not in OWN_DOORS],
    )
    received_at = Moment(
        label=_("Received"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    classification = forms.ChoiceField(label=_("Classification"), choices=SORTS)
    service = forms.CharField(label=_("Service"), required=False)
    conduct = Words(label=_("or conduct concerned"), required=False, max_length=300)
    topic = forms.CharField(label=_("Topic"), required=False)
    description = Words(label=_("What happened"), widget=forms.Textarea(attrs={"rows": 4}))
    wanted_remedy = Words(label=_("Remedy wanted"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    about = forms.CharField(label=_("People complained about"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        sort, _bar, subtype = values.get("classification", "").partition("/")
        return values | {"classification": sort, "subtype": subtype}


class Proof(forms.Form):
    """The logged exchange in which the customer said so; the customer's own click needs none."""

    communication = forms.CharField(
        label=_("Logged communication"), required=False, max_length=20, help_text=_("Its reference, such as COM-00042.")
    )


class OnBehalf(Proof):
    """An escalation that the customer asked for names where; without it, staff ask for it themselves."""


class Told(forms.Form):
    """What tells the customer something and stops a clock: sent now, or proven by what they were told then."""

    communication = forms.CharField(
        label=_("Logged communication"), required=False, max_length=20,
        help_text=_("Only if the customer was told already: in what, such as COM-00042. Nothing is sent then."),
    )  # fmt: skip


class Acknowledgement(Told):
    next_step = Words(
        label=_("What happens next"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Number, named contact and the way to escalate are added."),
    )  # fmt: skip


class FirstAction(forms.Form):
    """The action that begins the acting: what, who, until when."""

    action = Words(label=_("Action"), max_length=200)
    action_owner = forms.EmailField(label=_("Who does it (e-mail)"))
    action_due_on = forms.DateField(label=_("Until"), widget=DAY)

    def clean_action_due_on(self) -> date:
        until: date = self.cleaned_data["action_due_on"]
        if until < timezone.localdate():
            raise ValidationError(_("This day has passed; the customer is told until when it will be done."))
        return until


class CarryOn(forms.Form):
    """The promise that is kept after the answer."""

    open_action = forms.CharField(
        label=_("Open action"), max_length=20, help_text=_("Its reference, such as ACT-00042.")
    )


class OfProblem(forms.Form):
    """The problem that a case has in common with others, by reference or by name."""

    problem = Words(
        label=_("Problem"), max_length=200, widget=forms.TextInput(attrs={"data-lookup": "/lookup/finding/"}),
        help_text=_("Its reference, such as FND-00042, or its name; where none of that name is open, one is raised."),
    )  # fmt: skip


class Danger(forms.Form):
    risk = Words(label=_("What may happen"), max_length=200)


class Idea(forms.Form):
    improvement = Words(label=_("Improvement proposed"), max_length=200)


class Praised(forms.Form):
    person = forms.EmailField(
        label=_("For whom (e-mail)"),
        widget=forms.EmailInput(attrs={"data-lookup": "/lookup/person/", "autocomplete": "off"}),
    )


class Text(forms.Form):
    """Something that is said to the customer."""

    text = Words(
        label=_("Text to the customer"), max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "data-texts": ""}),
    )  # fmt: skip


class Said(Text, Told):
    """Something that is said to the customer now, or the communication in which it was said."""

    field_order = ("text", "communication")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["text"].required = not (self.data.get("communication") or "").strip()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("text") and values.get("communication"):
            self.add_error("text", _("What was said stands in the communication; leave this empty."))
        return values


class Explanation(Said):
    """Why the present service level cannot solve it, and the improvement that would."""

    improvement = Words(label=_("Improvement proposed"), max_length=200)


class Survivor(forms.Form):
    case = forms.CharField(label=_("The case that goes on"), max_length=20)


class WishForm(forms.Form):
    """What the customer wants to hear, how often, by which channel."""

    events = forms.MultipleChoiceField(
        label=_("Tell about"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(event.value, EVENTS[event]) for event in WISHABLE],
    )  # fmt: skip
    result_only = forms.BooleanField(label=_("Result only"), required=False)
    every_days = forms.IntegerField(
        label=_("News every so many business days"), required=False, min_value=0, max_value=60
    )
    wish_channel = forms.ChoiceField(label=_("Through"), required=False, choices=[("", "—"), *Channel.choices])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not (values.get("events") or values.get("result_only") or values.get("every_days")):
            raise ValidationError(_("Choose what the customer wants to hear, or “result only”."))
        return values
