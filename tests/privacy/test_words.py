"""What is looked for in texts, and what is left alone there."""

import json

import pytest

from comity.privacy.words import Sieve, blanked

PAIRS = [
    ["Zara Quill", "Erased person 1"],
    ["zara@quill.example", "erased-1@erased.invalid"],
    ["张伟", "Erased person 1"],
]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask ZARA QUILL.", "Ask Erased person 1."),
        ("Zara Quillfeather", "Zara Quillfeather"),  # another name
        ("请联系张伟先生", "请联系Erased person 1先生"),  # no gaps between words
        ("<zara@quill.example>", "<erased-1@erased.invalid>"),
        ("xzara@quill.example", "xzara@quill.example"),
    ],
)
def test_words_are_taken_out_whole(text: str, left: str) -> None:
    sieve = Sieve(PAIRS)
    assert sieve(text) == left and sieve({"a": [text, 1, None]}) == {"a": [left, 1, None]}


def test_words_are_found_as_a_table_of_json_writes_them() -> None:
    assert json.dumps({"name": "张伟"})[10:-2] in Sieve(PAIRS).forms
    assert Sieve([])("Zara Quill") == "Zara Quill"


def test_what_was_empty_stays_empty() -> None:
    assert blanked({"1": "Bad.", "2": ["", "x"], "3": 4}, "[erased]") == {
        "1": "[erased]",
        "2": ["", "[erased]"],
        "3": 4,
    }
    asked = {"FQN-1": {"n": 1, "label": "Since when?", "answer": "Since my wedding"}}
    assert blanked(asked, "–") == {"FQN-1": {"n": 1, "label": "Since when?", "answer": "–"}}
