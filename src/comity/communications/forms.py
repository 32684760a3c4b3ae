"""What somebody outside may log: that he said something, in the name of his own party."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import rights_of
from comity.accounts.roles import CONTACTS
from comity.communications.models import Communication
from comity.parties.pointers import PointerForm


class CommunicationForm(PointerForm):
    pointers = ("subject_ref", "version_carried")
    groups = (
        (
            _("What a report tells"),
            (
                "findings", "causes", "actions", "score", "response_rate", "conclusions", "value", "activities",
                "people",
            ),
        ),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.person is not None and rights_of(self.person).roles <= CONTACTS:
            if data.get("direction") != Communication.Direction.INBOUND:
                raise ValidationError({"direction": gettext("From outside, only inbound messages can be logged.")})
            if data.get("owner") or data.get("recipients"):
                raise ValidationError({"owner": gettext("Who of us looks after it is not said from outside.")})
            if not (data.get("customer") or data.get("contact")):
                raise ValidationError({"customer": gettext("Say for which customer you write.")})
        return data

    def found(self, name: str, record: Any) -> None:
        """What is said about a restricted record is restricted, too."""
        if name == "subject_ref" and getattr(record, "restricted", False):
            self.cleaned_data["restricted"] = True
