"""Articles as safe HTML, and which of them fit some words. Plain Python."""

from __future__ import annotations

from collections.abc import Collection

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
DULL = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "has", "have", "how", "i", "in", "is", "it", "not",
    "of", "on", "or", "our", "that", "the", "this", "to", "was", "we", "what", "with", "you",
})  # fmt: skip


def html(text: str) -> str:
    """Markdown as HTML that holds nothing but text: no scripts, pictures, styles; headings begin below the page's."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"
    drawn = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(drawn, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto", "tel"})


def fit(words: Collection[str], of_article: Collection[str], same_topic: bool) -> int:
    """How well an article fits: words in common, and three more for the same topic."""
    return len((set(words) & set(of_article)) - DULL) + (3 if same_topic else 0)
