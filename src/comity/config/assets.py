"""Addresses of static files."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@cache
def _version(name: str) -> str:
    """The first characters of the content's hash; empty for a file that does not exist."""
    path = finders.find(name)
    return sha256(Path(path).read_bytes()).hexdigest()[:12] if path else ""


class VersionedStorage(StaticFilesStorage):
    """Static files under an address that changes with their content, so that browsers may keep them for a year."""

    def url(self, name: str | None) -> str:
        address = super().url(name)
        if settings.DEBUG or not name or not (version := _version(name)):
            return address
        return f"{address}?v={version}"
