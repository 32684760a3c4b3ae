"""What was said about a record, as a page shows it: the new part of a mail first, what it quotes folded away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comity.accounts.models import Person
from comity.communications.mail import Mail
from comity.communications.models import Communication
from comity.communications.operations import shown_about
from comity.records.models import File


@dataclass(frozen=True)
class Said:
    """One exchange with the mail that carried it, the parts of its text, and the files that came along."""

    one: Communication
    mail: Mail | None
    above: str
    new: str
    below: str
    files: list[File]


def said_about(record: Any, person: Person) -> list[Said]:
    """Every exchange about the record as this person may see it, oldest first, in three questions to the database."""
    rows = list(shown_about(record, person).select_related("contact", "entered_by"))
    mails = {mail.communication_id: mail for mail in Mail.objects.filter(communication__in=[one.pk for one in rows])}
    ids = [pk for mail in mails.values() for pk in mail.enclosed]
    files = {str(pk): file for pk, file in File.objects.in_bulk(ids).items()} if ids and not record.hidden else {}
    found = []
    for one in rows:
        mail = None if one.hidden or record.hidden else mails.get(one.pk)
        above, new, below = mail.parts(one.body) if mail else ("", one.body, "")
        enclosed = [files[pk] for pk in mail.enclosed if pk in files] if mail else []
        found.append(Said(one, mail, above.strip(), new.strip(), below.strip(), enclosed))
    return found
