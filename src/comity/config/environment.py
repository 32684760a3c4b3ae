"""Typed reading of the process environment; standard library only, so that every tool can use it."""

import ipaddress
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class Misconfigured(Exception):
    """A variable holds something that cannot be meant; the message names the variable and what is allowed."""


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks, or the default when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """1/true/yes/on or 0/false/no/off; anything else is refused rather than guessed."""
    value = text(name).lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise Misconfigured(f"{name} must be yes or no, not {value!r}")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError:
        raise Misconfigured(f"{name} must be a whole number, not {value!r}") from None


def choice(name: str, *allowed: str) -> str:
    """One of these words; the first when it is unset."""
    value = text(name, allowed[0]).lower()
    if value not in allowed:
        raise Misconfigured(f"{name} must be {' or '.join(allowed)}, not {value!r}")
    return value


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A list separated by commas or blanks."""
    return text(name).replace(",", " ").split() or list(default)


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """A list of networks such as 10.1.0.0/16; a single address is a network of one."""
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError as error:
        raise Misconfigured(f"{name} must be networks such as 10.1.0.0/16: {error}") from None


def folder(name: str, default: str) -> Path:
    """An absolute folder, made when it is missing, closed to other users of the machine."""
    path = Path(text(name, default)).expanduser().resolve()
    path.mkdir(mode=0o750, parents=True, exist_ok=True)
    return path


def secret(name: str, file: Path) -> str:
    """The variable, or else the content of `file`, which is made on first use and readable by its owner only."""
    if value := text(name):
        return value
    if not file.exists():
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, file)  # atomic, and the first of two processes wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text().strip()


def database(url: str, data: Path) -> dict[str, Any]:
    """Django's description of the database behind `url`; without a url, SQLite in the data folder.

    `postgresql://user:password@host:port/name?sslmode=require`; a Unix socket is `?host=/folder`.
    """
    if not url:
        return _sqlite(str(data / "comity.sqlite3"))
    parts = urlsplit(url)
    if parts.scheme == "sqlite":  # sqlite:///relative/path or sqlite:////absolute/path
        return _sqlite(unquote(parts.path[1:]))
    if parts.scheme in ("postgresql", "postgres"):
        pooled = flag("COMITY_BEHIND_PGBOUNCER")  # which refuses settings of a session
        # The questions are many and short: compiling one takes longer than answering it.
        options = {**({} if pooled else {"options": "-c jit=off"}), **dict(parse_qsl(parts.query))}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or options.pop("user", "")),
            "PASSWORD": unquote(parts.password or options.pop("password", "")),
            "HOST": options.pop("host", "") or parts.hostname or "",
            "PORT": str(parts.port or options.pop("port", "")),
            # One connection per thread that stays open: 15 times cheaper than a connection per request.
            "CONN_MAX_AGE": number("COMITY_CONNECTION_SECONDS", 600),
            "CONN_HEALTH_CHECKS": True,
            "DISABLE_SERVER_SIDE_CURSORS": pooled,
            "OPTIONS": options,
        }
    raise Misconfigured(f"DATABASE_URL must begin with sqlite: or postgresql:, not {parts.scheme!r}")


def _sqlite(name: str) -> dict[str, Any]:
    """One file, many readers, one writer at a time; what was answered with success survives a power cut."""
    durability = text("COMITY_SQLITE_SYNCHRONOUS", "FULL").upper()
    if durability not in ("FULL", "NORMAL", "EXTRA"):
        raise Misconfigured("COMITY_SQLITE_SYNCHRONOUS must be FULL, EXTRA or NORMAL")
    return {
        "ENGINE": "comity.config.sqlite3",  # writers take turns
        "NAME": name,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "init_command": (
                f"PRAGMA journal_mode=WAL;PRAGMA synchronous={durability};PRAGMA foreign_keys=ON;"
                "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-16000;"
            ),
        },
    }
