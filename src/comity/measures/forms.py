"""What indicators and values are about are records that exist."""

from comity.parties.pointers import PointerForm


class KpiForm(PointerForm):
    pointers = ("process_ref", "service_ref")


class MeasurementForm(PointerForm):
    pointers = ("target_ref", "subject_ref")
