"""Keep out of the log what does not belong there: secrets that stand in addresses, traces of plain refusals."""

import logging
import re

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SECRETS = re.compile(r"(/(?:complain/track|answer|accounts/link|calendar)/)[\w.:~%-]+")


class BriefRefusals(logging.Filter):
    """A request that was refused (4xx) takes one line; a trace is for our own faults."""

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True


class WithoutSecrets(logging.Filter):
    """Put a sign in the place of every secret of an address, whoever writes the line."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            line = record.getMessage()
        except (TypeError, ValueError):  # a line that cannot be put together is for the handler to complain about
            return True
        if SECRETS.search(line):
            record.msg, record.args = SECRETS.sub(r"\1…", line), ()
        if record.exc_info:
            record.exc_text = SECRETS.sub(
                r"\1…", record.exc_text or logging.Formatter().formatException(record.exc_info)
            )
        return True


class OneLine(logging.Filter):
    """What somebody sent cannot begin a line of its own, nor steer the terminal of whoever reads the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            line = record.getMessage()
        except (TypeError, ValueError):
            return True
        if CONTROL.search(line):
            record.msg, record.args = CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode(), line), ()
        return True
