"""What becomes of suggestions and praise: an improvement whose decision is told, thanks that reach whom they are for.

A suggestion is no complaint and leaves no complaint figures; it goes to those who decide on improvements (BRM-3.3-6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from comity.accounts.rights import own_people
from comity.cases.models import Case
from comity.cases.operations import promises, telling
from comity.cases.rules.notices import Event
from comity.cases.rules.words import Classification
from comity.records import write
from comity.records.trail import Actor, Thing
from comity.records.workflow import Lack

Data = Mapping[str, Any]


def suggestion(case: Case, actor: Actor) -> Iterator[str | Promise]:
    if case.before("classification") != Classification.SUGGESTION:
        yield gettext_lazy("Only a suggestion goes to the improvements like this.")
    elif promises.improvements(case):
        yield gettext_lazy("It is with the improvements already.")


def praise(case: Case, actor: Actor) -> Iterator[str | Promise]:
    if case.before("classification") != Classification.PRAISE:
        yield gettext_lazy("Only praise is passed on like this.")


def decided(case: Case, actor: Actor) -> Iterator[str | Promise | Lack]:
    """A suggestion that became an improvement ends when that is decided, with the decision told."""
    for one in promises.improvements(case):
        if not promises.decided(one):
            yield gettext_lazy("The improvement %(ref)s is not decided.") % {"ref": one.ref}


def propose(case: Case, actor: Actor, data: Data) -> None:
    made = promises.improvement(case, data["improvement"], case.description, actor)
    telling.tell(case, Event.ACTION, actor, at=case.moved_at, asked=True, improvement=made.ref)


def tell_decision(case: Case, actor: Actor, notice: Any) -> None:
    """The improvement knows by which communication its decision was told."""
    for one in promises.improvements(case) if notice is not None else ():
        if promises.decided(one) and not one.told_ref:
            rule = Actor.system("BRM-3.3-6", actor.via)
            write.transition(one, "tell", {"told_ref": notice.ref}, actor=rule)


def find_praised(case: Case, actor: Actor, data: Data, at: datetime) -> None:
    found = own_people().filter(email__iexact=str(data["person"]).strip()).first()
    if found is None:
        raise ValidationError({"person": _("Nobody has this address.")})
    case.__dict__["_praised"] = found


def pass_on(case: Case, actor: Actor, data: Data) -> None:
    """A line at the person's account, and one here; who said it stays out where it is confidential."""
    person = case.__dict__.pop("_praised")
    says = "" if case.confidential or case.anonymous else str(case.contact or case.complainant or "")
    note = f"{case.ref}: {case.description}" + (f" ({says})" if says else "")
    write.log(Thing.of(person), "praise", actor, note=note)
    rule = Actor.system("BRM-3.3-6", actor.via)
    write.note_auto(case, gettext_noop("Passed on to %(person)s."), rule, person=person.name)
