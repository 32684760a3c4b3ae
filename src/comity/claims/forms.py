"""What people enter of a claim, and what whoever claims does not decide."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from comity.parties.forms import InOwnNameForm

LONGEST_AGO = 25  # years


class ClaimForm(InOwnNameForm):
    """Who works on it is ours to say."""

    ours = ("owner", "case", "received_at")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        received = values.get("received_at")
        if received and received.year < timezone.now().year - LONGEST_AGO:
            self.add_error("received_at", _("This is more than %(years)s years ago.") % {"years": LONGEST_AGO})
        return values
