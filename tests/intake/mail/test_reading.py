"""Reading mail: charsets, broken headers, quotes, HTML, uuencode; and any bytes at all."""

from __future__ import annotations

import base64
import binascii
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.communications.crossing import crossed_out
from comity.intake.mail import feeling, plain
from comity.intake.mail.addresses import addresses
from comity.intake.mail.decoding import header, text_of
from comity.intake.mail.parsing import Letter, Unreadable, head, read
from comity.intake.mail.quoting import new_part

WORDS = "您好，网络连接不通，请尽快处理。谢谢！"
TRADITIONAL = "您好，網路連線不通，請盡快處理。謝謝！"
BASE = b"From: a@b.example\nMessage-ID: <1@b.example>\nSubject: x\n"


def message(body: bytes, kind: str = "text/plain", encoding: str = "8bit", extra: bytes = b"") -> bytes:
    return BASE + extra + f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + body


@pytest.mark.parametrize(
    ("declared", "codec", "words"),
    [
        ("gb2312", "gb18030", WORDS), ("x-gbk", "gbk", WORDS), ("GBK", "gbk", WORDS), ("gb18030", "gb18030", WORDS),
        ("big5", "big5", TRADITIONAL), ("iso-2022-jp", "iso2022_jp", "こんにちは、世界"),
        ("euc-jp", "euc_jp", "日本語だ"),
        ("shift_jis", "cp932", "日本語だ"), ("iso-2022-jp", "cp932", "ツール"), ("euc-kr", "euc_kr", "안녕하세요"),
        ("ks_c_5601-1987", "cp949", "안녕하세요"), ("utf-7", "utf_7", WORDS), ("unicode-1-1-utf-7", "utf_7", WORDS),
        ("utf-16", "utf_16", WORDS), ("iso-8859-1", "cp1252", "“Grüße” – €"), ("windows-1251", "cp1251", "Привет"),
        ("koi8-r", "koi8_r", "Привет"), ("us-ascii", "utf_8", WORDS), ("iso-8859-1", "utf_8", WORDS),
        ("unknown-8bit", "gb18030", WORDS), ("x-user-defined", "utf_8", WORDS), ("no-such-charset", "cp1252", "Grüße"),
        ("", "big5", TRADITIONAL), ("idna", "utf_8", WORDS), ("zlib", "utf_8", WORDS),
        ("unicode_escape", "utf_8", WORDS),
    ],
)  # fmt: skip
def test_charsets_as_senders_really_use_them(declared: str, codec: str, words: str) -> None:
    plain = words.encode(codec)
    kind = f"text/plain; charset={declared}" if declared else "text/plain"
    assert read(message(base64.encodebytes(plain), kind, "base64")).text == words
    if b"\n" not in plain and b"\r" not in plain:
        assert read(message(plain, kind)).text == words, "eight bits are read otherwise than base64"


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
def test_chinese_in_seven_bits(encoding: str) -> None:
    """ISO-2022-CN, which Python does not know."""
    shifted = bytes(one & 127 for one in WORDS.encode("gb2312"))
    body = b"Mr. ~\x1b$)A\x0e" + shifted + b"\x0f, yes\n\x1b$)A\x0e" + shifted
    packed = base64.encodebytes(body) if encoding == "base64" else body
    assert read(message(packed, "text/plain; charset=ISO-2022-CN", encoding)).text == f"Mr. ~{WORDS}, yes\n{WORDS}"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?gb2312?B?" + base64.b64encode("投诉：网络".encode("gb18030")) + b"?=", "投诉：网络"),
        (b"=?utf-8?b?5oqV?= =?utf-8?b?6K+J?=", "投诉"),
        (b"=?utf-8?b?5oqV6A==?=\n =?utf-8?b?r4k=?=", "投诉"),  # one sign cut in two
        (b"=?utf-8?q?a b_c=20d?=", "a b c d"),
        (b"=?utf-8?B?5oqV6K+J", "=?utf-8?B?5oqV6K+J"),
        (b"=?no-such?Q?=E4?= x", "ä x"),
        (b"=?iso-8859-1?Q?Fr\xf6sche?=", "Frösche"),
        ("投诉".encode(), "投诉"),
        ("关于你们公司的网络服务问题".encode("gb18030"), "关于你们公司的网络服务问题"),
        (b"plain\n folded\r\n\tthrice", "plain folded thrice"),
        (b"nul\x00 bell\x07", "nul bell"),
    ],
)
def test_headers_as_senders_really_write_them(raw: bytes, expected: str) -> None:
    assert header(raw.decode("ascii", "surrogateescape")) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Ada <A@B.example>", [("Ada", "a@b.example")]),
        ('"Aster, Ada" <a@b.example>, bo@b.example', [("Aster, Ada", "a@b.example"), ("", "bo@b.example")]),
        ("a@b.example (Ada Aster)", [("Ada Aster", "a@b.example")]),
        ("=?utf-8?b?546L5bCP5piO?= <w@b.example>", [("王小明", "w@b.example")]),
        ("Team: a@b.example, bo@b.example;", [("", "a@b.example"), ("", "bo@b.example")]),
        ("<>", []), ("", []), ("Undisclosed recipients:;", []),
        ("'Ada' <'a@b.example'>", [("Ada", "a@b.example")]),
        ("MAILER-DAEMON (Mail System)", [("Mail System", "mailer-daemon")]),
        ("Ada a@b.example", [("Ada", "a@b.example")]), ("Ada <a@b.example", [("Ada", "a@b.example")]),
    ],
)  # fmt: skip
def test_addresses(raw: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.name, one.email) for one in addresses(raw)] == expected


def test_a_stray_line_does_not_end_the_headers() -> None:
    letter = read(b"junk\nX-Spam: a\ntests=none\nFrom : Ada <a@b.example>\nSubject: Hello\n\nText")
    assert (letter.sender.email, letter.subject, letter.text) == ("a@b.example", "Hello", "Text")


def test_uuencode_in_the_text_is_a_file() -> None:
    packed = b"begin 644 note.txt\n%:&5L;&\\ \n \nend\n"
    letter = read(message(b"See this:\n" + packed + b"Bye.\n"))
    assert [(one.name, one.content) for one in letter.enclosures] == [("note.txt", b"hello")]
    assert "begin 644" not in letter.text and "Bye." in letter.text


def test_several_uuencoded_files_and_what_only_looks_like_one() -> None:
    file = "begin 644 {}\n" + binascii.b2a_uu(b"%PDF").decode() + "`\nend\n"
    text = f"I begin 644 now\nend\n{file.format('a.pdf')}Then\nbegin 644 b.pdf\n{file.format('c.pdf')}the end"
    letter = read(message(text.encode()))
    assert [(one.name, one.content) for one in letter.enclosures] == [("a.pdf", b"%PDF"), ("c.pdf", b"%PDF")]
    assert letter.text.split() == ["I", "begin", "644", "now", "end", "Then", "begin", "644", "b.pdf", "the", "end"]


LONG = 3 << 20
ENDLESS = {
    "a name without end": b"From: " + b"a" * LONG,
    "blanks before a comment": b"From: a <b@c.example>" + b" " * LONG + b"(",
    "a subject without end": b"Subject: " + b"x" * LONG,
    "words that never end": b"Subject: " + b"=?a?q?x" * (LONG // 7),
    "receivers without end": b"To: " + b"u@x.example, " * (LONG // 13),
    "identities without end": b"References: " + b"<a@b>" * (LONG // 5),
    "files that never end": b"X: y\n\n" + b"begin 644 a\n" * 80_000 + b"end\n",
    "ends without a beginning": b"X: y\n\n" + b"end\n" * (LONG // 4),
    "one line": b"X: y\n\n" + b"/complain" * (LONG // 9),
    "parameters without end": b"Content-Type: text/plain" + b";" * LONG,
    "names in pieces": b"Content-Type: a/b" + b"".join(b"; name*%d*=u''%%41" % n for n in range(50_000)),
    "parts without end": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * (LONG // 7),
    "reports without end": b"Content-Type: message/delivery-status\n\n" + b"a: b\n\n" * (LONG // 6),
    "lines in branches": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(29))
    + b"--x\n" * (LONG // 4),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_mail_takes_no_time(name: str) -> None:
    began = time.process_time()
    raw = crossed_out(ENDLESS[name] + b"\nMessage-ID: <1@b.example>\n\nHello")
    try:
        letter = read(raw)
    except Unreadable as refused:
        assert str(refused) == "parts"
        letter = head(raw)
    new_part(letter.text)
    assert time.process_time() - began < 3 and len(letter.sender.name) < 200 > len(letter.recipients)


def test_the_better_of_two_texts_is_read() -> None:
    both = b"--b\nContent-Type: text/plain\n\n%s\n--b\nContent-Type: text/html\n\n<p>HTML</p>\n--b--\n"
    kind = 'multipart/alternative; boundary="b"'
    assert read(message(both % b"Plain", kind)).text == "Plain"
    assert read(message(both % b"  ", kind)).text == "HTML"


def test_html_is_read_as_a_person_reads_it() -> None:
    html = (
        "<html><head><title>t</title><style>p{x}</style></head><body><p>One<br>two</p><div>three</div><ul><li>a<li>b</ul>"
        "<blockquote>old<blockquote>older</blockquote></blockquote><table><tr><td>1<td>2</table><pre>x\n  y</pre>"
        "<img src='http://t.example/pixel.gif'><iframe src='http://e.example'></iframe></body></html>"
    )
    text = plain.Html().text(html)
    assert text == "One\ntwo\n\nthree\n\n- a\n- b\n\n> old\n>\n> > older\n\n1 2\n\nx\n  y"


def test_html_that_deceives_is_read_as_a_browser_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    html = (
        "<p title='a > b' x=\"it's\">One &lt;b&gt; &amp; &#0;&#99999999999999999999;"
        "<a title='href=http://no.example' href='javascript:x'>two</a> <a href=HTTPS://Evil.example/&amp;>bank.example</a>"
        " 1 < 2 <SCRIPT>'<p>'</script ><![if x]>three<!-- <p> --></b></i><style>p{}"
    )
    assert plain.Html().text(html) == "One <b> & \ufffd\ufffdtwo bank.example <HTTPS://Evil.example/&> 1 < 2 three"
    monkeypatch.setattr(plain, "TAGS_AT_MOST", 10)
    page = plain.Html()
    assert page.text("<p>x" * 10) and not page.cut and not page.text("<p>y") and page.cut
    for rest in ("<!-- gone", "<a href='gone", "<script>gone", "<p gone"):
        assert plain.Html().text(f"Kept{rest}") == "Kept"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("好的，谢谢。\n\n在 2026年3月1日，张三 <a@b.c> 写道：\n> 你好\n", "好的，谢谢。"),
        ("收到\n\n------------------ 原始邮件 ------------------\n发件人: x\n发送时间: 2026\n\n你好", "收到"),
        ("好\n\n发件人：张三\n发送时间：2026年\n收件人：李四\n主题：问题\n\n内容", "好"),
        ("Yes.\n\nOn Tue, 3 Mar 2026 at 10:00, Desk <help@x.example> wrote:\n> Is it?\n", "Yes."),
        ("Ja.\n\nAm 3. März 2026 schrieb Desk <help@x.example>:\n> Ist es so?\n", "Ja."),
        ("On 3 March 2026 10:00, Desk wrote:\n> Is it?\n\nYes.", "Yes."),
        ("> Is it?\nYes.\n> And that?\nNo.", "> Is it?\nYes.\n> And that?\nNo."),
        ("Yes.\n\n-- \nAda\nAster Group", "Yes.\n\n-- \nAda\nAster Group"),
        ("-------- Forwarded Message --------\nFrom: x\nTo: y\nSubject: z\n\nText", None),
        ("Nothing quoted. I wrote: a letter.", None),
        ("", None),
    ],
)
def test_what_is_new(text: str, new: str | None) -> None:
    assert text[slice(*new_part(text))].strip() == (text if new is None else new).strip()


HOSTILE = {
    "on": ("On " + "a " * 70 + "\n") * 3000, "long": "On " + "a " * 200_000,
    "from": ("From: " + "x" * 150 + "\n") * 3000,
    "am": ("Am " + "a schrieb " * 14 + "\n") * 3000, "le": ("Le " + "a a écrit " * 12 + "\n") * 3000,
    "blank": "\n" * 200_000, "quotes": "> " * 100_000, "zh": ("2026年1月1日" * 2 + " 写道" * 20 + "\n") * 3000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_no_time(name: str) -> None:
    began = time.process_time()
    new_part(HOSTILE[name])
    feeling.dissatisfied(HOSTILE[name])
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000, "<!--" * 100_000, "<a " * 100_000, "<b></i>" * 150_000, "&" * 1_000_000, "&#x" * 100_000,
        "<" * 1_000_000, "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x",
        "<a href='" + "x" * 1_000_000 + "'>x", "x<i>y</i>" * 40_000, "<a x='<a x=\"" * 100_000, "&#" + "9" * 1_000_000,
    ],
    ids=lambda html: html[:9],
)  # fmt: skip
def test_hostile_html_takes_no_time(html: str) -> None:
    began = time.process_time()
    plain.Html().text(html)
    assert time.process_time() - began < 3


PIECES = st.sampled_from(
    [
        b"From: a@b.example\n", b"Subject: =?utf-8?b?", b"?=", b"\n", b"\n\n",
        b"Content-Type: multipart/mixed;boundary=b\n",
        b"Content-Type: message/rfc822\n", b"Content-Type: text/html; charset=", b"gb2312", b"--b\n", b"--b--\n",
        b"Content-Transfer-Encoding: base64\n", b"Content-Disposition: attachment; filename*=x'y'%E4\n",
        b"begin 644 x\n", b"end\n",
        b"References: <a@b> <", b">", b"Date: Tue, 31 Feb\n", b"> ", b"<p>",
        b"\xff\xfe", b"\x00", b"\xe6\x8a",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
        b"Content-Type: message/delivery-status\n", b"Action: failed\n",
    ]
)  # fmt: skip
ANYTHING = st.one_of(
    st.binary(max_size=2000), st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=60).map(b"".join)
)


@settings(max_examples=400, deadline=None)
@given(ANYTHING)
@example(b'Content-Type: text/plain; charset="a\x00b"\n\nabc \xff\n')
def test_any_bytes_are_read_or_called_unreadable(raw: bytes) -> None:
    from comity.intake.mail import automatic

    for reader in (read, head):
        try:
            letter: Letter = reader(raw)
        except Unreadable as told:
            assert str(told) in ("empty", "parts", "depth")
            continue
        everything = [letter.subject, letter.text, letter.sender.name, letter.sender.email, *letter.references]
        for text in (*everything, letter.message_id, *(one.name for one in letter.enclosures)):
            assert "\x00" not in text
            text.encode()  # no lone surrogates, which no database takes
        assert letter.message_id and len(letter.message_id) <= 250
        start, end = new_part(letter.text)
        assert 0 <= start <= end <= len(letter.text)
        automatic.automatic(letter), automatic.unanswered(letter), automatic.report(letter)
        assert letter.likeness


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_are_some_text(content: bytes, charset: str) -> None:
    assert isinstance(text_of(content, charset).encode(), bytes)


@given(st.text(max_size=300))
def test_any_header_is_some_text(text: str) -> None:
    header(text).encode()
    for one in addresses(text):
        str(one).encode()


def test_a_subject_cannot_be_turned_around() -> None:
    subject = "Invoice \u202egpj.exe\u202c \u2067x\u2069"
    sender, charset = "From: \u202eZoe <a@b.example>", "Content-Type: text/plain; charset=utf-8"
    raw = f"{sender}\nSubject: {subject}\n{charset}\n\nLeft \u202eas it is".encode()
    letter = read(raw)
    assert (letter.subject, letter.sender.name, letter.text) == ("Invoice gpj.exe x", "Zoe", "Left \u202eas it is")
