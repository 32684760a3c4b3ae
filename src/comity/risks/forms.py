"""What controls are about are records that exist."""

from comity.parties.pointers import PointerForm


class ControlForm(PointerForm):
    pointers = ("subject_ref", "process_ref", "kpi_ref", "record_class_ref")


class RunForm(PointerForm):
    pointers = ("subject_ref",)
