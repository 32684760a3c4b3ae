"""Reports that a mail of ours came back, as servers write them that do not keep to the form (RFC 3464); and answers of
programs that say so in the subject only.
"""

from __future__ import annotations

import base64

import pytest

from comity.intake.mail.automatic import automatic, report
from comity.intake.mail.parsing import read

OURS = "com-00001.0f@provider.example"
RETURNED = f"Message-ID: <{OURS}>\r\nFrom: help@provider.example\r\n\r\nMessage-ID: <other@x>\r\n"
PACKED = base64.encodebytes(RETURNED.encode()).decode()
STATUS = (
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
    "Final-Recipient: rfc822; ada@aster.example\r\nAction: failed\r\nStatus: 5.1.1"
)
SERVER = "From: PostMaster@qq.com\r\nSubject: report"
NULL = "From: 10000@qq.com\r\nReturn-Path: <>"
AS_FILE = (
    'Content-Type: application/octet-stream; name="Mail.EML"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + PACKED
)
AS_PACKED = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + PACKED
AS_MESSAGE = "Content-Type: message/rfc822\r\n\r\n" + RETURNED


def mixed(*parts: str, boundary: str = "b") -> str:
    lines = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n{lines}--{boundary}--'


ENCLOSED = f"Content-Type: message/rfc822\r\n\r\n{mixed(STATUS, AS_MESSAGE, boundary='c')}"


@pytest.mark.parametrize(
    "raw",
    [
        f"{SERVER}\r\n{mixed(AS_FILE)}",
        f"{SERVER}\r\n{mixed(STATUS, AS_PACKED)}",
        f"{SERVER}\r\n{mixed(mixed(STATUS, AS_MESSAGE, boundary='c'), 'scanned')}",
        f"{SERVER}\r\nReferences: <{OURS}>\r\n{mixed(STATUS)}",
        f"{NULL}\r\nSubject: 系统退信\r\n{mixed(AS_MESSAGE)}",
    ],
    ids=["file", "packed", "nested", "thread", "nobody"],
)
def test_a_report_names_the_mail_that_came_back(raw: str) -> None:
    told = report(read(raw.encode()))
    assert told is not None and told.failed and told.message_ids == (OURS,)


@pytest.mark.parametrize(
    "raw",
    [
        f"{NULL}\r\nSubject: Out of office\r\n{mixed(AS_MESSAGE)}",
        f"From: ada@aster.example\r\nSubject: Undeliverable\r\n{mixed(AS_MESSAGE)}",
        f"{SERVER}\r\nReferences: <{OURS}>\r\n{mixed('x')}",
        f"{NULL}\r\nSubject: Fwd\r\n{mixed(ENCLOSED)}",
    ],
    ids=["away", "person", "answer", "enclosed"],
)
def test_what_only_looks_like_a_report_is_none(raw: str) -> None:
    assert report(read(raw.encode())) is None


@pytest.mark.parametrize(
    "subject",
    ["Out of office", "Out of Office AutoReply: x", "Out of the office until Monday", "自动回复:Re: 服务",
     "自動応答: x", "Abwesenheitsnotiz: x", "Réponse automatique : x", "[Auto-Reply] x", "Automatic reply"],
)  # fmt: skip
def test_a_subject_of_a_program(subject: str) -> None:
    assert automatic(read(f"From: ada@aster.example\r\nSubject: {subject}\r\n\r\nx".encode())) == "Subject"


@pytest.mark.parametrize(
    "subject",
    ["自动回复功能无法使用", "Auto response time is too long", "Automatic reply never ends"],
)  # fmt: skip
def test_a_complaint_about_a_program_is_no_program(subject: str) -> None:
    assert automatic(read(f"From: ada@aster.example\r\nSubject: {subject}\r\n\r\nx".encode())) == ""
