"""Panels: what a room adds to the page of a record of its own or of a lower room, which knows nothing of it.

    @panel("risk", "risks/score_panel.html", place="side", order=20, label=_("Score"))
    def score(record: Any, request: HttpRequest) -> dict[str, Any] | None:
        return {"score": record.score}          # None: nothing to show for this record

Places: `main` between stage panel and timeline, `side` in the right column, `tab` beside the timeline (computed only
when it is open). The template sees what the page sees (`record`, `kind`) and what the function returned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from comity.records.kind import Kind

Answer = Callable[[Any, HttpRequest], dict[str, Any] | None]
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


_panels: list[Panel] = []


def panel(
    kind: str | Kind, template: str, place: str = "main", order: int = 50, label: str | Promise = ""
) -> Callable[[Answer], Answer]:
    """Add a panel to the page of a kind, or of every kind ("*")."""
    if place not in ("main", "side", "tab"):
        raise ValueError(f"A panel stands in main, side or tab, not in {place}.")

    def add(answer: Answer) -> Answer:
        _panels.append(Panel(kind if isinstance(kind, str) else kind.name, template, place, order, label, answer))
        return answer

    return add


def panels(kind: Kind, place: str) -> list[Panel]:
    found = (one for one in _panels if one.place == place and one.kind in (kind.name, EVERY))
    return sorted(found, key=lambda one: (one.order, one.name))
