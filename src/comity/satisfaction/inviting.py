"""Who is asked how a complaint was handled, and who is reminded: by rule and by chance, never by hand (PG-001-09).

Everything here can be done again: what was done once is seen and left alone, so a worker may die at any moment.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.cases.models import Case
from comity.cases.operations import wording
from comity.cases.rules.words import Ground
from comity.clocks.parameters import declare, limit
from comity.parties.consents import may_be_asked
from comity.parties.models import Contact
from comity.records import write
from comity.records.models import Entry
from comity.records.trail import Actor
from comity.satisfaction import letters
from comity.satisfaction.models import Invitation, Survey

declare("survey_pause_days", 90, "d", 0, 366, _("Nobody is asked again within so many days after they were asked."))
declare("survey_reminder_days", 7, "d", 1, 60, _("Who has not answered a survey after so many days is reminded, once."))

RULE = "survey_on_closing"
UNASKED = frozenset({Ground.WITHDRAWN, Ground.MERGED, Ground.RECLASSIFIED})
FRESH = timedelta(days=14)  # of what was closed longer ago, nobody is asked: it was entered later
ASKED = gettext_noop("Asked how it was handled: a letter went to %(contact)s (%(survey)s).")
NOT_DRAWN = gettext_noop("Not asked how it was handled: chance has not drawn this closing (%(survey)s).")
LATELY = gettext_noop("Not asked how it was handled: %(contact)s was asked something not long ago.")
NO_MORE = gettext_noop("Not asked how it was handled: %(contact)s does not wish to be asked.")
BATCH = 100
log = logging.getLogger(__name__)
State = Invitation.State


def asked_lately(contacts: Collection[int], at: datetime) -> set[int]:
    """Those of these contacts who were asked in any survey not long before; all surveys count together."""
    since = at - timedelta(days=limit("survey_pause_days").value)
    rows = Invitation.objects.filter(contact__in=contacts, at__gt=since, at__lte=at)
    return set(rows.values_list("contact", flat=True))


def drawn(survey: Survey, case: Case) -> bool:
    """Has chance drawn this closing? The same seed always gives the same answer, so that it can be checked."""
    found = sha256(f"{survey.seed}:{case.ref}".encode()).digest()
    return int.from_bytes(found[:8]) % 100 < survey.share


def standing(at: datetime) -> Survey | None:
    """The survey on the handling of complaints that is open at that moment, the newest where there are several."""
    day = timezone.localtime(at).date()
    rows = Survey.objects.filter(raised_by=Survey.Trigger.CASE_CLOSED, status=Survey.Status.OPEN)
    return rows.filter(archived_at=None, opened_on__lte=day, closes_on__gte=day).order_by("-opened_on", "-pk").first()


def hear(entries: Sequence[Entry]) -> None:
    """Closings among these lines of the trail, in the transaction that takes them from the outbox."""
    closed = {
        entry.record_id
        for entry in entries
        if entry.kind == "case" and entry.fields_changed.get("status", [None, None])[1] == Case.Status.CLOSED
    }
    survey = standing(timezone.now()) if closed else None
    if survey is None:
        return
    for case in Case.objects.filter(pk__in=closed).select_related("contact", "customer"):
        try:
            ask_about(case, survey)
        except Exception:  # one letter that fails must not stop the outbox, for which everybody waits
            log.exception("Nobody could be asked about %s", case.ref)


def _askable(case: Case, now: datetime) -> bool:
    """A customer's complaint that came to its end, and somebody whom a letter reaches."""
    to = case.contact
    return (
        case.is_complaint and not case.anonymous and case.origin == "customer" and not case.restricted
        and case.status == Case.Status.CLOSED and case.close_ground not in UNASKED
        and case.closed_at is not None and case.closed_at > now - FRESH
        and to is not None and to.customer_id is not None and bool(wording.address_of(case))
    )  # fmt: skip


@transaction.atomic
def ask_about(case: Case, survey: Survey) -> Invitation | None:
    """Ask how it was handled, at most once for each case; the case tells that, or why nobody was asked."""
    now, actor = timezone.now(), Actor.system(RULE)
    if not _askable(case, now) or case.contact is None:
        return None
    if Invitation.objects.filter(case=case).exists():
        return None
    name = str(case.contact)
    if not drawn(survey, case):
        write.note_auto(case, NOT_DRAWN, actor, survey=survey.ref)
    elif case.contact_id in asked_lately([case.contact.pk], now):
        write.note_auto(case, LATELY, actor, contact=name)
    elif not may_be_asked(case.contact, letters.PURPOSE):
        write.note_auto(case, NO_MORE, actor, contact=name)
    else:
        made = Invitation.objects.create(survey=survey, contact=case.contact, case=case, at=now)
        _send(made)
        write.note_auto(case, ASKED, actor, contact=name, survey=survey.ref)
        return made
    return None


def _send(invitation: Invitation) -> None:
    invitation.sent_as = letters.send(invitation, letters.INVITATION, Actor.system(letters.RULE))
    invitation.digest = letters.digest(letters.secret_of(invitation))
    invitation.sent_at, invitation.state = timezone.now(), State.SENT
    invitation.save(update_fields=["sent_as", "digest", "sent_at", "state"])


def _held(pk: int, state: str) -> Invitation | None:
    """The invitation, locked, if it still is in this state."""
    rows = Invitation.objects.select_related("survey", "contact__customer", "case")
    found: Invitation | None = write.locked(rows.filter(pk=pk, state=state, survey__status=Survey.Status.OPEN)).first()
    return found


def invite_drawn() -> int:
    """Letters to those who were drawn for an open survey; whoever has no address is kept as not reachable."""
    rows = Invitation.objects.filter(state=State.DRAWN, survey__status=Survey.Status.OPEN).order_by("pk")
    found = list(rows.values_list("pk", flat=True)[:BATCH])
    for pk in found:
        with transaction.atomic():
            if (invitation := _held(pk, State.DRAWN)) is None:
                continue
            if _reachable(invitation.contact) and may_be_asked(invitation.contact, letters.PURPOSE):
                _send(invitation)
            else:
                invitation.state = State.UNREACHABLE
                invitation.save(update_fields=["state"])
    return len(found)


def _reachable(contact: Contact) -> bool:
    return bool(contact.email) and contact.status == Contact.Status.ACTIVE


def remind() -> int:
    """One reminder, to those who neither answered nor chose to be left alone, while they can still answer."""
    now = timezone.now()
    before = now - timedelta(days=limit("survey_reminder_days").value)
    rows = Invitation.objects.filter(state=State.SENT, reminded_at=None, sent_at__lte=before)
    rows = rows.filter(survey__status=Survey.Status.OPEN, survey__closes_on__gte=timezone.localdate())
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
    for pk in found:
        with transaction.atomic():
            invitation = _held(pk, State.SENT)
            if invitation is None or invitation.reminded_at is not None:
                continue
            invitation.reminded_at = now
            if _reachable(invitation.contact) and may_be_asked(invitation.contact, letters.PURPOSE):
                invitation.reminded_as = letters.send(invitation, letters.REMINDER, Actor.system(letters.RULE))
            invitation.save(update_fields=["reminded_at", "reminded_as"])
    return len(found)
