"""What is sent by an open form becomes a case: once, with its files, its receipt and its secret address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.accounts.limits import within
from comity.cases.models import Case, PublicForm
from comity.cases.operations import wording
from comity.cases.operations.outside import Sender, receipt, take_in
from comity.cases.operations.seen_outside import OPEN_FORM
from comity.intake.limits import HOUR
from comity.intake.public import tracking
from comity.intake.public.arrival import taken_once
from comity.intake.public.forms import ANONYMOUS, OTHER, Complaint
from comity.intake.public.manners import LETTERS
from comity.records import write
from comity.records.trail import Actor


def actor() -> Actor:
    """The installation taking in what somebody unknown writes."""
    return Actor.system(OPEN_FORM, "form")


def send(
    form: Complaint, uploads: Sequence[Any], once: str, language: str, by: PublicForm | None = None
) -> tuple[Case, str, bool]:
    """The case, the secret of its address, and whether it is new. The same sending never makes a second case. `by` is
    the form, where it is not the shipped one."""
    secret = tracking.secret_of(once)

    def known() -> Case | None:
        return made.case if (made := tracking.found(secret)) else None

    case, new = taken_once(known, lambda: _registered(form, uploads, secret, language, by))
    return case, secret, new


def _registered(form: Complaint, uploads: Sequence[Any], secret: str, language: str, public: PublicForm | None) -> Case:
    said, by = form.cleaned_data, actor()
    sender = Sender(said["name"], said["address"], said["reach"], language)
    values: dict[str, Any] = {
        "channel": "web_form", "description": said["description"], "wanted_remedy": said["wanted_remedy"].strip(),
        "conduct": said["conduct"], "anonymous": said["who"] == ANONYMOUS, "confidential": said["confidential"],
        "notification_wish": form.wish(), **form.preset,
    }  # fmt: skip
    if said["who"] == OTHER:
        values |= {"complainant": said["complainant"], "agent": said["name"]}
    besides = {"safety": said["safety"], "public_form": public, "answers": form.answers()}
    case = take_in(sender, values, actor=by, besides=besides, unit=public.unit if public else None)
    tracking.Tracking.objects.create(case=case, hash=tracking.digest(secret))
    if uploads:
        write.attach_all(case, uploads, actor=by, public=True)
    if said["address"] and within("receipt", said["address"].lower(), LETTERS, HOUR):
        with override(wording.language_of(case)):
            more = _("Follow it here, add to it, or ask for it to be escalated: %(link)s") % {"link": tracking.MARK}
        case = receipt(case, by, more)
    return case
