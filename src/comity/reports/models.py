"""The head of what leaves the house on paper: who writes, and where to reach them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

LOGO_BYTES = 150_000
LOGOS = {"png": b"\x89PNG", "jpg": b"\xff\xd8\xff"}


class Letterhead(models.Model):
    """Name, address and logo of the organisation, as letters and reports bear them. One row; changes are trailed."""

    name = models.CharField(_("name of the organisation"), max_length=150, blank=True)
    address = models.TextField(_("address"), max_length=500, blank=True, help_text=_("One line each."))
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    site = models.CharField(_("web site"), max_length=150, blank=True)
    footer = models.CharField(
        _("small print"), max_length=300, blank=True, help_text=_("Register number, bank, tax number.")
    )
    logo = models.BinaryField(_("logo"), default=bytes, blank=True)
    logo_type = models.CharField(max_length=3, blank=True)

    class Meta:
        verbose_name = _("letterhead")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Letterhead:
        return cls.objects.first() or cls(pk=1)

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]

    def data(self) -> dict[str, Any]:
        """As templates read it."""
        logo = {"bytes": list(bytes(self.logo)), "type": self.logo_type} if self.logo else None
        return {
            "name": self.name, "lines": self.lines, "phone": self.phone, "email": self.email, "site": self.site,
            "footer": self.footer, "logo": logo,
        }  # fmt: skip


def logo_type(content: bytes) -> str:
    """What picture this is, by its first bytes; empty for none that can be printed."""
    if b"<svg" in content[:2000] and content.lstrip(b"\xef\xbb\xbf \n\r\t").startswith(b"<"):
        return "svg"
    return next((name for name, start in LOGOS.items() if content.startswith(start)), "")
