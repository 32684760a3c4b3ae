"""Panels: what a room adds to the page of a record of its own or of a lower room, which knows nothing of it.

    @panel("risk", "risks/score_panel.html", place="side", order=20, label=_("Score"))
    def score(record: Any, request: HttpRequest) -> dict[str, Any] | None:
        return {"score": record.score}          # None: nothing to show for this record

Places: `main` between stage panel and timeline, `side` in the right column, `tab` beside the timeline (computed only when it is open).
The template sees `record`, `kind`, `request`, `panel` and what the function returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise

from comity.records.kind import Kind

Answer = Callable[[Any, HttpRequest], dict[str, Any] | None]
PLACES = ("main", "side", "tab")
EVERY = "*"


@dataclass(frozen=True)
class Panel:
    kind: str
    template: str
    place: str
    order: int
    label: str | Promise
    answer: Answer

    @property
    def name(self) -> str:
        return self.answer.__name__

    def render(self, record: Any, request: HttpRequest) -> str:
        """The panel's HTML, or nothing where it has nothing to say about this record."""
        found = self.answer(record, request)
        if found is None:
            return ""
        return render_to_string(self.template, {"record": record, "kind": record.kind, "panel": self, **found}, request)


_panels: list[Panel] = []


def panel(
    kind: str | Kind | Iterable[str], template: str, place: str = "main", order: int = 50, label: str | Promise = ""
) -> Callable[[Answer], Answer]:
    """Add a panel to the pages of a kind, of several, or of every kind ("*")."""
    if place not in PLACES:
        raise ValueError(f"A panel stands in one of {', '.join(PLACES)}, not in {place}.")
    names = [kind] if isinstance(kind, str) else [kind.name] if isinstance(kind, Kind) else list(kind)

    def add(answer: Answer) -> Answer:
        _panels.extend(Panel(name, template, place, order, label, answer) for name in names)
        return answer

    return add


def panels(kind: Kind, place: str) -> list[Panel]:
    found = [one for one in _panels if one.place == place and one.kind in (kind.name, EVERY)]
    return sorted(found, key=lambda one: (one.order, one.name))
