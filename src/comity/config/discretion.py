"""Keep secrets that stand in addresses out of the log."""

import logging
import re

SECRETS = re.compile(r"(/(?:complain/track|accounts/link)/)[\w.:~%-]+")


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
