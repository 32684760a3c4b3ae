"""Whether a text expresses dissatisfaction, by the words that people use for it. Plain Python.

A rule can hear dissatisfaction; it can never exclude it. Hence what names none is taken in as an enquiry, which has the
clocks of a complaint until somebody has read it, and is made a complaint in one step that dates it back (BRM-3.3-5).
"""

from __future__ import annotations

import re

_ENGLISH = re.compile(
    r"\b(?:complain\w*|dissatisf\w+|not (?:at all )?satisfied|unsatisf\w+|unhappy|not happy|unacceptable|disappoint\w+|"
    r"fed up|frustrat\w+|appalling|disgust\w+|terrible|awful|ridiculous|outrag\w+|angry|furious|compensat\w+|refund|"
    r"poor (?:service|quality)|bad service|worst|rude|unprofessional|incompeten\w+|"
    r"(?:second|third|fourth|fifth|umpteenth|\d+(?:st|nd|rd|th)) time|again and again|yet again|"
    r"still (?:not|no|waiting|broken|down)|nobody (?:answers|answered|replied|called))\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    "投诉|投訴|不满|不滿|抱怨|差劲|差勁|太差|很差|极差|失望|无法接受|不能接受|無法接受|难以接受|赔偿|賠償|退款|退钱|"
    "第[二三四五六七八九十]次|一再|屡次|多次反映|反复|差评|气愤|愤怒|生气|恶劣|没人管|无人处理|没人处理|不负责|推诿|敷衍|"
    "至今未|还没有?解决|仍未|仍然没"
)


def dissatisfied(text: str) -> str:
    """The words in which a text expresses dissatisfaction; empty where it uses none that we know."""
    found = _ENGLISH.search(text) or _CHINESE.search(text)
    return found[0] if found else ""


def language(text: str) -> str:
    """The language as far as letters tell: Chinese, else English for what is written in Latin ones, else unknown."""
    chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    latin = sum(sign.isascii() and sign.isalpha() for sign in text)
    if chinese >= 4 and chinese * 4 >= latin:
        return "zh-hans"
    return "en" if latin >= 20 else ""
