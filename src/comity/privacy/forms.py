"""What people enter of a request or a hold, and what whoever asks does not decide."""

from __future__ import annotations

from comity.parties.forms import InOwnNameForm
from comity.parties.pointers import PointerForm


class HoldForm(PointerForm):
    """The record held is one that exists and that one may read."""

    pointers = ("subject_ref",)


class RequestForm(InOwnNameForm):
    """What we find and answer is ours to say."""

    ours = ("owner", "received_at", "identified_by", "outcome")
