"""Markdown as safe HTML, and as plain blocks for paper. Plain Python, for every room that shows what people wrote."""

from __future__ import annotations

from collections.abc import Iterator

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def html(text: str, below: int = 1) -> str:
    """Markdown as HTML that holds nothing but text: no scripts, pictures, styles; headings stand so much lower."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + below, 6)}"
    drawn = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(drawn, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto", "tel"})


Part = tuple[str, list[str]]  # "heading", "text", "item" with one line, or "row" with the cells of a table


def parts(text: str) -> Iterator[Part]:
    """The same text in plain parts, in their order."""
    kind = "text"
    cells: list[str] = []
    lists: list[str] = []
    for token in _parser().parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append("")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "tr_open":
            kind, cells = "row", []
        elif token.type == "tr_close":
            yield "row", cells
            kind = "text"
        elif token.type == "heading_open":
            kind = "heading"
        elif token.type == "heading_close":
            kind = "text"
        elif token.type == "inline" and kind == "row":
            cells.append(_plain(token))
        elif token.type == "inline":
            yield ("item" if lists and kind == "text" else kind), [_plain(token)]
        elif token.type in ("fence", "code_block"):
            yield "text", [token.content.rstrip()]


def _plain(token: Token) -> str:
    """What is read of a line: its letters, and the address behind a link that does not show it."""
    said: list[str] = []
    address = ""
    for one in token.children or ():
        if one.type == "link_open":
            address = str(one.attrGet("href") or "")
        elif one.type == "link_close":
            said.append(f" ({address})" if address and address not in "".join(said) else "")
        elif one.type in ("softbreak", "hardbreak"):
            said.append("\n")
        else:
            said.append(one.content)
    return "".join(said)
