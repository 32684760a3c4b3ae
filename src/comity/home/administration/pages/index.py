"""The way into the settings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comity.home.administration import auditors, jobs, parameters
from comity.home.administration.access import READERS, administers, reads, reads_trail
from comity.records.access import may
from comity.records.kind import kind_named
from comity.web.gate import person_of
from comity.web.pages import place

place(
    gettext_lazy("Settings"),
    "/settings/",
    icon="settings",
    group=gettext_lazy("Administration"),
    order=92,
    visible=reads,
)


@READERS
def show(request: HttpRequest) -> HttpResponse:
    """A tile for everything that the person may open."""
    person = person_of(request)
    open_ones, failed = len(parameters.waiting()), jobs.failed()
    tiles = [
        ("calendar-days", _("Calendars"), _("Working hours, public holidays, make-up days."), "home:calendars", ""),
        (
            "sliders-horizontal",
            _("Parameters"),
            _("Time limits and thresholds of the processes."),
            "home:parameters",
            ngettext("%(n)d proposal waits", "%(n)d proposals wait", open_ones) % {"n": open_ones} if open_ones else "",
        ),
        ("list", _("Lists"), _("The words that fields offer, in both languages."), "home:lists", ""),
        ("stamp", _("Letterhead"), _("Name, address and logo on letters and reports."), "home:letterhead", ""),
        (
            "cog",
            _("Jobs"),
            _("What the worker does in the background."),
            "home:jobs",
            ngettext("%(n)d failed", "%(n)d failed", failed) % {"n": failed} if failed else "",
        ),
    ]
    if administers(person):
        tiles += [
            ("webhook", _("Webhooks"), _("Other programs that are told what happens here."), "notices:webhooks", ""),
            ("users", _("People"), _("Who signs in, and the roles they hold."), "people", ""),
            ("network", _("Units"), _("The parts of the organisation."), "units", ""),
        ]
    if auditors.invites(person):
        words = _("Let an outside auditor read for some days.")
        tiles.append(("user-search", _("Auditors"), words, "home:auditors", ""))
    if reads_trail(person):
        tiles.append(("scroll-text", _("Trail"), _("Who did what and when, and the seal over it."), "home:trail", ""))
    found = [(icon, title, text, reverse(name), news) for icon, title, text, name, news in tiles]
    if may(person, forms := kind_named("public_form"), "create"):
        words = _("Web forms with questions of your own, for everybody or for one customer.")
        found.append(("globe", _("Public forms"), words, forms.url, ""))
    return render(request, "home/settings/index.html", {"tiles": found})
