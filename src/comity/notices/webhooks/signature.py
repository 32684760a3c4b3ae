"""How a receiver knows that a message comes from here, is whole, and is new. Standard library only: receivers copy it.

The signature is the HMAC-SHA256, under the subscription's secret, of the time in seconds, a dot, and the body as sent.
While a secret is being changed there are two of them, separated by a comma: one of them must be right.
"""

import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping

EVENT, TIMESTAMP, SIGNATURE = "Comity-Event-Id", "Comity-Timestamp", "Comity-Signature"
WINDOW = 300  # seconds; older messages are somebody's repetition of ours


def sign(secrets: Iterable[str], timestamp: int, body: bytes) -> str:
    """The value of the signature header."""
    signed = (hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256) for secret in secrets)
    return ",".join(f"v1={one.hexdigest()}" for one in signed)


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> bool:
    """Is this message signed with the secret, and was it sent within the last five minutes?

    Within these five minutes a repetition is known by its `Comity-Event-Id`: act on each id once.
    """
    told = {name.lower(): value for name, value in headers.items()}
    timestamp = told.get(TIMESTAMP.lower(), "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    moment = time.time() if now is None else now
    if abs(moment - int(timestamp)) > WINDOW:
        return False
    expected = sign([secret], int(timestamp), body).encode()
    return any(hmac.compare_digest(expected, one.encode()) for one in told.get(SIGNATURE.lower(), "").split(","))
