"""HTML of strangers as plain text, in one pass: no scripts, styles, pictures or tricks are left to read.

No tree is built: repairing one takes time that grows with the square of what a sender nests. What comes out is text
alone, which pages escape like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

TAGS_AT_MOST = 200_000  # that are read in one message; the whole stays in the raw message
DATA_AT_MOST, LINK_AT_MOST = 1 << 20, 2000  # signs between two tags, and of an address
LINES = frozenset(
    {
        "div", "hr", "li", "dt", "dd", "tr", "center", "address", "section", "article", "header", "footer",
    }
)  # fmt: skip
PARAGRAPHS = frozenset({"p", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
DEEPEST = 12  # quotes within quotes that are marked
_THROWN_AWAY = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "noscript", "template", "xml", "iframe", "object")
}
_MARKUP = re.compile(r"<(?=[!?]|/?[a-zA-Z])")
_VALUE = r"""\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+|(?=>))"""
_TAG = re.compile(rf"<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|={_VALUE})*+)>")
_ATTRIBUTE = re.compile(r"""([^\s=/>]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?""")
_LEADS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_NO_SIGN = re.compile(r"&#[0-9]{8,}+;?")


class Html:
    """Reads the HTML of one message, each part by `text`; `cut` tells that there was more than is read."""

    def __init__(self) -> None:
        self.left, self.cut = TAGS_AT_MOST, False

    def text(self, html: str) -> str:
        """What a reader sees of it, line by line; quoted parts begin with “> ”, links tell where they lead."""
        page = _Page()
        for data, closing, tag, attributes in self._pieces(html):
            if data:
                page.data(_unescaped(data[:DATA_AT_MOST]))
                self.cut |= len(data) > DATA_AT_MOST
            if closing:
                page.end(tag)
            elif tag:
                page.begin(tag, attributes)
        return page.text()

    def _pieces(self, html: str) -> Iterator[tuple[str, bool, str, str]]:
        """Text, and the tag behind it: whether it closes, its name, its attributes. A comment, a tag or a script that
        does not end takes the rest with it, as in a browser; so each sign is looked at once."""
        at = 0
        while markup := _MARKUP.search(html, at):
            start = markup.start()
            if not self.left:
                self.cut = True
                return
            self.left -= 1
            tag = _TAG.match(html, start)
            name = tag[2].lower() if tag else ""
            yield html[at:start], bool(tag and tag[1]), name, tag[3] if tag else ""
            if tag is None:  # a comment, a declaration, or a tag without an end
                ending = "-->" if html.startswith("<!--", start) else ">" if html[start + 1] in "!?" else ""
                end = html.find(ending, start + 2) if ending else -1
                if end < 0:
                    return
                at = end + len(ending)
                continue
            at = tag.end()
            if name in _THROWN_AWAY and not tag[1]:
                close = _THROWN_AWAY[name].search(html, at)
                if close is None:
                    return
                at = close.start()
        yield html[at:], False, "", ""


def _unescaped(text: str) -> str:
    return unescape(_NO_SIGN.sub("\ufffd", text)) if "&" in text else text


def _leads_to(attributes: str) -> str:
    """The address of a link, if it is one that can be followed from a mail."""
    for name, *values in _ATTRIBUTE.findall(attributes):
        if name.lower() == "href":
            address = re.sub(r"\s+", "", _unescaped("".join(values)[:LINK_AT_MOST]))
            return address if _LEADS.match(address) else ""
    return ""


class _Page:
    """The text as it stands on a page."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []  # the pieces of the last
        self.quoted = self.kept = 0
        self.link = ""
        self.linked: list[str] = []

    def begin(self, tag: str, attributes: str) -> None:
        if tag == "a":
            self._tell_link()
            self.link = _leads_to(attributes)
        elif tag in ("td", "th"):
            self._put(" ")
        elif tag == "br":
            self._break()
        elif tag in PARAGRAPHS:
            self._paragraph()
            if tag == "blockquote":
                self.quoted = min(self.quoted + 1, DEEPEST)
                self._line()
        elif tag in LINES:
            self._line()
        if tag == "li":
            self._put("- ")
        self.kept += tag == "pre"

    def end(self, tag: str) -> None:
        if tag == "a":
            self._tell_link()
        elif tag == "blockquote":
            self.quoted = max(self.quoted - 1, 0)
        if tag in PARAGRAPHS:
            self._paragraph()
        elif tag in LINES:
            self._line()
        if tag == "pre":
            self.kept = max(self.kept - 1, 0)

    def data(self, data: str) -> None:
        if self.kept:
            first, *more = data.split("\n")
            self._put(first)
            for line in more:
                self._break()
                self._put(line)
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        if self.link:
            self.linked.append(words)
        self._put(words)

    def _put(self, words: str) -> None:
        if not self.kept and (not self.line or self.line[-1].endswith((" ", "\u00a0"))):
            words = words.lstrip(" ")
        if words:
            self.line.append(words)

    def _tell_link(self) -> None:
        """Where a link leads is told beside it, unless its text says so: nobody is led astray by a fair text."""
        address, shown = self.link.removeprefix("mailto:").rstrip("/"), "".join(self.linked).strip().rstrip("/")
        if address and shown not in (address, address.partition("://")[2]):
            self._put(f" <{self.link.removeprefix('mailto:')}>")
        self.link, self.linked = "", []

    def _break(self) -> None:
        self.lines.append("".join(self.line))
        self.line = ["> " * self.quoted] if self.quoted else []

    def _line(self) -> None:
        if any(piece.strip("> ") for piece in self.line):
            self.lines.append("".join(self.line))
        self.line = ["> " * self.quoted] if self.quoted else []

    def _paragraph(self) -> None:
        self._line()
        if self.lines and self.lines[-1].strip("> "):
            self._break()

    def text(self) -> str:
        self._tell_link()
        lines = (line.replace("\u00a0", " ").rstrip() for line in (*self.lines, "".join(self.line)))
        whole = re.sub(r"\n(?:> ?)+(?=\n(?:[^>]|$))", "\n", "\n".join(lines))
        return re.sub(r"\n{3,}", "\n\n", whole).strip("\n")
