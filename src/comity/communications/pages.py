"""What this room adds to pages: the lines of a plan and the people in it."""

from django.utils.translation import gettext_lazy as _

from comity.parties.pages import leads, parts

leads("communication", "subject_ref", "version_carried")
parts(
    "communication_plan", "plan_line", "plan", _("Lines"),
    lambda line: (line.topic, line.channel, line.get_cadence_display(), line.response_time, line.owner, line.contact),
)  # fmt: skip
parts("communication_plan", "plan_party", "plan", _("Parties"), lambda party: (party.person, party.role))
