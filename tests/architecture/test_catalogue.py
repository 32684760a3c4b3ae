"""Every text is there in simplified Chinese, and the compiled catalogue is the one that is shipped."""

import io
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.architecture.house import PACKAGE, modules, name

CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

pytestmark = pytest.mark.skipif(not CATALOGUE.exists(), reason="no Chinese catalogue yet")


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def texts() -> Iterator[tuple[str, str]]:
    """(file, text) of everything that is marked for translation."""
    for path in modules():
        for _, message, _, _ in extract("python", io.BytesIO(path.read_bytes()), KEYWORDS):
            yield name(path), message[-1] if isinstance(message, tuple) and len(message) > 2 else _first(message)
    for path in sorted(PACKAGE.rglob("templates/**/*.*")):
        if path.suffix in (".html", ".txt", ".typ", ".svg"):
            code = templatize(path.read_text(), origin=str(path)).encode()
            code = re.sub(rb"^\s+", b"", code, flags=re.M)
            for _, message, _, _ in extract("python", io.BytesIO(code), KEYWORDS):
                yield name(path), _first(message)


def _first(message: object) -> str:
    """The singular of a plural, the text itself otherwise; Chinese has only one form."""
    return str(message[0]) if isinstance(message, (tuple, list)) else str(message)


def test_no_text_is_missing() -> None:
    known = {_first(message.id) for message in catalogue()}
    assert not sorted({f"{file}: {text}" for file, text in texts() if text and text not in known})


def test_no_translation_is_empty_or_doubtful() -> None:
    assert not [m.id for m in catalogue() if m.id and (m.fuzzy or not _first(m.string))]


def test_placeholders_survive_translation() -> None:
    wrong = []
    for message in catalogue():
        source = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        allowed = {word for text in source for word in re.findall(r"%\(\w+\)[sd]|\{\w*\}", str(text))}
        text = _first(message.string)
        if message.id and set(re.findall(r"%\(\w+\)[sd]|\{\w*\}", text)) - allowed:
            wrong.append(text)
    assert not wrong


def test_the_compiled_catalogue_is_current() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = {(_plain(message.context), _first(message.id)): _first(message.string) for message in read_mo(file)}
    assert compiled.pop((None, ""))
    assert compiled == {
        (message.context, _first(message.id)): _first(message.string) for message in catalogue() if message.id
    }


def _plain(context: str | bytes | None) -> str | None:
    """Compiled catalogues are read with contexts in bytes."""
    return context.decode() if isinstance(context, bytes) else context
