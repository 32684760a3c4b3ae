"""Bytes to text for mail: charsets that are wrong, unknown or lied about; encoded words in headers. Never raises."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from email.message import Message

from comity.communications.rules import straight

WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "xgbk": "gb18030", "cp936": "gb18030", "gb231280": "gb18030",
    "eucgb2312cn": "gb18030", "euccn": "gb18030", "ksc56011987": "cp949", "ksc5601": "cp949", "euckr": "cp949",
    "iso88591": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "usascii": "cp1252", "ansix341968": "cp1252",
    "iso88598i": "iso8859_8", "iso88598e": "iso8859_8", "iso88599": "cp1254", "unicode11utf7": "utf_7",
    "utf8mb4": "utf_8", "utf8mb3": "utf_8", "big5": "big5hkscs", "xbig5": "big5hkscs", "shiftjis": "cp932",
    "sjis": "cp932", "xsjis": "cp932", "iso2022jp": "iso2022_jp_ext", "macintosh": "mac_roman",
    "iso2022cn": "gb18030", "iso2022cnext": "gb18030", "windows874": "cp874", "tis620": "cp874", "xeucjp": "euc_jp",
    "xmacroman": "mac_roman",
}  # fmt: skip
"""What a charset is read as: the superset that senders of that name really use."""
MARKS = ((codecs.BOM_UTF8, "utf_8_sig"), (codecs.BOM_UTF16_LE, "utf_16"), (codecs.BOM_UTF16_BE, "utf_16"))
NO_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
NO_CHARSETS = {"", "unknown", "xunknown", "unknown8bit", "default", "binary", "none", "8bit", "7bit", "utf", "windows"}
COMMON = frozenset(
    "的一是不了在人有我他这個个们中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着著下自之年过過发發后後作里裡用道行所然家种種"
    "事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心本前开開但因只从從想实實日军軍者意无無力它与與长長把机機十民"
    "第公此已工使情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并物手应應战戰向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月话話合"
    "回特代内內信表化老给給世位次度门門任常先海通教儿兒原东東声聲提立及比员員解水名真论論处處走义義各入几幾口认認条條平系气氣题題活尔爾更别打女变變四"
    "神总總何电電数數安少报報才结結反受目太量再感建务務做接必场場件计計管期市直德资資命山金指克许許统統区區保至队隊形社便空决決治展马馬科司五基眼书書"
    "非则則听聽白却卻界达達光放强強即像难難且权權思王象完设設式色路记記南品住告类類求据據程北边邊死张張该該交规規万萬取拉格望觉覺术術领領共确確传傳师"
    "师師观觀清今切院让讓识識候带帶导導争爭运運您请請谢謝"
    "，。！？：；（）【】《》、　"
)

HEADER_AT_MOST = 1 << 16  # what is longer was not written by anybody
_WORD = re.compile(r"=\?([^?\s]{0,80})\?\s?([BbQq])\s?\?(.{0,4000}?)\?=", re.DOTALL)
_NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_SHIFTED = re.compile(rb"\x1b\$[)*+][A-Z]|\x0e([^\x0f\n]*)\x0f?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def codec(name: str) -> str:
    """Our codec for a charset's name, empty where there is none."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if plain in NO_CHARSETS:
        return ""
    for guess in (WIDER.get(plain, ""), name.strip().strip("'\"").lower(), plain, re.sub(r"^(x|cs)", "", plain)):
        try:
            info = codecs.lookup(guess) if guess else None
        except (LookupError, ValueError):
            continue
        found = info.name.replace("-", "_") if info is not None and info._is_text_encoding else ""
        if found and found not in NO_TEXT:
            return WIDER.get(re.sub(r"[^a-z0-9]", "", found), found)
    return ""


def text_of(content: bytes, charset: str = "") -> str:
    """The text that these bytes most likely are: as declared if that fits, else UTF-8, else the nearest that does."""
    declared = codec(charset)
    if charset.lower().startswith("iso-2022-cn"):  # Python has none: the same signs in eight bits are GB 2312
        content, declared = _SHIFTED.sub(lambda found: bytes(one | 128 for one in found[1] or b""), content), "gb18030"
    for marked, name in (
        (codecs.BOM_UTF8, "utf_8_sig"),
        (codecs.BOM_UTF16_LE, "utf_16"),
        (codecs.BOM_UTF16_BE, "utf_16"),
    ):
        if content.startswith(marked):
            declared = name
    if declared.startswith("iso2022_jp") and not content.isascii():
        declared = "cp932"  # what Japanese programs send under that name when it is not what they say
    plausible = [name for name in (declared, "utf_8") if name and not (name == "cp1252" and _is_utf8(content))]
    for name in plausible:
        found = _strictly(content, name)
        if found is not None:
            return clean(found)
    if declared and declared != "cp1252":
        return clean(content.decode(declared, "replace"))
    return clean(_guessed(content))


def _is_utf8(content: bytes) -> bool:
    """Is it UTF-8 beyond ASCII? Then no other eight-bit charset is meant, whatever was declared."""
    return not content.isascii() and _strictly(content, "utf_8") is not None


def _strictly(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeError, ValueError):
        return None


def _guessed(content: bytes) -> str:
    """Eight bits of which nothing is known: Chinese where that reads like Chinese, else Western European."""
    found = [text for name in ("gb18030", "big5hkscs") if (text := _strictly(content, name)) is not None]
    best = max(found, key=_chinese, default="")
    return best if _chinese(best) >= 0.1 else content.decode("cp1252", "replace").replace("\ufffd", "?")


def _chinese(text: str) -> float:
    """How much of a text that is not ASCII are the commonest Chinese words and signs."""
    foreign = [sign for sign in text if sign >= "\x80"]
    return sum(sign in COMMON for sign in foreign) / len(foreign) if len(foreign) >= 4 else 0.0


def clean(text: str) -> str:
    """Without control characters and lone surrogates, which no database takes; lines end with one sign."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    return _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


def raw_header(message: Message, name: str) -> list[str]:
    """All values of a header as they stand, as far as anybody would read; bytes beyond ASCII are surrogates."""
    return [str(value)[:HEADER_AT_MOST] for key, value in message.raw_items() if key.lower() == name.lower()]


def header(value: str, charset: str = "") -> str:
    """One header as text: unfolded, encoded words read even where they are broken, stray bytes read as text. Signs that
    turn the direction of writing stay in the original only."""
    folded = re.sub(r"\r?\n[ \t]*", " ", value.replace("\r\n", "\n"))
    return straight(clean("".join(_parts(folded, charset)))).replace("\n", " ").strip(" \t")


def _parts(value: str, charset: str) -> Iterator[str]:
    """Plain stretches and encoded words; words in one charset that follow each other are one run of bytes."""
    at, waiting, name = 0, b"", ""
    for found in _WORD.finditer(value):
        between = value[at : found.start()]
        content, words = _content(found), found[1].partition("*")[0]
        if between.strip() or words.lower() != name.lower() or not waiting:
            if waiting:
                yield text_of(waiting, name)
            if between.strip() or (between and not waiting):
                yield _stray(between, charset)
            waiting, name = b"", words
        waiting += content
        at = found.end()
    if waiting:
        yield text_of(waiting, name)
    yield _stray(value[at:], charset)


def _content(word: re.Match[str]) -> bytes:
    body = word[3].encode("utf-8", "surrogateescape")
    return unpacked64(body) if word[2] in "Bb" else binascii.a2b_qp(body, header=True)


def unpacked64(content: bytes) -> bytes:
    """Base64, however it was cut or padded."""
    content = content.replace(b"-", b"+").translate(None, _NO_BASE64)
    content = content[: len(content) - 1] if len(content) % 4 == 1 else content
    try:
        return binascii.a2b_base64(content + b"=" * (-len(content) % 4))
    except binascii.Error:
        return b""


def _stray(text: str, charset: str) -> str:
    """A stretch outside encoded words; eight-bit signs in it are in the message's own charset, or a likely one."""
    if text.isascii():
        return text
    try:
        return text_of(text.encode("ascii", "surrogateescape"), charset)
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
