"""The tokeniser: one for both engines, for queries and for texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.records.search import LONGEST, query_tokens, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Printer broken", ["printer", "broken"]),
        ("Café Straße", ["cafe", "strasse"]),
        ("CMP-00042", ["cmp", "00042", "42"]),
        ("服务投诉", ["服务", "务投", "投诉", "诉"]),
        ("A3区停电2天", ["a", "3", "区停", "停电", "电", "2", "天"]),
        ("ＦＵＬＬ　ｗｉｄｔｈ", ["full", "width"]),
        ("\"a'(* OR 1=1 --", ["a", "or", "1", "1"]),
        ("한국어 かな", ["한국", "국어", "어", "かな", "な"]),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_a_query_of_two_chinese_characters_is_one_pair() -> None:
    assert query_tokens("投诉") == ["投诉"]
    assert query_tokens("投") == ["投"]
    assert query_tokens("CMP-00042") == ["cmp", "00042"]


@given(st.text(max_size=200))
def test_tokens_are_bounded_words_without_syntax(text: str) -> None:
    for word in (*tokens(text), *query_tokens(text)):
        assert 0 < len(word) <= LONGEST
        assert word.isalnum() or any(ord(c) > 127 for c in word)
        assert not set(word) & set("\"'*()&|!:- \x00")


@given(st.text(alphabet=st.characters(categories=("L", "N")), min_size=1, max_size=30))
def test_what_was_written_is_found_by_itself(text: str) -> None:
    """Every word of the query but the last stands in the text; the last begins a word of it."""
    have = tokens(text)
    asked = query_tokens(text)
    for word in asked[:-1]:
        assert word in have
    if asked:
        assert any(word.startswith(asked[-1]) for word in have)
