"""The parameters of the vocabulary as settings of the organisation; those that lower rooms need are declared there."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from django.utils.functional import Promise, lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comity.clocks import parameters
from comity.compliance.catalogue import words

LONGEST_WAIVER = "waiver_days"
parameters.declare(
    LONGEST_WAIVER, 365, "d", 1, 1096, _("Longest time for which a gap may be waived before it is decided on anew.")
)  # fmt: skip
RANKS = ("low", "medium", "high")  # a rank is set as its number, from 1


def _in_both(english: str, chinese: str) -> Promise:
    """Words of the catalogue, which brings its own Chinese, in the reader's language."""
    return cast(Promise, lazy(lambda: chinese if (get_language() or "").startswith("zh") else english, str)())


def _declare(name: str, told: Mapping[str, Any]) -> None:
    ranked = told["unit"] == "rank"
    default = RANKS.index(told["default"]) + 1 if ranked else told["default"]
    least, most = (1, len(RANKS)) if ranked else (told["min"], told["max"])
    meaning = _in_both(told["meaning"], told["meaning_zh"])
    parameters.declare(name, default, "n" if ranked else told["unit"], least, most, meaning)


@cache
def _subjects() -> Mapping[str, Promise]:
    found: dict[str, Promise] = {}
    subject: Promise | None = None
    for name in words().parameters:
        if told := words().subjects.get(name):
            subject = _in_both(told["title"], told["title_zh"])
        if subject is not None:
            found[name] = subject
    return found


def subject_of(name: str) -> Promise | None:
    """What a parameter of the vocabulary is about, as a heading; None for those of other rooms."""
    return _subjects().get(name)


for _name, _told in words().parameters.items():
    if _name not in parameters.DEFINITIONS:
        _declare(_name, _told)
