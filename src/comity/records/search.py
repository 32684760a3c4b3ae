"""Full-text search over every kind, within the reader's rights, also for Chinese without spaces.

One tokeniser serves both engines: NFKD, casefold, no combining marks, runs of letters or digits, and overlapping pairs
of CJK characters. Rows are found newest first; rights are applied to the records that were found, in growing steps. The
index knows no readers: a record from whom something is hidden counts as found by what its reader sees of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet

from comity.accounts.models import Person
from comity.records import sql
from comity.records.kind import Kind, kinds
from comity.records.seen import SeenRows

SHIFT = 40  # a search id is (number of the kind << SHIFT) + id of the record
LONGEST = 40
_CJK = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUNS = re.compile(rf"([{_CJK}]+)|([0-9]+)|([^\W\d_{_CJK}]+)")


def tokens(text: str) -> list[str]:
    """The words of a text in order. CJK runs give every pair of neighbours and the last character."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", text)
    found: list[str] = []
    for cjk, digits, letters in _RUNS.findall(text.casefold()):
        if cjk:
            found.extend(cjk[i : i + 2] for i in range(len(cjk) - 1))
            found.append(cjk[-1])
        elif digits:
            found.append(digits[:LONGEST])
            bare = digits.lstrip("0")
            if bare and bare != digits:
                found.append(bare[:LONGEST])
        else:
            found.append(letters[:LONGEST])
    return found


def query_tokens(text: str) -> list[str]:
    """The words of a query: as in `tokens`, but a CJK run of two or more is its pairs alone, and digits stay."""
    words: list[str] = []
    text = unicodedata.normalize("NFKD", text[:400])
    text = unicodedata.normalize("NFC", "".join(c for c in text if not unicodedata.combining(c)))
    for cjk, digits, letters in _RUNS.findall(text.casefold()):
        if len(cjk) > 1:
            words.extend(cjk[i : i + 2] for i in range(len(cjk) - 1))
        else:
            words.append((cjk or digits or letters)[:LONGEST])
    return words[:12]


def _base(kind: Kind) -> int:
    return ContentType.objects.get_for_model(kind.model).pk << SHIFT


def _text(record: Any, path: str) -> str:
    value = record
    for name in path.split("__"):
        value = getattr(value, name, None)
        if value is None:
            return ""
    return str(value)


def _words(record: Any, paths: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(tokens(" ".join([record.ref, *(_text(record, path) for path in paths)])))


def index(kind: Kind, records: Iterable[Any]) -> None:
    """Store the words of these records, in the caller's transaction."""
    if not kind.search:
        return
    base = _base(kind)
    rows = [(base + record.pk, " ".join(_words(record, kind.search))) for record in records]
    with connection.cursor() as cursor:
        cursor.executemany(sql.store_search(connection.vendor), rows)


def _ids(query: str, low: int, high: int, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql.find_search(connection.vendor), [query, low, high, limit])
        return [row[0] for row in cursor.fetchall()]


def _query(text: str) -> str:
    words = query_tokens(text)
    return sql.query_search(connection.vendor, words) if words else ""


def _searched(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.searched() if isinstance(rows, SeenRows) else rows


def _seen(kind: Kind, text: str, rows: QuerySet[Any], found: Iterable[Any]) -> list[Any]:
    """Of these rows, as their reader sees them, those that hold all words of the text there, too."""
    if not isinstance(rows, SeenRows) or not rows.discreet:
        return [*found]
    *whole, begun = query_tokens(text)

    def holds(row: Any) -> bool:
        if not (row.hidden or rows.told):
            return True
        words = _words(row, rows.told or kind.search)
        return words.keys() >= {*whole} and any(word.startswith(begun) for word in words)

    return [row for row in found if holds(row)]


def newest(kind: Kind, text: str, most: int) -> list[int]:
    """Ids of the newest records of the kind that hold all words of the text."""
    query, base = _query(text), _base(kind)
    return [i - base for i in _ids(query, base, base + (1 << SHIFT) - 1, most)] if query else []


def pages(
    kind: Kind, text: str, rows: QuerySet[Any], size: int, below: int | None = None, known: Sequence[int] = ()
) -> list[Any]:
    """Up to `size` of these rows that hold all words of the text, newest first, with ids below `below`.

    The index gives ids in growing steps and the rows' own conditions (rights, filters) thin them out, so that a reader
    with few rights pays for what he skips and nobody else does. The first step is spared where `known` has `newest`.
    """
    query = _query(text)
    if not query:
        return []
    rows, base, step = _searched(rows), _base(kind), size
    high = base + (below if below is not None else 1 << SHIFT) - 1
    ids = [base + i for i in known[:step]] if known and below is None else _ids(query, base, high, step)
    found: list[Any] = []
    while ids:
        by_id = {row.pk: row for row in _seen(kind, text, rows, rows.in_bulk([i - base for i in ids]).values())}
        found.extend(by_id[i - base] for i in ids if i - base in by_id)
        if len(found) >= size or len(ids) < step:
            break
        high, step = ids[-1] - 1, min(step * 4, 2000)
        ids = _ids(query, base, high, step)
    return found[:size]


def count(kind: Kind, text: str, rows: QuerySet[Any], known: Sequence[int]) -> int:
    """How many of these rows are among the records found."""
    rows = _searched(rows).filter(pk__in=sql.among(connection.vendor, known)).select_related(None).order_by()
    if isinstance(rows, SeenRows) and rows.discreet:
        return len(_seen(kind, text, rows, rows if rows.told else rows.only("pk", "ref", *rows.looked_at)))
    return sql.count(rows) if known else 0


def search_all(person: Person, text: str, each: int = 10) -> list[tuple[Kind, Sequence[Any]]]:
    """For each kind that the person may read and that has hits, the newest ones.

    One look into the index for each kind that has hits: the newest below all those of the kind before.
    """
    from comity.records.access import readable

    query, high = _query(text), (1 << 63) - 1
    numbered = {_base(kind): kind for kind in kinds() if kind.search}
    found: dict[str, Sequence[Any]] = {}
    while query and (ids := _ids(query, 0, high, each)):
        base = ids[0] >> SHIFT << SHIFT
        mine = [i - base for i in ids if i >= base]
        if kind := numbered.get(base):
            found[kind.name] = pages(kind, text, readable(kind, person), each, known=mine)
        if len(mine) == len(ids) < each:
            break
        high = base - 1
    return [(kind, rows) for kind in kinds() if (rows := found.get(kind.name))]
