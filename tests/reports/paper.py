"""Reads our own PDF files back: the text of all pages in order, by the maps from glyphs to letters that they carry."""

from __future__ import annotations

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.S)


def objects(pdf: bytes) -> dict[int, bytes]:
    """Object number to content, streams unpacked."""
    found = {}
    for number, body in OBJECT.findall(pdf):
        if b"stream" in body:
            head, _sep, rest = body.partition(b"stream")
            raw = rest.lstrip(b"\r\n").rsplit(b"endstream", 1)[0]
            body = head + b"stream" + (zlib.decompressobj().decompress(raw) if b"FlateDecode" in head else raw)
        found[int(number)] = body
    return found


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type ?/Page\b(?!s)", b"".join(objects(pdf).values())))


def sizes_of(pdf: bytes) -> set[float]:
    """The sizes in which something is set."""
    return {float(size) for body in objects(pdf).values() for size in re.findall(rb"/\w+ ([\d.]+) Tf", body)}


def _letters(cmap: bytes) -> dict[int, str]:
    """Glyph to text, from a ToUnicode map."""
    found = {}
    for part in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.S):
        for code, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", part):
            found[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for part in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.S):
        for first, last, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", part):
            start = int(text, 16)
            for n, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                found[code] = chr(start + n)
    return found


def _strings(stream: bytes) -> list[tuple[str, bytes]]:
    """(font, glyph bytes) of everything that is shown, in order."""
    found, font, at = [], "", 0
    token = re.compile(rb"/(\w+) [\d.]+ Tf|\(|<([0-9A-Fa-f\s]*)>", re.S)
    while match := token.search(stream, at):
        at = match.end()
        if match[1]:
            font = match[1].decode()
        elif match[2] is not None:
            found.append((font, bytes.fromhex(re.sub(rb"\s", b"", match[2]).decode())))
        else:
            end = _closing(stream, at)
            found.append((font, _plain(stream[at:end])))
            at = end + 1
    return found


def _closing(stream: bytes, at: int) -> int:
    """Where the literal that began before `at` ends: brackets may stand in it in pairs."""
    depth = 1
    while depth:
        if stream[at : at + 1] == b"\\":
            at += 1
        else:
            depth += {b"(": 1, b")": -1}.get(stream[at : at + 1], 0)
        at += 1
    return at - 1


def _plain(text: bytes) -> bytes:
    known = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return re.sub(
        rb"\\([0-7]{1,3}|.)",
        lambda m: bytes([int(m[1], 8)]) if m[1].isdigit() else known.get(m[1], m[1]),
        text,
        flags=re.S,
    )


def _resources(found: dict[int, bytes], body: bytes) -> bytes:
    """The page's own resources, wherever they lie."""
    ref = re.search(rb"/Resources (\d+) 0 R", body)
    whole = found[int(ref[1])] if ref else body
    fonts = re.search(rb"/Font (\d+) 0 R", whole)
    return whole + (found[int(fonts[1])] if fonts else b"")


def text_of(pdf: bytes) -> str:
    """All text, page by page, without any white space: where letters are moved apart is no matter of words."""
    found, words = objects(pdf), []
    for body in found.values():
        contents = re.search(rb"/Contents (\d+) 0 R", body)
        if not contents or b"/Type/Page" not in body.replace(b" ", b""):
            continue
        maps = {}
        for name, ref in re.findall(rb"/(\w+) (\d+) 0 R", _resources(found, body)):
            target = found.get(int(ref), b"")
            if b"/Type0" in target and (unicode := re.search(rb"/ToUnicode (\d+) 0 R", target)):
                maps[name.decode()] = _letters(found[int(unicode[1])])
        for font, raw in _strings(found[int(contents[1])].split(b"stream", 1)[1]):
            table = maps.get(font, {})
            codes = [int.from_bytes(raw[n : n + 2], "big") for n in range(0, len(raw), 2)]
            words.append("".join(table.get(code, "") for code in codes))
    return re.sub(r"\s", "", "".join(words))
