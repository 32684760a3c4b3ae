"""A mailbox that is fetched by IMAP. A message leaves its folder only after it is stored; until then nothing marks it.

Whatever happens in between (the connection dies, the process is killed, two of them fetch at once), the message is seen
again and has its effect once.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from imaplib import IMAP4, Internaldate2tuple
from threading import Event
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, close_old_connections
from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import MailboxFetchError
from imap_tools.utils import check_command_status

from comity.communications.mail import Mail
from comity.intake.mail.reasons import AGAIN
from comity.intake.mail.taking import Taken, refuse_large, take

TIMEOUT = 30  # seconds without an answer, then the connection counts as dead
MOVING = 1  # second that somebody else may take to move what is stored
IDLE, POLL = 9 * 60, 60  # seconds: how long to listen before asking anew, how long to wait where nobody tells
SHORTEST, LONGEST = 2, 300  # seconds before the next attempt after a failure
FOLDERS = {Mail.State.TAKEN: "Processed", Mail.State.IGNORED: "Set aside", Mail.State.REFUSED: "Refused"}
BEGINNING = 1 << 16  # bytes that are read of a message beyond the limit: enough for its headers
DEAD = (OSError, IMAP4.error, ImapToolsError)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Address:
    """A mailbox as COMITY_MAILBOX_URL names it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Raises ImproperlyConfigured, without the password in its words."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ImproperlyConfigured("COMITY_MAILBOX_URL is no address") from None
        usual = {"imaps": 993, "imap": 143, "imap+tls": 143}
        if parts.scheme not in usual or not parts.hostname or not parts.username:
            raise ImproperlyConfigured("COMITY_MAILBOX_URL must be like imaps://user:password@host/INBOX")
        folder = unquote(parts.path.strip("/")) or "INBOX"
        user, password = unquote(parts.username), unquote(parts.password or "")
        return cls(parts.scheme, parts.hostname, port or usual[parts.scheme], user, password, folder)

    def __str__(self) -> str:
        """The name under which the ledger knows it."""
        return f"{self.user if '@' in self.user else f'{self.user}@{self.host}'}/{self.folder}"


def configured() -> list[Address]:
    """The mailboxes of this installation; several are told apart by blanks."""
    return [Address.of(url) for url in settings.COMITY_MAILBOX.split()]


@contextmanager
def opened(address: Address) -> Iterator[BaseMailBox]:
    """A signed-in connection with the folder open."""
    where: Any = {"host": address.host, "port": address.port, "timeout": TIMEOUT}
    box: BaseMailBox
    if address.scheme == "imap":
        box = MailBoxUnencrypted(**where)
    else:  # the certificate is checked; the library's own default would take any
        secure = ssl.create_default_context()
        box = (MailBox if address.scheme == "imaps" else MailBoxStartTls)(**where, ssl_context=secure)
    try:
        box.login(address.user, address.password, initial_folder=address.folder)
        yield box
    finally:
        try:
            box.logout()
        except DEAD:
            log.debug("The connection to %s was dead already", address)


def fetch(box: BaseMailBox, address: Address, report: Callable[[Taken], None], most: int = 0) -> int:
    """Take in what lies in the folder, oldest first, and put each message where it belongs; how many there were.

    A message that the server does not hand out, or does not let go, stays and keeps no other waiting; ImapToolsError
    tells of it in the end.
    """
    done, trouble = 0, None
    for uid in box.uids("ALL"):
        try:
            taken = _fetched(box, address, uid)
        except ImapToolsError as error:
            trouble = error
            continue
        if taken is None:
            continue  # somebody else was faster
        report(taken)
        done += 1
        if done == most:
            break
    if trouble is not None:
        raise trouble
    return done


def _fetched(box: BaseMailBox, address: Address, uid: str) -> Taken | None:
    """Take in one message and put it away; None where it is not there any more."""
    size = _size(_answered(box, uid, "(RFC822.SIZE)"))
    large = size is not None and size > settings.COMITY_UPLOAD_BYTES
    raw, at = _message(box, uid, f"BODY.PEEK[]<0.{BEGINNING}>" if large else "BODY.PEEK[]")
    if size is None or raw is None:
        return None
    taken = (refuse_large if large else take)(raw, mailbox=str(address), received_at=at)
    if not _somebody_else_puts_it_away(box, uid, taken):
        _put_away(box, address, uid, taken)
    return taken


def _message(box: BaseMailBox, uid: str, wanted: str) -> tuple[bytes | None, datetime | None]:
    """The bytes as they lie there, and when the server had them."""
    answer = _answered(box, uid, f"(INTERNALDATE {wanted})")
    raw = next((part[1] for part in answer if isinstance(part, tuple)), None)
    local = next((found for part in answer if (found := Internaldate2tuple(_head(part)))), None)
    return raw, datetime.fromtimestamp(time.mktime(local), UTC) if local else None


def _somebody_else_puts_it_away(box: BaseMailBox, uid: str, taken: Taken) -> bool:
    """Two who move one message at the same time make two of it. Whoever finds that it was stored a moment ago waits
    whether it vanishes; it stays where a process was killed between storing and moving."""
    if not taken.again or taken.reason.startswith(AGAIN):
        return False
    time.sleep(MOVING)
    return _size(_answered(box, uid, "(RFC822.SIZE)")) is None


def _answered(box: BaseMailBox, uid: str, wanted: str) -> list[bytes | tuple[bytes, bytes]]:
    result = box.client.uid("FETCH", uid, wanted)
    check_command_status(result, MailboxFetchError)
    return [part for part in result[1] if part]


def _head(part: bytes | tuple[bytes, bytes]) -> bytes:
    return part[0] if isinstance(part, tuple) else part


def _size(answer: list[bytes | tuple[bytes, bytes]]) -> int | None:
    found = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(map(_head, answer)))
    return int(found[1]) if found else None


def _put_away(box: BaseMailBox, address: Address, uid: str, taken: Taken) -> None:
    """Move the message into the folder of its state, which is made when it is missing."""
    folder = _beside(box, address, FOLDERS[Mail.State(taken.state)])
    try:
        box.move(uid, folder)
    except ImapToolsError:
        if not box.folder.exists(folder):
            box.folder.create(folder)
        box.move(uid, folder)


def _beside(box: BaseMailBox, address: Address, name: str) -> str:
    """The folder's full name: some servers keep all folders below the inbox."""
    known = box.__dict__.get("_below")
    if known is None:
        inbox = next((one for one in box.folder.list() if one.name.upper() == "INBOX"), None)
        between = inbox.delim if inbox else "/"
        only_below = inbox is not None and any(
            one.name.upper().startswith(f"INBOX{between}") for one in box.folder.list()
        ) and all(one.name.upper().startswith("INBOX") for one in box.folder.list())  # fmt: skip
        known = box.__dict__["_below"] = f"INBOX{between}" if only_below else ""
    return f"{known}{name}"


def watch(address: Address, report: Callable[[Taken], None], stopping: Event) -> None:
    """Take in what comes as soon as it comes, until `stopping` is set; a dead connection is opened anew."""
    wait = float(SHORTEST)
    while not stopping.is_set():
        try:
            with opened(address) as box:
                idle = "IDLE" in box.client.capabilities
                wait = SHORTEST
                while not stopping.is_set():
                    close_old_connections()
                    fetch(box, address, report)
                    _listen(box, stopping) if idle else stopping.wait(POLL)
        except (*DEAD, DatabaseError) as error:
            log.warning("%s: %s; trying again in %.0f s", address, error, wait)
            stopping.wait(wait)
            wait = min(wait * 2, LONGEST)


def _listen(box: BaseMailBox, stopping: Event) -> None:
    """Wait until the server tells of something new, or it is time to ask anyway."""
    box.idle.start()  # type: ignore[no-untyped-call]
    try:
        for _n in range(IDLE):
            if stopping.is_set() or box.idle.poll(timeout=1):
                break
    finally:
        box.idle.stop()  # type: ignore[no-untyped-call]
