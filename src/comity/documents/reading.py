"""A version as people read it: its parts with their headings, in the order of its type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from comity.communications import markdown
from comity.documents import starters
from comity.documents.difference import Line, lines
from comity.documents.models import DocumentVersion


@dataclass(frozen=True)
class Part:
    """The text before the sections (without heading), or one section with what it states apart."""

    heading: str
    text: str
    stated: list[tuple[str, str]] = field(default_factory=list)

    @property
    def html(self) -> SafeString:
        return mark_safe(markdown.html(self.text, below=2))  # noqa: S308 - cleaned there

    @property
    def plain(self) -> str:
        """Text and statements in lines, to be compared."""
        return "\n".join([self.text, *(f"{label}: {value}" for label, value in self.stated)]).strip()


def parts(version: DocumentVersion) -> list[Part]:
    """What there is to read."""
    return list(parts_of(version.document.type, version.body, version.sections))


def parts_of(type: str, body: str, sections: dict[str, dict[str, object]]) -> Iterator[Part]:
    """The parts of a text and sections; a section that the type no longer has comes last, under its tag."""
    if body.strip():
        yield Part("", body)
    titles = {one.tag: one.label for one in starters.sections_of(type)}
    for tag in (*(tag for tag in titles if tag in sections), *(tag for tag in sections if tag not in titles)):
        said = sections[tag]
        fields: dict[str, str] = said["fields"]  # type: ignore[assignment]
        stated = [(str(starters.FIELDS.get(name, name)), value) for name, value in fields.items()]
        yield Part(titles.get(tag, tag), str(said["text"]), stated)


@dataclass(frozen=True)
class Compared:
    """One part of two versions beside each other."""

    heading: str
    lines: list[Line]

    @property
    def changed(self) -> bool:
        return any(line.changed for line in self.lines)


def compared(old: DocumentVersion, new: DocumentVersion) -> list[Compared]:
    """Part by part, in the order of the newer one; parts that only the older one has come last."""
    before, after = ({part.heading: part.plain for part in parts(one)} for one in (old, new))
    headings = [*after, *(heading for heading in before if heading not in after)]
    return [
        Compared(heading or _("Text"), list(lines(before.get(heading, ""), after.get(heading, ""))))
        for heading in headings
    ]
