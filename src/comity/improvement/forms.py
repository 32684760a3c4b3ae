"""Sources are records that exist."""

from comity.parties.pointers import PointerForm


class SourceForm(PointerForm):
    pointers = ("source_ref", "told_ref")
