"""The erasure of one person: begun by an officer, done by the worker in batches, each of which may be done again.

What is found is found again after an interruption by what it still holds, so no place is remembered; see
docs/adr/0012 for what becomes of which place and why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Grant, Person
from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.parties.models import Contact
from comity.parties.operations import same_person
from comity.privacy import telling
from comity.privacy.models import DataSubjectRequest, Erasure
from comity.privacy.places import holds, parted, scope
from comity.privacy.steps import STEPS
from comity.privacy.words import identifiers, phrases
from comity.privacy.workflow import OFFICERS
from comity.records import write
from comity.records.blanking import thoroughly
from comity.records.trail import Actor, Refused, take_numbers

RULE = "erasure"


def may_erase(person: Person) -> bool:
    """Who decides on requests decides on what goes."""
    return bool(rights_of(person).roles & {*OFFICERS})


def people_of(contacts: Collection[Contact]) -> list[Person]:
    """The sign-ins of these contacts, also one of the same address that is no other contact's."""
    others = Contact.objects.exclude(pk__in=[one.pk for one in contacts]).filter(person__isnull=False)
    same = models.Q(pk__in=[one.person_id for one in contacts if one.person_id])
    for one in contacts:
        if one.email:
            same |= models.Q(email__iexact=one.email) & ~models.Q(pk__in=others.values("person"))
    return list(Person.objects.filter(same).order_by("pk"))


def hindrances(one: DataSubjectRequest, person: Person) -> Iterator[str]:
    """Why this request cannot be carried out by this person now, in words."""
    contacts = same_person(one.contact)
    people = people_of(contacts)
    if one.type != one.Type.DELETION or one.status != one.Status.GRANTED:
        yield _("Only a request to erase that was granted is carried out.")
    if any(found.pk == person.pk for found in people):
        yield _("You ask this yourself; somebody else decides on it.")
    if Grant.objects.filter(person__in=people).exclude(role__in=[*CONTACTS]).exists():
        yield _("They work or worked here, too. What they did in our name is evidence and is not erased.")
    held = holds()
    for contact in contacts:
        if contact.ref in held:
            yield _("%(ref)s is under legal hold: %(reason)s") % {"ref": contact.ref, "reason": held[contact.ref]}


@transaction.atomic
def begin(
    one: DataSubjectRequest, actor: Actor, typed: str, spared: Sequence[str] = (), common: Sequence[str] = ()
) -> Erasure:
    """Decide whom and what it takes, end what still runs, tell them, and let the worker begin.

    Not taken are the texts of the records spared, nor from texts about others a common word that is their name, too.

    Raises NotAllowed, and Refused with what stands in the way; of two at once the second is refused.
    """
    from comity.privacy.jobs import erase

    if not may_erase(actor.person):
        raise write.NotAllowed("erase")
    write.hold(one)
    one = DataSubjectRequest.objects.get(pk=one.pk)
    if wrong := [*hindrances(one, actor.person)]:
        raise Refused(wrong)
    if typed.strip() != one.ref:
        raise Refused([_("Type %(ref)s to confirm.") % {"ref": one.ref}])
    contacts = same_person(one.contact)
    people, rule = people_of(contacts), Actor.system(RULE, actor.via)
    found, held = parted(scope(contacts))
    made = Erasure(request=one, number=take_numbers("erased"), scope=found, held=held, begun_by=actor.person)
    made.contacts, made.people = [each.pk for each in contacts], [each.pk for each in people]
    made.spared = sorted({*spared})
    words = identifiers(contacts, people, made)
    made.words = [pair for pair in words if "@" in pair[0] or pair[0] not in common]
    made.phrases = phrases(found)
    made.save()
    write.transition(one, "erase", actor=actor.by(RULE), note=_("Confirmed by %(person)s.") % {"person": actor.name})
    telling.erasing(one, held, actor)
    for contact in contacts:
        if contact.status == Contact.Status.ACTIVE:
            write.transition(contact, "end", actor=rule, note=one.ref)
    erase.enqueue(made.pk)
    return made


def run(pk: int, progress: Callable[[int, int], None] = lambda done, total: None) -> bool:
    """Carry out an erasure that was begun; safe to repeat. False where it is done already."""
    made = Erasure.objects.select_related("request").get(pk=pk)
    if made.ended_at:
        return False
    _as_it_is_now(made)
    with thoroughly():
        for done, step in enumerate(STEPS):
            progress(done, len(STEPS))
            for _batch in step(made):
                progress(done, len(STEPS))
        _finish(made)
    return True


def _as_it_is_now(made: Erasure) -> None:
    """What came of theirs since it was confirmed goes, too; what was put under hold meanwhile stays."""
    came = scope(Contact.objects.filter(pk__in=made.contacts))
    whole = {name: sorted({*made.scope.get(name, ()), *came.get(name, ())}) for name in {**made.scope, **came}}
    made.scope, held = parted(whole, made.held)
    made.held = held | made.held
    made.save(update_fields=["scope", "held"])


def _finish(made: Erasure) -> None:
    """Forget what was looked for, and close the request."""
    rule = Actor.system(RULE)
    with transaction.atomic():
        fresh = Erasure.objects.select_for_update().get(pk=made.pk)
        fresh.words, fresh.phrases, fresh.ended_at = [], [], timezone.now()
        fresh.save()
        text = _("Erased under the number %(number)s.") % {"number": fresh.number}
        write.assign(fresh.request, {"outcome": text}, actor=rule)
        write.transition(fresh.request, "erased", actor=rule)
