"""What this room adds to the side bar and to its records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comity.reviews.asking import reads_figures
from comity.web.navigation import place

place(_("Analysis"), "/analysis/", icon="chart-column", group=_("Complaint desk"), order=25, visible=reads_figures)
