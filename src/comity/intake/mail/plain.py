"""HTML of strangers as plain text: sanitised first, so that no scripts, pictures or tricks are left to read."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

AT_MOST = 1 << 20  # characters of HTML that are read; the whole stays in the raw message
KEPT = frozenset(
    {
        "a", "p", "div", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "td", "th", "h1", "h2", "h3",
        "h4", "h5", "h6", "blockquote", "pre", "center", "address", "section", "article", "header", "footer",
    }
)  # fmt: skip
THROWN_AWAY = frozenset({"script", "style", "title", "noscript", "template", "xml"})
PARAGRAPHS = frozenset({"p", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
DEEPEST = 12  # quotes within quotes that are marked
NESTED_AT_MOST = 1000  # tags within tags that are read; time grows with the square of the depth
FLAT = frozenset(
    {
        "area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr", "p", "li", "dt", "dd",
        "td", "th", "tr", "option", "o:p",
    }
)  # fmt: skip
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")


def sanitised(html: str) -> str:
    """HTML without scripts, styles, images, forms and anything that is fetched from elsewhere."""
    return nh3.clean(
        html[: _readable(html[:AT_MOST])].replace("\x00", ""), tags=set(KEPT), clean_content_tags=set(THROWN_AWAY),
        attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


def _readable(html: str) -> int:
    """How far tags are not nested beyond what anybody writes."""
    depth = 0
    for found in _TAG.finditer(html):
        if found[2].lower() in FLAT:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > NESTED_AT_MOST:
            return found.start()
    return len(html)


def text_of_html(html: str) -> str:
    """What a reader sees of it, line by line; quoted parts begin with “> ”, links tell where they lead."""
    reader = _Reader()
    reader.feed(sanitised(html))
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Reads sanitised HTML only: well formed, few tags, one attribute."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quoted = self.kept = 0
        self.link, self.linked = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._paragraph()
            self.quoted = min(self.quoted + 1, DEEPEST)
            self._line()
        elif tag == "a":
            self.link, self.linked = dict(attrs).get("href") or "", ""
        elif tag in ("td", "th"):
            self._put(" ")
        elif tag == "br":
            self.lines.append(self._margin())
        elif tag == "hr":
            self._line()
        elif tag in PARAGRAPHS:
            self._paragraph()
        else:
            self._line()
        if tag == "li":
            self._put("- ")
        self.kept += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._tell_link()
        elif tag == "blockquote":
            self.quoted = max(self.quoted - 1, 0)
            self._paragraph()
        elif tag in PARAGRAPHS:
            self._paragraph()
        elif tag not in ("td", "th", "br"):
            self._line()
        if tag == "pre":
            self.kept = max(self.kept - 1, 0)

    def handle_data(self, data: str) -> None:
        if self.kept:
            first, *more = data.split("\n")
            self._put(first)
            for line in more:
                self.lines.append(self._margin() + line)
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.linked += words
        self._put(words)

    def _put(self, words: str) -> None:
        line = self.lines[-1]
        if not self.kept and (not line or line.endswith((" ", "\u00a0"))):
            words = words.lstrip(" ")
        self.lines[-1] = line + words

    def _tell_link(self) -> None:
        """Where a link leads is told beside it, unless its text says so: nobody is led astray by a fair text."""
        address, shown = self.link.removeprefix("mailto:").rstrip("/"), self.linked.strip().rstrip("/")
        if address and shown not in (address, address.partition("://")[2]):
            self._put(f" <{self.link.removeprefix('mailto:')}>")
        self.link = self.linked = ""

    def _margin(self) -> str:
        return "> " * self.quoted

    def _line(self) -> None:
        if self.lines[-1].strip("> "):
            self.lines.append(self._margin())
        else:
            self.lines[-1] = self._margin()

    def _paragraph(self) -> None:
        self._line()
        if len(self.lines) > 1 and self.lines[-2].strip("> "):
            self.lines.append(self._margin())

    def text(self) -> str:
        lines = (line.replace("\u00a0", " ").rstrip() for line in self.lines)
        whole = re.sub(r"\n(?:> ?)+(?=\n(?:[^>]|$))", "\n", "\n".join(lines))
        return re.sub(r"\n{3,}", "\n\n", whole).strip("\n")
