"""The words of the catalogue in both languages: nobody reads a code, and Chinese readers no English check."""

import re

import pytest
from django.utils.translation import override

from comity.compliance import catalogue
from comity.compliance.names import called, joined, listed, remark, section, short, told
from comity.compliance.pages import asking, words
from comity.compliance.reasons import gap

CODE = re.compile(r"[a-z]+_[a-z_]+")


def test_every_gap_ends_with_what_is_wrong() -> None:
    """Details are phrases of their own: a sentence that goes on after them would not be one."""
    for one in catalogue.shipped().requirements.values():
        for said in (one.gap, one.gap_zh):
            assert "{detail}" not in said or re.search(r"[:：(（] ?\{detail\}[)）]?[.。]$", said), one.id


def test_a_word_is_read_in_the_readers_language_and_what_is_none_stays() -> None:
    with override("zh-hans"):
        assert called("complaint_owner") == "投诉负责人"
        assert called("complaint_procedure") == "投诉处理程序"
        assert called("responsible_role") == "负责角色"
        assert called("complaint_handler, complaint_handling") == "投诉处理人、投诉处理"
        assert called("clause 12") == "条款 12"
        assert section("complaint_procedure", "recording") == "记录"
        assert joined(["甲", "乙"]) == "甲；乙"
    assert called("complaint_owner") == "complaint owner"
    assert called("slas_in_force") == "SLAs in force"
    assert listed(["process", "risk_high"]) == "process, risk high"
    assert [called(one) for one in ("CMP-00042", "Ada_L", "Harbour, Ltd")] == ["CMP-00042", "Ada_L", "Harbour, Ltd"]


def test_every_word_of_the_vocabulary_has_a_chinese_name() -> None:
    known = catalogue.words()
    words = {*known.kinds, *known.populations, *known.clocks, *(one for tag in known.tags.values() for one in tag)}
    asked = {argument for rule in known.rules.values() for argument in rule["arguments"]}
    with override("zh-hans"):
        assert not sorted(one for one in words - UNSAID if called(one) == one.replace("_", " "))
    assert not (set(known.rules) - set(told()["rules"])) | (asked - set(told()["arguments"]))
    assert set(told()["predicates"]) == set(told()["short"]) == set(known.predicates)


UNSAID = {  # words that no sentence says: values of fields, which have their labels where they are chosen
    word
    for table in ("termination_reasons", "sensitivities", "severities", "cause_areas", "close_grounds", "case_flags")
    for word in catalogue.words().tags[table]
}  # fmt: skip


def test_every_check_is_told_in_chinese() -> None:
    with override("zh-hans"):
        for one in catalogue.shipped().requirements.values():
            for rule in asking.rules(one.use, {}):
                said = f"{rule.asks}{''.join(name + value for name, value in rule.arguments)}"
                assert not CODE.search(said) or one.use.rule == "same_as", (one.id, CODE.search(said))
                assert not re.match("[A-Za-z]", rule.asks)
            assert all(not remark(one.id, note).isascii() for note in (one.note,) if note)
        assert not any(short(name).isascii() for name in catalogue.words().predicates)


@pytest.mark.parametrize(("language", "words"), [("en", "which channel: "), ("zh-hans", "渠道")])
def test_a_sentence_without_a_detail_ends_before_it(language: str, words: str) -> None:
    one = catalogue.shipped().requirements["PG-004-10"]
    with override(language):
        whole, short_one = gap(one, "CUS-00001", words), gap(one, "CUS-00001")
    assert words in whole
    assert "CUS-00001" in short_one
    assert not re.search(r"[:：]\s*[.。]?$", short_one)
    assert "{" not in short_one


def test_a_chinese_reader_reads_clauses_in_chinese() -> None:
    with override("zh-hans"):
        standards = catalogue.shipped().standards.values()
        named = [name for standard in standards for name in words.clauses(standard).values()]
    assert "3.3 投诉策略" in named and "价值流" in named
    assert not [name for name in named if re.search("[a-z]{2}", name)]
    with override("en"):
        assert "3.3 Complaint strategy" in words.clauses(catalogue.shipped().standards["brm-process-zh"]).values()
