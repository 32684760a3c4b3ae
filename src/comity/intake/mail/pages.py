"""The ledger of mail: what came in and what goes out, why something was set aside, and a second try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.communications import originals
from comity.communications.mail import Mail
from comity.intake.mail import mailbox, reasons
from comity.intake.mail.holding import held, leave_out
from comity.intake.mail.jobs import fetch_mail, take_held
from comity.intake.mail.taking import take
from comity.jobs.models import Job
from comity.parties.pointers import pointed
from comity.records import write
from comity.records.trail import Thing, log
from comity.web import navigation
from comity.web.gate import actor_of, go, page, person_of
from comity.web.panels import panel

SHOWN = 50
KEEPERS = frozenset({Role.ADMINISTRATOR, Role.PROCESS_MANAGER})
State = Mail.State
SIGNS = {
    State.WAITING: ("clock", ""), State.SENDING: ("send", ""), State.SENT: ("circle-check", "good"),
    State.FAILED: ("circle-alert", "bad"), State.TAKEN: ("circle-check", "good"), State.IGNORED: ("archive", "warn"),
    State.REFUSED: ("circle-alert", "bad"),
}  # fmt: skip


def keeps(person: Person) -> bool:
    """Process managers answer for what was set aside, administrators for the machinery."""
    return bool(rights_of(person).roles & KEEPERS)


navigation.place(
    gettext_lazy("Mail"), "/mail/", icon="mail", group=gettext_lazy("Administration"), order=91, visible=keeps
)


@dataclass(frozen=True)
class Line:
    """One mail as this reader may see it; what it is about shows only to those who may read that."""

    mail: Mail
    record: Any
    subject: str
    reason: str
    sign: tuple[str, str]
    act: str


def _lines(mails: Sequence[Mail], person: Person) -> list[Line]:
    found = []
    for mail in mails:
        record = _record(mail, person)
        subject = mail.subject if record is not None or not mail.ref else ""
        secret = record is None and bool(mail.ref)
        reason = "" if secret and mail.direction == Mail.Direction.OUT else reasons.in_words(mail.reason)
        found.append(Line(mail, record, subject, reason, SIGNS[State(mail.state)], _act(mail)))
    return found


def _record(mail: Mail, person: Person) -> Any:
    """The record that the mail is about, if this person may read it whole."""
    record = pointed(mail.ref, person) if mail.ref else None
    return record if record is not None and not record.hidden else None


def _act(mail: Mail) -> str:
    if not mail.raw and not mail.communication_id:
        return ""
    if mail.direction == Mail.Direction.OUT:
        return "retry" if mail.state == State.FAILED else ""
    return "take" if mail.state in (State.IGNORED, State.REFUSED) and not mail.reason.startswith(reasons.AGAIN) else ""


@page
def listed(request: HttpRequest) -> HttpResponse:
    """The ledger, newest first, of one direction and state if asked for; each row with its reason."""
    person = person_of(request)
    if not keeps(person):
        raise PermissionDenied
    way, state, sender, below = (request.GET.get(name, "").strip() for name in ("way", "state", "from", "before"))
    if (way and way not in Mail.Direction.values) or (state and state not in State.values):
        raise Http404
    rows = Mail.objects.order_by("-pk").select_related("communication")
    asked = {"direction": way, "state": state, "sender": sender.lower()}
    rows = rows.filter(**{name: value for name, value in asked.items() if value})
    if below.isdecimal():
        rows = rows.filter(pk__lt=int(below))
    mails = list(rows[: SHOWN + 1])
    query = request.GET.copy()
    query.pop("before", None)
    if len(mails) > SHOWN:
        query["before"] = str(mails[SHOWN - 1].pk)
    context = {
        "lines": _lines(mails[:SHOWN], person),
        "older": query.urlencode() if len(mails) > SHOWN else "",
        "below": below, "way": way, "state": state, "sender": sender,
        "ways": Mail.Direction.choices, "states": State.choices, "boxes": _boxes(), "held": held().count(),
    }  # fmt: skip
    return render(request, "intake/mail/ledger.html", context)


def _boxes() -> list[tuple[str, str, Any]]:
    """Each mailbox, what its last fetch found, and when."""
    job = Job.objects.filter(name=fetch_mail.module_path, state=Job.State.DONE).order_by("-pk").first()
    told = job.result if job is not None and isinstance(job.result, dict) else {}
    when = job.finished_at if job is not None else None
    try:
        addresses = mailbox.configured()
    except ImproperlyConfigured as error:
        return [(_("mailbox"), str(error), when)]
    return [(str(one), str(told.get(str(one), "")).removeprefix("! "), when) for one in addresses]


@require_POST
@page
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Send once more what failed, or take in what was set aside."""
    if not keeps(person_of(request)):
        raise PermissionDenied
    mail = get_object_or_404(Mail, pk=pk)
    wanted = request.POST.get("act", "")
    if not wanted or wanted != _act(mail):
        messages.error(request, _("Not possible any more."))
    elif wanted == "retry":
        again = {"state": State.WAITING, "attempts": 0, "next_at": timezone.now(), "reason": ""}
        Mail.objects.filter(pk=pk, state=State.FAILED).update(**again)
        log(Thing.of(mail), "retry", actor_of(request))
        messages.success(request, _("It will be sent again."))
    else:
        _take(request, mail)
    return go(request, f"/mail/?{request.GET.urlencode()}")


@require_POST
@page
def act_on_held(request: HttpRequest) -> HttpResponse:
    """Take in, or leave out, all that waits because too much came at once."""
    person = person_of(request)
    if not keeps(person):
        raise PermissionDenied
    if request.POST.get("act") == "take":
        take_held.enqueue(person.pk)
        messages.success(request, _("They are being taken in, one after the other."))
    elif request.POST.get("act") == "leave":
        count = leave_out(actor_of(request))
        messages.success(request, ngettext("%(n)s mail left out.", "%(n)s mails left out.", count) % {"n": count})
    else:
        messages.error(request, _("Not possible any more."))
    return go(request, "/mail/")


def _take(request: HttpRequest, mail: Mail) -> None:
    try:
        raw = originals.read(mail.raw)
    except OSError:
        messages.error(request, _("The original message is gone."))
        return
    try:
        taken = take(raw, mailbox=mail.mailbox, received_at=mail.at, by_hand=mail)
    except OSError as error:
        messages.error(request, _("Not taken in: %(why)s") % {"why": error.strerror})
        return
    log(Thing.of(mail), "retry", actor_of(request))
    if taken.state == State.TAKEN:
        messages.success(request, _("Taken in: %(ref)s.") % {"ref": taken.ref})
    else:
        messages.error(request, _("Not taken in: %(why)s") % {"why": reasons.in_words(taken.reason)})


@page
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The message as it came, byte for byte, for those who may read what it is about; always a download."""
    person = person_of(request)
    mail = get_object_or_404(Mail, pk=pk, direction=Mail.Direction.IN)  # letters on their way out carry secrets
    record = _record(mail, person)
    if record is None and (mail.ref or not keeps(person)):
        raise Http404
    try:
        content = originals.read(mail.raw) if mail.raw else b""
    except OSError:
        content = b""
    if not content:
        raise Http404
    if record is not None:
        write.record_read(record, actor_of(request))
    answer = HttpResponse(content, content_type="application/octet-stream")
    name = mail.communication.ref if mail.communication else f"mail-{mail.pk}"
    answer["Content-Disposition"], answer["X-Content-Type-Options"] = f'attachment; filename="{name}.eml"', "nosniff"
    answer["Content-Security-Policy"], answer["Cache-Control"] = "default-src 'none'; sandbox", "private, no-store"
    return answer


@panel("communication", "intake/mail/carried.html", place="side", order=5, label=gettext_lazy("Mail"))
def carried(record: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The mail that carried this exchange."""
    mail = Mail.objects.filter(communication=record).order_by("pk").first()
    if mail is None or record.hidden:
        return None
    (line,) = _lines([mail], person_of(request))
    return {"line": line} if line.record is not None or not mail.ref else None
