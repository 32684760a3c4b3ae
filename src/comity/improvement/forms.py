"""Sources, subjects and objects are records that exist."""

from comity.parties.pointers import PointerForm


class SourceForm(PointerForm):
    pointers = ("source_ref", "told_ref")


class FindingForm(PointerForm):
    pointers = ("source_ref", "subject_ref")


class ObjectForm(PointerForm):
    pointers = ("object_ref",)
