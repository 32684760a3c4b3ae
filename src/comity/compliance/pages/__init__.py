"""The pages of live compliance, and their places in the side bar."""

from django.utils.translation import gettext_lazy as _

from comity.compliance import panels
from comity.compliance.pages import access, narrowed, nothing, silent
from comity.web.navigation import place

__all__ = ["narrowed", "nothing", "panels", "silent"]

GROUP = _("Compliance")
place(_("Compliance board"), "/compliance/", icon="gauge", group=GROUP, order=30, visible=access.reads)
place(_("What changed"), "/compliance/changes/", icon="git-compare-arrows", group=GROUP, order=31, visible=access.reads)
place(_("What did not happen"), "/compliance/silences/", icon="bell-off", group=GROUP, order=32)
