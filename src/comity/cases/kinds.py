"""The kinds of this room: the case, its escalations and referrals, and the public forms by which cases come."""

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Person
from comity.accounts.rights import Rights
from comity.accounts.roles import CONTACTS, Role
from comity.cases import forms
from comity.cases.figures import filters as figures
from comity.cases.figures.facts import OPEN
from comity.cases.models import Case, Escalation, FormQuestion, PublicForm, Referral
from comity.cases.models.choices import Subtype, wish_in_words
from comity.cases.models.entrusted import against, trust_of
from comity.cases.operations.answering import date_first_answer
from comity.cases.operations.discretion import discreet, discreet_referrals
from comity.cases.operations.escalation_workflow import escalation_life
from comity.cases.operations.form_workflow import form_life
from comity.cases.operations.referral_workflow import referral_life
from comity.cases.operations.workflow import case_life
from comity.cases.rules.intake import ONLY_OF
from comity.communications.models import hearer
from comity.parties.models import Contact
from comity.records.hanging import hangs
from comity.records.kind import Asked, Kind, May, register

GROUP, RELATIONSHIPS = _("Complaint desk"), _("Relationships")
TOLD = ("ref", "title", "description", "answers", "wanted_remedy")  # what a customer's contacts find a case by

hearer(date_first_answer)
hangs("referrals", lambda _kind: Referral.objects.filter(case=OuterRef("pk")), of="case")
Contact.in_words["notification_wish"] = wish_in_words


def _answer_due(hours: str) -> Q:
    """Open cases whose first answer is due within so many hours, or late; their next deadline is no later than that."""
    end = timezone.now() + timedelta(hours=int(hours))
    return Q(status__in=OPEN, next_due_at__lte=end, answer_due_at__lte=end, answered_at__isnull=True)


ANSWER_DUE = Asked(
    "answer_due", _("First answer due"), "choice", _answer_due,
    (("0", _("Late")), ("1", _("within an hour")), ("4", _("within four hours")), ("24", _("within a day"))),
)  # fmt: skip


SUBTYPE = Asked(
    "subtype", _("subtype"), "choice", lambda sort: Q(classification__in=ONLY_OF.get(sort, ()), subtype=sort),
    ((Subtype.ORDER.value, Subtype.ORDER.label), (Subtype.PRIVACY.value, Subtype.PRIVACY.label)),
)  # fmt: skip


def _admitted(person: Person, rights: Rights, path: str = "") -> Q:
    """Restricted cases that the person may read: all, or those with a part in them; never one about themselves. No case
    at all in which their own company is the supplier at fault."""
    own = Q(**{f"{path}entered_by": person})
    reach = rights.scope("case_restricted", "read")
    if reach == "all":
        admitted = Q(**{f"{path}restricted": True})
    else:
        trust, admitted = trust_of(person, rights), Q(pk__in=())
        if trust.asked:  # who must answer knows what it is about
            put = Escalation.objects.filter(person__in=trust.people, case__isnull=False).values("case")
            admitted = Q(**{f"{path}pk__in": put})
    if reach == "own":
        admitted |= (
            Q(**{f"{path}handler": person}) | Q(**{f"{path}investigator": person}) | Q(**{f"{path}owner": person})
        )
    named = Case.about.through.objects.filter(person=person).values("case")
    open_to = Q(**{f"{path}restricted": False}) | own | (admitted & ~Q(**{f"{path}pk__in": named}))
    theirs = against(person, rights, path)
    return open_to if theirs is None else open_to & ~theirs


def _seen(rows: Any, person: Person, rights: Rights) -> QuerySet[Any]:
    """Internal complaints stay inside and with few, confidential complainants with those who work for them."""
    if rights.roles <= CONTACTS:
        customers = Contact.customers.through.objects.filter(contact__person=person).values_list("customer", flat=True)
        rows = rows.filter(restricted=False, customer__in=list(customers))  # ids, so that the index is used
        mine = Q(confidential=False) | Q(contact__person=person) | Q(entered_by=person)
        if (theirs := against(person, rights)) is not None:
            rows = rows.exclude(theirs)
        return discreet(rows.filter(mine).telling(*TOLD), person, rights)
    if rights.scope("case_handle", "read") == "own" and Role.COMPLAINT_HANDLER not in rights.roles:
        mine = Q(customer__owner=person) | Q(entered_by=person) | Q(owner=person)
        mine |= Case.entrusted(person, rights) or Q(pk__in=())
        rows = rows.filter(mine | Q(handler=person) | Q(investigator=person))  # unassigned ones wait for handlers
    return discreet(rows.filter(_admitted(person, rights)), person, rights)


def _escalations_seen(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    return rows.filter(Q(case__isnull=True) | _admitted(person, rights, "case__"))


def _referrals_seen(rows: QuerySet[Any], person: Person, rights: Rights) -> QuerySet[Any]:
    return discreet_referrals(rows.filter(_admitted(person, rights, "case__")), person, rights)


case = register(
    Kind(
        model=Case,
        ref="CMP",
        may=May(create="case_register", handle="case_handle"),
        workflow=case_life,
        form=forms.CaseForm,
        narrow=_seen,
        fields=forms.INTAKE,
        columns=(
            "ref", "title", "customer", "severity", "status", "handler", "received_at", "next_due_at",
            "classification", "escalation_level", "resolve_due_at", "close_ground", "subtype", "public_form", "answers",
        ),
        filters=(
            "status", "classification", "severity", "handler", "customer", "service", "topic", "channel",
            "escalation_level", "close_ground", "cause_category", "cause_area", "upheld", "at_fault", "repeated",
            "received_at", "next_due_at", "public_form", ANSWER_DUE, SUBTYPE, *figures.ASKED,
        ),
        search=(
            *TOLD, "contact__name", "complainant", "agent", "address", "reach", "facts", "views_of_parties", "outcome",
            "outcome_reasons",
        ),
        party="customer__contacts__person",
        own=("handler", "investigator", "owner", "customer__owner", "handler__isnull"),
        order="-received_at",
        due="next_due_at",
        icon="message-square-warning",
        group=GROUP,
    )
)  # fmt: skip

escalation = register(
    Kind(
        model=Escalation,
        ref="ESC",
        may="escalation",
        workflow=escalation_life,
        form=forms.EscalationForm,
        narrow=_escalations_seen,
        fields=(
            "type", "case", "customer", "service", "topic", "level", "trigger", "person", "raised_at", "due_at",
            "compiled_summary",
        ),
        columns=("ref", "case", "trigger", "level", "status", "person", "raised_at", "due_at", "type", "answered_at"),
        filters=("status", "type", "level", "trigger", "person", "customer", "service", "topic"),
        search=("ref", "compiled_summary", "decision"),
        party="case__customer__contacts__person",
        own=("person",),
        order="-raised_at",
        due="due_at",
        icon="chevrons-up",
        group=GROUP,
    )
)  # fmt: skip

referral = register(
    Kind(
        model=Referral,
        ref="RFL",
        may="case_handle",
        workflow=referral_life,
        form=forms.ReferralForm,
        narrow=_referrals_seen,
        fields=("case", "body", "method", "consent", "referred_on", "due_on", "offer", "owner"),
        columns=("ref", "case", "body", "method", "status", "referred_on", "due_on", "cost", "owner"),
        filters=("status", "method", "case", "owner", "referred_on"),
        search=("ref", "body", "offer", "outcome"),
        party="case__customer__contacts__person",
        own=("owner", "case__handler", "case__investigator", "case__customer__owner"),
        order="-referred_on",
        due="due_on",
        icon="scale",
        group=GROUP,
    )
)

public_form = register(
    Kind(
        model=PublicForm,
        ref="FRM",
        may="channel",
        workflow=form_life,
        fields=(
            "title", "title_zh", "address", "introduction", "introduction_zh", "classification", "subtype", "service",
            "customer", "nameless", "files", "owner",
        ),
        columns=(
            "ref", "title", "address", "classification", "customer", "owner", "status", "title_zh", "introduction",
            "introduction_zh", "subtype", "service", "nameless", "files",
        ),
        filters=("status", "classification", "customer", "owner"),
        search=("ref", "title", "title_zh", "address"),
        icon="globe",
        group=RELATIONSHIPS,
    )
)  # fmt: skip

form_question = register(
    Kind(
        model=FormQuestion,
        ref="FRQ",
        may="channel",
        fields=("form", "position", "asks", "label", "label_zh", "hint", "hint_zh", "options", "required"),
        columns=("ref", "form", "position", "asks", "label", "required", "label_zh", "hint", "hint_zh", "options"),
        filters=("form", "asks"),
        search=("ref", "label", "label_zh"),
        own=("owner", "form__owner"),
        icon="circle-question-mark",
        group=RELATIONSHIPS,
    )
)
