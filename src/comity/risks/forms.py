"""What risks and controls are about are records that exist."""

from comity.parties.pointers import PointerForm


class ControlForm(PointerForm):
    pointers = ("subject_ref", "process_ref", "kpi_ref", "record_class_ref")


class SubjectForm(PointerForm):
    pointers = ("subject_ref",)


class RunForm(SubjectForm):
    """A run may be of anything, whichever control it belongs to."""
