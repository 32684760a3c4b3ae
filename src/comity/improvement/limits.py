"""The times of this room that an organisation may set."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from comity.clocks.parameters import declare, number

for _row in (
    ("cause_days", 30, "d", 1, 92, _("Time to determine the cause of a nonconformity or problem.")),
    ("min_alternatives", 2, "n", 2, 5, _("Alternative solutions compared for a problem.")),
    ("improvement_decision_days", 30, "d", 1, 92, _("Time to decide on a proposed improvement or a missed target.")),
    ("improvement_update_days", 30, "d", 1, 92, _("Running improvements get a progress entry at least this often.")),
    ("effectiveness_review_days", 90, "d", 7, 365, _("Time after completion to judge whether an improvement worked.")),
    ("effect_wait_days", 14, "d", 0, 180, _("Time after completion before which no effect can be judged.")),
    ("resource_hold_days", 30, "d", 1, 92, _("Longest time an approved improvement may wait for resources.")),
):
    declare(*_row)


def after(day: date, name: str) -> date:
    """The day that lies a time of these later."""
    return day + timedelta(days=round(number(name)))
