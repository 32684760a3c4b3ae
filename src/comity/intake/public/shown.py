"""A case as it is shown outside, and what is sent from there: the tracking page and the portal have both in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from comity.accounts.models import Person, Unit
from comity.cases.models import Case
from comity.cases.operations import seen_outside
from comity.cases.operations.guards import reopenable
from comity.cases.rules.notices import Wish
from comity.communications.languages import LANGUAGES
from comity.intake.public.forms import EACH_STEP, MAIN_STEPS, RESULT_ONLY, WAYS, Wanted
from comity.intake.public.uploads import ACCEPT, checked, unknown_to
from comity.records import write
from comity.records.forms import blank
from comity.records.models import Entry, Record
from comity.records.trail import Actor, Refused

MOMENT = timedelta(minutes=1)
GOES_NO_FURTHER = ("merged", "reclassified", "answered")  # never reopened, however soon
Step = Callable[[str, str, dict[str, Any]], Any]


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What every page outside shows around its content: whose it is, and the other languages."""
    provider = Unit.objects.filter(parent__isnull=True).order_by("path").first()
    now = get_language()
    others = [(code, name) for code, name in LANGUAGES if code != now and code in dict(settings.LANGUAGES)]
    return {"provider": provider.name if provider else "Comity", "other_languages": others}


class WishForm(forms.Form):
    """What to hear, how often, by which way."""

    tell = Wanted()
    every_days = forms.IntegerField(
        label=gettext_lazy("News every so many working days, even without a step"), required=False, min_value=0,
        max_value=60,
    )  # fmt: skip
    channel = forms.ChoiceField(label=gettext_lazy("How should we reach you?"), required=False, choices=WAYS)

    def kept(self) -> dict[str, Any]:
        """The wish as it is kept."""
        said = self.cleaned_data
        every = {"every_days": said["every_days"]} if said["every_days"] else {}
        return Wanted.wish(said["tell"], said["channel"]) | every

    def as_step(self) -> dict[str, Any]:
        """The values as the step of the case asks for them."""
        wish = self.kept()
        found: dict[str, Any] = {"events": wish.get("events", []), "result_only": wish.get("result_only", False)}
        return found | {"every_days": wish.get("every_days", 0), "wish_channel": wish.get("channel", "")}

    @classmethod
    def of(cls, wish: Wish) -> WishForm:
        """As it was wished until now."""
        return cls(initial=chosen(wish))


def chosen(wish: Wish) -> dict[str, Any]:
    """A wish as people choose it in a form."""
    tell = RESULT_ONLY if wish.result_only else EACH_STEP if len(wish.events) > 3 else MAIN_STEPS
    return {"tell": tell, "every_days": wish.every_days or None, "channel": wish.channel or "email"}


def view_of(case: Case, actor: Actor, person: Person | None = None, proven: bool = True) -> dict[str, Any]:
    """Everything that the page of a case shows outside. Whoever has not proven to be the one to whom we write sees what
    they sent themselves, where it stands and what comes next, and can add to it."""
    deeds = seen_outside.deeds(case, actor) if proven else []
    answers = [deed for deed in deeds if deed.name in ("confirm", "reject")]
    return {
        "case": case,
        "state": seen_outside.state(case, proven),
        "stages": seen_outside.stages(case),
        "dates": seen_outside.dates(seen_outside.onward(case) or case) if proven else seen_outside.dates(case),
        "story": seen_outside.story(case, person, proven),
        "files": seen_outside.files(case) if proven else [],
        "proven": proven,
        "answers": answers,
        "asked": any(deed.name == "reply" for deed in deeds),
        "deeds": [deed for deed in deeds if deed not in answers and deed.name != "reply"],
        "contact": seen_outside.contact(case),
        "above": seen_outside.above(case) if proven else None,
        "escalated": seen_outside.escalated_to(case) if proven else None,
        "over": case.status == Case.Status.CLOSED and bool(list(reopenable(case, actor))),
        "too_late": case.close_ground not in GOES_NO_FURTHER,
        "wish_form": WishForm.of(case.wish),
        "accept": ACCEPT,
    }


def _said_just_now(case: Record, name: str, said: str, actor: Actor) -> bool:
    """Was this very thing sent a moment ago? Whoever presses a button twice means it once: an escalation must not go
    up two levels because of it. Holds the case, so that of two at once one comes first."""
    write.hold(case)
    rows = Entry.objects.filter(kind=case.kind.name, record_id=case.pk, actor_id=actor.person.pk, rule=actor.rule)
    acts = (Entry.POST, "reply") if name == "message" else (name,)
    return not blank(said) and rows.filter(act__in=acts, note=said, at__gt=timezone.now() - MOMENT).exists()


def written(request: HttpRequest, record: Record, actor: Actor) -> list[str]:
    """A message with its files, written on the timeline of a record that is followed outside. What stands in the way,
    in words; empty once it is done."""
    said = request.POST.get("note", "")
    try:
        uploads = checked(request.FILES.getlist("files"))
        with transaction.atomic():
            if not _said_just_now(record, "message", said, actor):
                _write(record, said, uploads, unknown_to(record, uploads), actor)
    except ValidationError as error:
        return list(error.messages)
    return []


def _write(record: Record, said: str, uploads: list[Any], new: list[Any], actor: Actor) -> None:
    """What was said, and of the files those that are not there yet; the same files alone once more are nothing new."""
    if not blank(said) or not uploads:
        write.post(record, said, actor=actor, public=True)
    if new:
        write.attach_all(record, new, actor=actor, public=True)


def take(request: HttpRequest, case: Case, name: str, actor: Actor, step: Step, proven: bool = True) -> list[str]:
    """Do what was sent: a message, files, or a step. What stands in the way, in words; empty once it is done.

    Steps are for whoever has proven to be the one to whom we write. An answer to our question goes on with the case;
    any other message is written on its timeline.
    """
    said = request.POST.get("note", "")
    known = {deed.name: deed for deed in seen_outside.deeds(case, actor) if proven}
    try:
        uploads = checked(request.FILES.getlist("files")) if name in ("message", "reply") else []
        with transaction.atomic():
            if _said_just_now(case, name, said, actor):
                return []
            new = unknown_to(case, uploads)
            if uploads and not new and blank(said):
                return []
            if name == "message" and "reply" in known and not blank(said):
                step("reply", said, {})
            elif name == "message":
                _write(case, said, uploads, new, actor)
                return []
            elif not proven:
                raise Refused([_("For this, open the link in the mail that we sent to the address on file.")])
            elif name not in known:
                raise Refused([_("This is not possible now. Perhaps something has happened meanwhile.")])
            elif name == "record_wish":
                form = WishForm(request.POST)
                if not form.is_valid():
                    raise ValidationError([text for texts in form.errors.values() for text in texts])
                step(name, said, form.as_step())
            else:
                step(name, said, {})
            if new:
                write.attach_all(case, new, actor=actor, public=True)
    except ValidationError as error:
        return list(error.messages)
    except Refused as refused:
        return list(refused.missing)
    return []
