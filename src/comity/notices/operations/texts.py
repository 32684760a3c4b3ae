"""The organisation's own texts as one sees them at once: each notice in each language, ours or theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.accounts.models import Person
from comity.communications import templates
from comity.communications.models import Mail, Template
from comity.notices.operations import mailing


@dataclass(frozen=True)
class Standing:
    """What is sent for one notice in one language now."""

    language: str
    language_name: str
    own: Template | None
    subject: str
    body: str
    make: str  # where to make it one's own


def all_of() -> list[tuple[templates.Use, list[Standing]]]:
    """Every notice that has words of ours, with what stands now."""
    rows = Template.objects.filter(status=Template.Status.EFFECTIVE).exclude(use=templates.ANSWER)
    own = {(one.use, one.language): one for one in rows}
    names = [(code, str(name)) for code, name in settings.LANGUAGES]
    return [
        (one, [_standing(one, code, name, own.get((one.code, code))) for code, name in names])
        for one in templates.uses()
        if one.shipped is not None
    ]


def _standing(one: templates.Use, language: str, name: str, own: Template | None) -> Standing:
    with override(language):
        subject, body = one.shipped() if one.shipped else ("", "")
        label = str(one.label)
    if own is not None:
        subject, body = own.subject, own.body
    begun = {"name": label, "use": one.code, "language": language, "subject": subject, "body": body}
    return Standing(language, name, own, subject, body, f"/templates/new/?{urlencode(begun)}")


def preview(text: Template, record: Any = None) -> tuple[str, str]:
    """The text filled for a record, or with what its placeholders are called."""
    known = templates.use_named(text.use)
    with override(text.language):
        shown = {name: f"‹{label}›" for name, label in known.places.items()} if known else {}
        sample = dict(known.sample()) if known and known.sample else shown
    if record is not None:
        sample |= {name: value for name, value in templates.values_of(record).items() if name in sample}
    return templates.fill(text, sample)


def send_test(text: Template, person: Person, record: Any = None) -> Mail:
    """Send the preview to the person's own address."""
    subject, body = preview(text, record)
    with override(person.language):
        subject = _("Test: %(subject)s") % {"subject": subject}
    return mailing.put(
        mailing.Letter(person.email, person.name, subject, body, text.language, name=text.ref, automatic=True)
    )
