"""What readers call the ties that Comity itself makes between records. A verb of somebody else is shown as it is."""

from django.utils.translation import gettext_noop

CALLED = {
    "answered_with": gettext_noop("answered with"),
    "continued_as": gettext_noop("continued as"),
    "depends_on": gettext_noop("depends on"),
    "follow_up_of": gettext_noop("follow up of"),
    "merged_into": gettext_noop("merged into"),
    "names": gettext_noop("names"),
    "proven_by": gettext_noop("proven by"),
    "relates_to": gettext_noop("relates to"),
    "repeats": gettext_noop("repeats"),
    "same_cause": gettext_noop("same cause"),
    "same_danger": gettext_noop("same danger"),
    "serves": gettext_noop("serves"),
    "split_from": gettext_noop("split from"),
}
