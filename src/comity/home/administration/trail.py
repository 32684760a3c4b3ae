"""The trail over everything, within what its reader may know, and the state of its seal (CSMS:2003 12.1).

Of a record only the act and the names of the changed fields are shown here: what was said and what the values were
stands on the record's own page, which knows whom it may show what. Lines about records that the reader may not read are
counted, not shown; and as soon as a filter asks about somebody or something, they are not even counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.accounts.forms import DAY
from comity.accounts.models import Person
from comity.jobs.models import Job
from comity.records import jobs as work
from comity.records import models as kernel
from comity.records.access import readable
from comity.records.kind import Kind, kinds
from comity.records.models import Entry, Outbox, Seal
from comity.web import cells

SIZE, BATCH, BATCHES = 50, 200, 10  # lines of a page; entries read at a time, and how often
PLAIN = {
    "person": _("Account"),
    "calendar": _("Calendar"),
    "parameter": _("Parameter"),
    "term": _("List word"),
    "job": _("Job"),
    "webhook": _("Webhook"),
    "mail": _("Mail"),
    "intake": _("Intake"),
}
"""What is in the trail without being a record: open to everybody who reads the trail."""

ACTS = {
    "added": pgettext_lazy("trail", "added"),
    "changed": pgettext_lazy("trail", "changed"),
    "activated": pgettext_lazy("trail", "activated"),
    "deactivated": pgettext_lazy("trail", "deactivated"),
    "granted": pgettext_lazy("trail", "granted a role"),
    "revoked": pgettext_lazy("trail", "revoked a role"),
    "acts_as": pgettext_lazy("trail", "changed the acting group"),
    "token_issued": pgettext_lazy("trail", "issued a token"),
    "token_revoked": pgettext_lazy("trail", "revoked a token"),
    "unit_added": pgettext_lazy("trail", "added a unit"),
    "unit_changed": pgettext_lazy("trail", "changed a unit"),
    "propose": pgettext_lazy("trail", "proposed"),
    "approve": pgettext_lazy("trail", "approved"),
    "reject": pgettext_lazy("trail", "rejected"),
    "withdraw": pgettext_lazy("trail", "withdrew"),
    "remove": pgettext_lazy("trail", "removed"),
    "fill": pgettext_lazy("trail", "filled public holidays"),
    "retry": pgettext_lazy("trail", "started again"),
    "leave": pgettext_lazy("trail", "left out"),
    "flooded": pgettext_lazy("trail", "more came than is taken in"),
    "cancel": pgettext_lazy("trail", "cancelled"),
    "agree": pgettext_lazy("trail", "agreed"),
    "pause": pgettext_lazy("trail", "paused"),
    "resume": pgettext_lazy("trail", "resumed"),
    "looked": pgettext_lazy("trail", "looked at"),
    "renew": pgettext_lazy("trail", "made a new secret"),
}


class FilterForm(forms.Form):
    """What to look for. Dates are days of the reader's zone."""

    kind = forms.ChoiceField(label=_("kind"), required=False)
    person = forms.CharField(
        label=_("person (e-mail)"),
        required=False,
        widget=forms.TextInput(attrs={"data-lookup": "/lookup/person/", "autocomplete": "off"}),
    )
    act = forms.ChoiceField(label=_("act"), required=False)
    since = forms.DateField(label=_("from"), required=False, widget=DAY)
    until = forms.DateField(label=_("to"), required=False, widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted((kind.name, cells.capital(kind.label)) for kind in kinds())
        any_one = ("", _("any"))
        self.fields["kind"].choices = [any_one, *PLAIN.items(), *named]  # type: ignore[attr-defined]
        self.fields["act"].choices = [any_one, *acts().items()]  # type: ignore[attr-defined]

    def clean_person(self) -> Person | None:
        email = str(self.cleaned_data["person"]).strip().lower()
        found = Person.objects.filter(email=email).first() if email else None
        if email and found is None:
            raise forms.ValidationError(_("Nobody has this address."))
        return found

    @property
    def asked(self) -> bool:
        return any(self.cleaned_data.values())

    def rows(self) -> QuerySet[Entry]:
        known, rows = self.cleaned_data, Entry.objects.order_by("-id")
        conditions = {"kind": known["kind"], "act": known["act"], "actor_id": known["person"] and known["person"].pk}
        rows = rows.filter(**{name: value for name, value in conditions.items() if value})
        if known["since"]:
            rows = rows.filter(at__gte=timezone.make_aware(datetime.combine(known["since"], time.min)))
        if known["until"]:
            after = known["until"] + timedelta(days=1)
            rows = rows.filter(at__lt=timezone.make_aware(datetime.combine(after, time.min)))
        return rows


def acts() -> dict[str, str]:
    """Every act that can be in the trail, in words."""
    found = {name: str(label) for name, label in ACTS.items()}
    for kind in kinds():
        names = [*kernel.ACTS, *(move.name for move in (kind.workflow.moves if kind.workflow else ()))]
        found |= {name: cells.act(kind, name) for name in names if name not in found}
    return dict(sorted(found.items(), key=lambda item: item[1].casefold()))


@dataclass
class Line:
    """An entry to show, or a number of those that are not shown."""

    entry: Entry | None = None
    kind: str = ""
    act: str = ""
    url: str = ""
    fields: list[str] = field(default_factory=list)
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    hidden: int = 0


def known_to(person: Person, entries: Iterable[Entry]) -> set[int]:
    """Those of the entries whose subject the person may read now."""
    by_kind: defaultdict[str, set[int]] = defaultdict(set)
    entries = list(entries)
    for entry in entries:
        by_kind[entry.kind].add(entry.record_id)
    declared = {kind.name: kind for kind in kinds()}
    seen = {
        (name, pk)
        for name, ids in by_kind.items()
        for pk in (ids if name in PLAIN else _readable(declared.get(name), person, ids))
    }
    return {entry.pk for entry in entries if (entry.kind, entry.record_id) in seen}


def _readable(kind: Kind | None, person: Person, ids: set[int]) -> Iterable[int]:
    return readable(kind, person).filter(pk__in=ids).values_list("pk", flat=True) if kind else ()


def page(person: Person, form: FilterForm, below: int | None) -> tuple[list[Line], int | None]:
    """The next lines below an entry, newest first, and the entry below which older ones follow."""
    rows, lines, shown = form.rows(), list[Line](), 0
    for _batch in range(BATCHES):
        batch = list((rows.filter(pk__lt=below) if below else rows)[:BATCH])
        known = known_to(person, batch)
        for entry in batch:
            below = entry.pk
            if entry.pk in known:
                lines.append(_line(entry))
                shown += 1
            elif not form.asked:
                if lines and lines[-1].hidden:
                    lines[-1].hidden += 1
                else:
                    lines.append(Line(hidden=1))
            if shown == SIZE:
                return lines, below
        if len(batch) < BATCH:
            return lines, None
    return lines, below


def _line(entry: Entry) -> Line:
    kind = next((one for one in kinds() if one.name == entry.kind), None)
    if kind is None:
        pairs = [(name, *pair) for name, pair in entry.changes.items() if _is_pair(pair)]
        changes = [(name.replace("_", " "), _short(old), _short(new)) for name, old, new in pairs]
        act = str(ACTS.get(entry.act) or kernel.ACTS.get(entry.act) or entry.act.replace("_", " "))
        return Line(entry, str(PLAIN[entry.kind]), act, changes=changes)
    names = [cells.field_of(kind, name) or name.replace("_", " ") for name in entry.fields_changed]
    fields = [cells.capital(getattr(name, "verbose_name", name)) for name in names]
    act, url = cells.act(kind, entry.act), f"{kind.url}{entry.ref}/"
    return Line(entry, cells.capital(kind.label), act, url, fields if entry.act != "create" else [])


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1]


def _short(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) else value


@dataclass(frozen=True)
class SealState:
    """How far the chain reaches, what waits for it, and what the last verification found."""

    sealed: int
    waiting: int
    verified: Job | None
    running: bool

    @property
    def broken(self) -> bool:
        return self.verified is not None and self.verified.state == Job.State.FAILED


def seal_state() -> SealState:
    jobs = Job.objects.filter(name=work.verify.module_path).order_by("-id")
    ended = jobs.filter(state__in=(Job.State.DONE, Job.State.FAILED)).order_by("-finished_at").first()
    sealed = Seal.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    running = jobs.filter(state__in=(Job.State.READY, Job.State.RUNNING)).exists()
    return SealState(sealed, Outbox.objects.count(), ended, running)


def verify() -> None:
    """Have the worker recompute the chain now; once is enough."""
    if not seal_state().running:
        work.verify.enqueue()
