"""Where the new part of a text ends and the quoted mail below it begins. The whole text is always kept."""

from __future__ import annotations

import re

from mailparser_reply import EmailReplyParser

LANGUAGES = ["en", "zh", "de", "fr", "es", "it", "nl", "ja", "ko"]
NOWHERE = 1 << 30
LINES_AT_MOST, WIDTH_AT_MOST = 400, 160  # of what is looked at: patterns must not take long over hostile lines
_WROTE = re.compile(r"^.{0,120}(?:写道|寫道|写到|來信|来信)\s*[:：]\s*$")
_RULE = re.compile(
    r"^\s*-{2,}\s*(?:原始邮件|原始郵件|原邮件|回复的原邮件|转发的?邮件|轉寄郵件|Original(?: message| Appointment)?"
    r"|Forwarded message|Ursprüngliche Nachricht|Message d'origine)\s*-{2,}\s*$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^\s*\**(?:发件人|寄件者|寄件人|发送时间|发送日期|寄件日期|日期|收件人|收件者|抄送|主题|主旨|From|Sent|Date|To|Subject)\**"
    r"\s*[:：]",
    re.IGNORECASE,
)
_FIRST_FIELD = re.compile(r"^\s*\**(?:发件人|寄件者|寄件人|From)\**\s*[:：]", re.IGNORECASE)
_QUOTE = re.compile(r"^\s*[>＞|]")
_WHO_WHEN = re.compile(r"@|\d{1,4}[./-]\d{1,2}|\d{1,2}:\d{2}")
_INTRODUCES = re.compile(r"[:：]\s*$")


def new_part(text: str) -> tuple[int, int]:
    """From where to where a text is new; all of it where nothing is quoted, or where answers stand between quotes."""
    lines = text.split("\n")
    looked = [line.rstrip()[:WIDTH_AT_MOST] for line in lines[:LINES_AT_MOST]]
    if begin := _below_quote(lines):
        return len("\n".join(lines[:begin])) + 1, len(text)
    end = min(_by_library(looked), _by_rule(looked), _by_marks(lines), len(lines))
    while end and not lines[end - 1].strip():
        end -= 1
    if not any(line.strip() for line in lines[:end]) or end >= len(lines):
        return 0, len(text)  # a mail that only passes another one on is all new
    return 0, len("\n".join(lines[:end]))


def _below_quote(lines: list[str]) -> int:
    """The line after a quote on top, where the answer stands below it and nothing else is quoted; else 0."""
    full = [n for n, line in enumerate(lines) if line.strip()]
    marked = [n for n in full if _QUOTE.match(lines[n])]
    if not marked or len(marked) == len(full) or marked[-1] == full[-1]:
        return 0
    above = [lines[n] for n in full if n < marked[0]]
    between = [n for n in full if marked[0] < n < marked[-1] and not _QUOTE.match(lines[n])]
    introduced = not above or (len(above) <= 3 and _INTRODUCES.search(above[-1]) and _WHO_WHEN.search(" ".join(above)))
    return marked[-1] + 1 if introduced and not between else 0


def _by_library(lines: list[str]) -> int:
    """The line at which a language's own heading of a quoted mail stands."""
    found = EmailReplyParser(languages=list(LANGUAGES)).parse_reply("\n".join(lines))
    if found is None:
        return NOWHERE
    new = sum(1 for line in found.split("\n") if line.strip())
    full = [n for n, line in enumerate(lines) if line.strip()]
    return full[new] if new < len(full) else NOWHERE


def _by_rule(lines: list[str]) -> int:
    """The line at which a Chinese heading stands, a ruled line, or the head of a mail field by field."""
    for n, line in enumerate(lines):
        if _WROTE.match(line) or _RULE.match(line):
            return n
        if _FIRST_FIELD.match(line) and sum(map(bool, map(_FIELD.match, lines[n + 1 : n + 5]))) >= 2:
            return n
    return NOWHERE


def _by_marks(lines: list[str]) -> int:
    """The line from which on everything is marked as quoted, and the sentence that introduces it."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _QUOTE.match(lines[end - 1])):
        end -= 1
    if not any(_QUOTE.match(line) for line in lines[end:]):
        return NOWHERE
    if end and _INTRODUCES.search(lines[end - 1]) and len(lines[end - 1]) <= WIDTH_AT_MOST:
        end -= 1
        for _n in range(2):  # the sentence may have been broken
            if end and (_WHO_WHEN.search(lines[end - 1]) and lines[end - 1].rstrip().endswith(("<", ",", "，"))):
                end -= 1
    return end
