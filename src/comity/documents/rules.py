"""The content of versions: what is kept of sections, how long a text is, what two versions differ in. Plain Python."""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

WORDS = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


class Sections(dict[str, dict[str, Any]]):
    """{tag: {"text", "fields"}}; read as a text it is what people wrote, which is what a search looks at."""

    def __str__(self) -> str:
        return "\n\n".join("\n".join((said["text"], *said["fields"].values())).strip() for said in self.values())


def lines(text: str) -> list[str]:
    """The lines that say something, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def tidy(stored: Mapping[str, Any]) -> Sections:
    """Sections as they are kept: {tag: {"text", "fields"}}, nothing empty. Raises ValueError for other shapes."""
    found = Sections()
    for tag, said in stored.items():
        if not isinstance(said, Mapping) or set(said) - {"text", "fields"}:
            raise ValueError(tag)
        text, fields = said.get("text", ""), said.get("fields", {})
        if not isinstance(text, str) or not isinstance(fields, Mapping):
            raise ValueError(tag)
        if not all(isinstance(value, str) for value in fields.values()):
            raise ValueError(tag)
        text = text.replace("\r\n", "\n").strip()
        kept = {name: value.strip() for name, value in fields.items() if value.strip()}
        if text or kept:
            found[tag] = {"text": text, "fields": kept}
    return found


def texts(sections: Mapping[str, Any]) -> Iterator[str]:
    """The texts of sections, in their order."""
    return (said["text"] for said in sections.values() if said["text"])


def length(text: str) -> int:
    """Words of a text; a Chinese character counts as one."""
    return len(WORDS.findall(text))


def canonical(body: str, sections: Mapping[str, Any], files: list[dict[str, str]]) -> str:
    """All of a content in one form, whatever the order in which a database keeps it."""
    return json.dumps([body, sections, [one["sha256"] for one in files]], sort_keys=True, ensure_ascii=False)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",), "png": (b"\x89PNG\r\n",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",),
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "odp"), (b"PK\x03\x04",)),
    **dict.fromkeys(("doc", "xls", "ppt"), (b"\xd0\xcf\x11\xe0",)),
    **dict.fromkeys(("txt", "md", "csv"), ()),
}  # fmt: skip
"""What a file of that name has to begin with; nothing is asked of texts but that they hold no zero."""


def is_document(name: str, beginning: bytes) -> bool:
    """Is it a sort of document that may be approved, and does its content begin as such files do?"""
    ending = name.rpartition(".")[2].lower()
    if ending not in BEGINNINGS:
        return False
    wanted = BEGINNINGS[ending]
    return beginning.startswith(wanted) if wanted else b"\0" not in beginning
