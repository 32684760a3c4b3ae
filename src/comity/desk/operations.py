"""Macros, what is done from the list, and who is where. Each act goes the one way, with the actor's own rights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts.models import Person
from comity.communications import templates
from comity.desk.models import Macro, Presence
from comity.desk.rules import pairs
from comity.notices.operations import writing
from comity.records import write
from comity.records.trail import Actor

HERE = timedelta(seconds=50)
GONE = timedelta(hours=1)


@transaction.atomic
def apply(macro: Macro, case: Any, actor: Actor) -> Any:
    """All of it or nothing. Raises what the write path raises."""
    if values := pairs(macro.changes)[0]:
        case = write.update(case, values, actor=actor)
    if handler := actor.person if macro.to_me else macro.handler:
        case = write.transition(case, "assign", {"handler": handler.email}, actor=actor)
    if macro.step:
        case = write.transition(case, macro.step, pairs(macro.step_values)[0], actor=actor, note=macro.note)
    if macro.text:
        _send(macro, case, actor)
    if macro.note.strip() and not macro.step:
        write.post(case, macro.note, actor=actor)
    return case


def _send(macro: Macro, case: Any, actor: Actor) -> None:
    contacts = writing.contacts_for(case, actor.person)
    if not writing.may_write(actor.person, case):
        raise write.NotAllowed("mail")
    own = next((one for one in contacts if one == case.contact), None)
    if macro.text is None or own is None:
        raise ValidationError(_("The case has no contact to whom the text could go."))
    subject, body = templates.fill(macro.text, templates.values_of(case))
    values = {"contact": own.ref, "purpose": "answer", "summary": subject, "body": body}
    writing.send(case, values, [], actor=actor)


def offered(person: Person) -> list[Macro]:
    """The macros in use that this person may read."""
    from comity.records.access import readable
    from comity.records.kind import kind_of

    rows = readable(kind_of(Macro), person).filter(active=True, archived_at=None)
    return sorted(rows.whole(), key=lambda one: one.name)


def tie(record: Any, other: Any, note: str, actor: Actor) -> None:
    """Link a record with another from the list, with a note where one is given."""
    if other is None or other == record:
        raise ValidationError({"to": _("This is no other record that you may read.")})
    write.link(record, "relates_to", other, actor=actor)
    if note.strip():
        write.post(record, note, actor=actor)


def merge(case: Any, values: Mapping[str, Any], note: str, actor: Actor) -> None:
    """Merge one case of several into the one that goes on; that one itself stays as it is."""
    if case.ref == str(values.get("case", "")).strip().upper():
        raise ValidationError({"case": _("This is the case that goes on.")})
    write.transition(case, "merge", values, actor=actor, note=note)


def beat(record: Any, person: Person, editing: bool) -> list[Presence]:
    """Say that one is here; the others who are here now, those who edit first."""
    now = timezone.now()
    Presence.objects.update_or_create(
        person=person, kind=record.kind.name, record_id=record.pk, defaults={"editing": editing, "at": now}
    )
    Presence.objects.filter(at__lt=now - GONE).delete()
    rows = Presence.objects.filter(kind=record.kind.name, record_id=record.pk, at__gte=now - HERE)
    return list(rows.exclude(person=person).select_related("person").order_by("-editing", "person__name")[:5])
