"""A real IMAP server on a free loopback port, in a folder of its own; it ends with the test session."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "help@provider.example", "secret"
CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


@dataclass
class Dovecot:
    """The server, and what its users see in it."""

    port: int
    program: str
    configuration: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"imap://{USER.replace('@', '%40')}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"

    def start(self) -> None:
        self.process = subprocess.Popen([self.program, "-F", "-c", str(self.configuration)])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                imaplib.IMAP4("127.0.0.1", self.port, timeout=5).logout()
                return
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.1)
        raise RuntimeError((self.configuration.parent / "log").read_text()[-2000:])

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    @contextmanager
    def signed_in(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(USER, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def put(self, *messages: bytes, folder: str = "INBOX", at: float | None = None) -> None:
        with self.signed_in() as client:
            for message in messages:
                date = imaplib.Time2Internaldate(at) if at else None
                assert client.append(folder, "", date, message)[0] == "OK"  # type: ignore[arg-type]

    def count(self, folder: str = "INBOX") -> int:
        with self.signed_in() as client:
            state, found = client.select(f'"{folder}"', readonly=True)
            return int(found[0] or 0) if state == "OK" else 0

    def flags(self, folder: str = "INBOX") -> bytes:
        with self.signed_in() as client:
            if client.select(f'"{folder}"', readonly=True)[1] == [b"0"]:
                return b""
            return b" ".join(part for part in client.fetch("1:*", "(FLAGS)")[1] if isinstance(part, bytes))

    def empty(self) -> None:
        with self.signed_in() as client:
            for folder in ("INBOX", "Processed", "Set aside", "Refused"):
                state, found = client.select(f'"{folder}"')
                if state == "OK" and found != [b"0"]:
                    client.store("1:*", "+FLAGS", "\\Deleted")
                    client.expunge()


def program() -> str | None:
    return shutil.which("dovecot") or next((path for path in ("/usr/sbin/dovecot",) if Path(path).exists()), None)


def prepared(folder: Path, path: str) -> Dovecot:
    """A server in this folder, not started. Run by root it works as `nobody`, for it serves mail to no root; hence the
    folder lies where everybody may go, and not below pytest's."""
    me = pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("nobody")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    group = grp.getgrgid(me.pw_gid).gr_name
    text = CONFIGURATION.format(folder=folder, user=me.pw_name, group=group, password=PASSWORD, port=port)
    configuration = folder / "dovecot.conf"
    configuration.write_text(text)
    for name in ("mail", "run", "state"):
        (folder / name).mkdir()
    os.chown(folder / "mail", me.pw_uid, me.pw_gid)
    folder.chmod(0o755)
    return Dovecot(port, path, configuration)


@pytest.fixture(scope="session")
def server() -> Iterator[Dovecot]:
    path = program()
    if path is None:
        missing = "no dovecot found: install Debian's package `dovecot-imapd`"
        if os.environ.get("COMITY_BROWSER_REQUIRED"):  # where every program must be
            pytest.fail(missing)
        pytest.skip(missing)
    with tempfile.TemporaryDirectory(prefix="comity-dovecot-", ignore_cleanup_errors=True) as folder:
        made = prepared(Path(folder), path)
        made.start()
        yield made
        made.stop()


@pytest.fixture
def box(server: Dovecot, settings: Any) -> Dovecot:
    server.empty()
    settings.COMITY_MAILBOX = server.url
    return server
