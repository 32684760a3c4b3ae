"""What is known of a case when it comes in: who says what about what, and by which way."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.cases.models import choices
from comity.cases.models.answers import Answers, AnswersField, in_words
from comity.records.models import Record, term


class Intake(Record):
    """What is known when a case comes in.

    References have no index of their own where one of the register's begins with them, or where nobody asks by them.
    """

    title = models.CharField(_("title"), max_length=200, blank=True)
    classification = models.CharField(
        _("classification"), max_length=20, choices=choices.Classification, default=choices.Classification.COMPLAINT
    )
    subtype = models.CharField(_("subtype"), max_length=12, choices=choices.Subtype, blank=True)
    origin = models.CharField(_("origin"), max_length=10, choices=choices.Origin, default=choices.Origin.CUSTOMER)
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("customer"),
        db_index=False,
    )  # fmt: skip
    contact = models.ForeignKey(
        "parties.Contact", models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("contact")
    )
    complainant = models.CharField(_("complainant"), max_length=150, blank=True, help_text=_("If not the contact."))
    anonymous = models.BooleanField(_("anonymous"), default=False)
    confidential = models.BooleanField(
        _("confidential"), default=False, help_text=_("Only those who work on the case see who complains.")
    )
    agent = models.CharField(_("acts for the complainant"), max_length=150, blank=True)
    mandate_proven = models.BooleanField(_("mandate proven"), default=False)
    # What somebody wrote about themselves who is no known contact: nothing of it is proven.
    address = models.EmailField(_("e-mail address of the sender"), blank=True, db_index=True)
    reach = models.CharField(_("phone or postal address of the sender"), max_length=300, blank=True)
    language = models.CharField(_("language of the sender"), max_length=10, blank=True)
    service = models.ForeignKey(
        "agreements.Service", models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("service"),
        db_index=False,
    )  # fmt: skip
    conduct = models.CharField(_("conduct concerned"), max_length=300, blank=True)
    topic = term("case_topic", null=True, blank=True, verbose_name=_("topic"), db_index=False)
    channel = models.CharField(_("channel"), max_length=12, choices=choices.Channel)
    received_at = models.DateTimeField(_("received"), default=timezone.now, blank=True)
    public_form = models.ForeignKey(
        "cases.PublicForm", models.PROTECT, null=True, related_name="cases", editable=False, db_index=False,
        verbose_name=_("public form"),
    )  # fmt: skip
    description = models.TextField(_("what happened"))
    answers = AnswersField(_("answers in the form"), default=Answers, editable=False)
    wanted_remedy = models.TextField(_("remedy wanted"), blank=True)
    dissatisfaction_expressed = models.BooleanField(_("dissatisfaction expressed"), default=True)
    first_dissatisfied_at = models.DateTimeField(_("dissatisfaction first expressed"), null=True, blank=True)
    target_clear = models.BooleanField(_("what it is about is clear"), null=True, blank=True)
    content_clear = models.BooleanField(_("what happened is clear"), null=True, blank=True)
    demand_clear = models.BooleanField(_("what is wanted is clear"), null=True, blank=True)
    about = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="complained_about", verbose_name=_("people complained about")
    )
    in_words = {
        "notification_wish": choices.wish_in_words, "language": choices.language_in_words, "answers": in_words,
    }  # fmt: skip
    notification_wish = models.JSONField(_("notification wish"), default=dict, blank=True)
    definition = models.ForeignKey(
        "documents.DocumentVersion", models.PROTECT, null=True, blank=True, related_name="+", editable=False,
        db_index=False,
        verbose_name=_("complaint definition that applied"),
    )  # fmt: skip
    procedure = models.ForeignKey(
        "documents.DocumentVersion", models.PROTECT, null=True, blank=True, related_name="+", editable=False,
        db_index=False,
        verbose_name=_("complaint procedure that applied"),
    )  # fmt: skip

    class Meta:
        abstract = True
