"""Mail in: `comity mail fetch` asks the mailboxes, `comity mail ingest` takes one message from a mail server."""

from __future__ import annotations

import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from comity.communications.mail import Mail
from comity.intake.mail import mailbox, reasons
from comity.intake.mail.taking import Taken, take

REFUSED, AGAIN_LATER, NOT_CONFIGURED = 65, 75, 78  # as mail servers understand them: EX_DATAERR, EX_TEMPFAIL, EX_CONFIG


class Command(BaseCommand):
    help = "Take mail in: fetch it from the mailboxes, or ingest one message from standard input."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        fetch = ways.add_parser("fetch", help="take in what lies in the mailboxes of COMITY_MAILBOX_URL")
        fetch.add_argument("--idle", action="store_true", help="go on, and take in what comes as soon as it comes")
        ingest = ways.add_parser("ingest", help="take in one raw message from standard input")
        ingest.add_argument("--mailbox", default="pipe", help="the name under which the ledger shows where it came in")

    def handle(self, *args: Any, **options: Any) -> None:
        status = self._ingest(options["mailbox"]) if options["way"] == "ingest" else self._fetch(options["idle"])
        if status:
            sys.exit(status)

    def _ingest(self, name: str) -> int:
        """0: taken in, set aside, or known already; 65: refused; 75: try again later. One line says why."""
        raw = sys.stdin.buffer.read(settings.COMITY_UPLOAD_BYTES + 1)
        try:
            taken = take(raw, mailbox=name)
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"later: {' '.join(str(error).split())}")
            return AGAIN_LATER
        out = self.stderr if taken.state == Mail.State.REFUSED else self.stdout
        out.write(_line(taken))
        return REFUSED if taken.state == Mail.State.REFUSED else 0

    def _fetch(self, idle: bool) -> int:
        try:
            addresses = mailbox.configured()
        except ImproperlyConfigured as error:
            self.stderr.write(str(error))
            return NOT_CONFIGURED
        if not addresses:
            self.stderr.write("COMITY_MAILBOX_URL names no mailbox.")
            return NOT_CONFIGURED
        if idle:
            self._watch(addresses)
            return 0
        status = 0
        for address in addresses:
            try:
                with mailbox.opened(address) as box:
                    count = mailbox.fetch(box, address, self._tell)
                self.stdout.write(f"{address}: {count}")
            except (*mailbox.DEAD, DatabaseError) as error:
                self.stderr.write(f"{address}: {error}")
                status = AGAIN_LATER
        return status

    def _watch(self, addresses: list[mailbox.Address]) -> None:
        """One thread for each mailbox, until the process is told to stop."""
        stopping = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopping.set())

        def run(address: mailbox.Address) -> None:
            try:
                mailbox.watch(address, self._tell, stopping)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(address,), name=str(address)) for address in addresses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _tell(self, taken: Taken) -> None:
        self.stdout.write(_line(taken))
        self.stdout.flush()


def _line(taken: Taken) -> str:
    """State, record and reason on one line."""
    state = f"{taken.state} before" if taken.again else taken.state
    return " ".join(": ".join(part for part in (state, taken.ref, reasons.in_words(taken.reason)) if part).split())
