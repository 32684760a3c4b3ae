"""Texts beside each other, in parts for paper, and what is kept of sections: plain Python."""

from datetime import date

import pytest

from comity.communications import markdown
from comity.documents import rules
from comity.documents.difference import lines


def marked(old: str, new: str) -> list[tuple[str, str]]:
    """Both sides, with what differs in brackets."""

    def side(pieces: object) -> str:
        return "".join(f"[{words}]" if differs else words for differs, words in pieces)  # type: ignore[attr-defined]

    return [(side(line.old), side(line.new)) for line in lines(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("a b c", "a b c", [("a b c", "a b c")]),
        ("within five days", "within two days", [("within [five] days", "within [two] days")]),
        ("say it in writing now", "say it by letter now", [("say it [in writing] now", "say it [by letter] now")]),
        ("one\ntwo", "one", [("one", "one"), ("[two]", "")]),
        ("one", "one\ntwo", [("one", "one"), ("", "[two]")]),
        ("五个工作日内", "三个工作日内", [("[五]个工作日内", "[三]个工作日内")]),
        ("", "", []),
    ],
)
def test_lines_beside_each_other(old: str, new: str, found: list[tuple[str, str]]) -> None:
    assert marked(old, new) == found


def test_nothing_is_lost_on_either_side() -> None:
    old, new = "The desk answers.\nSame.\nGone, all of it.", "The office answers soon.\nSame."
    found = list(lines(old, new))
    assert "\n".join("".join(words for _d, words in line.old) for line in found).rstrip() == old
    assert "\n".join("".join(words for _d, words in line.new) for line in found).rstrip() == new
    assert [line.changed for line in found] == [True, False, True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n" * 50_000, "b\n" + "a\n" * 49_999 + "c"),
        ("a b " * 25_000, "b " + "a b " * 24_999 + "c"),
        ("\n".join(f"{n}" for n in range(16_000)), "\n".join(f"{n}\n-" for n in range(9_000))),
    ],
    ids=["one line again and again", "one long line", "every other line"],
)
def test_texts_that_would_take_hours_are_compared_at_once(old: str, new: str) -> None:
    found = list(lines(old, new))
    assert "\n".join("".join(words for _d, words in line.new) for line in found).strip() == new.strip()
    assert any(line.changed for line in found)


def test_markdown_in_parts() -> None:
    text = "# Head\n\nOne **two**\nthree\n\n* a\n* b\n\n|x|y|\n|-|-|\n|1|2|\n\n[site](https://a.example) <b>x</b>"
    assert list(markdown.parts(text)) == [
        ("heading", ["Head"]), ("text", ["One two\nthree"]), ("item", ["a"]), ("item", ["b"]), ("row", ["x", "y"]),
        ("row", ["1", "2"]), ("text", ["site (https://a.example) <b>x</b>"]),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["<script>x</script>", "[x](javascript:alert)", "<img src=x onerror=y>"])
def test_html_holds_nothing_that_acts(text: str) -> None:
    found = markdown.html(text)
    assert "<script" not in found and "<img" not in found and 'href="javascript' not in found


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [(date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2026, 11, 22), 12, date(2027, 11, 22)),
     (date(2026, 12, 31), 2, date(2027, 2, 28)), (date(2024, 2, 29), 12, date(2025, 2, 28))],
)  # fmt: skip
def test_months_later(day: date, months: int, then: date) -> None:
    assert rules.months_later(day, months) == then


def test_the_checksum_knows_no_order_but_every_change() -> None:
    one = {"b": {"text": "x", "fields": {}}, "a": {"text": "y", "fields": {}}}
    other = dict(reversed(one.items()))
    assert rules.canonical("t", one, []) == rules.canonical("t", other, [])
    assert rules.canonical("t", one, []) != rules.canonical("t", {**one, "a": {"text": "z", "fields": {}}}, [])
    assert rules.canonical("t", one, []) != rules.canonical("t", one, [{"sha256": "0", "name": "f", "id": "1"}])


def test_words_are_counted_in_both_languages() -> None:
    assert rules.length("Two words, 三个字 and 1.") == 2 + 3 + 2
