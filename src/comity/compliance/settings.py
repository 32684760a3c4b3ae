"""The parameters of the vocabulary as settings of the organisation; those that lower rooms need are declared there."""

from collections.abc import Mapping
from typing import Any

from comity.clocks import parameters
from comity.compliance.catalogue import words

RANKS = ("low", "medium", "high")  # a rank is set as its number, from 1


def _declare(name: str, told: Mapping[str, Any]) -> None:
    ranked = told["unit"] == "rank"
    default = RANKS.index(told["default"]) + 1 if ranked else told["default"]
    least, most = (1, len(RANKS)) if ranked else (told["min"], told["max"])
    parameters.declare(name, default, "n" if ranked else told["unit"], least, most, told["meaning"])


for _name, _told in words().parameters.items():
    if _name not in parameters.DEFINITIONS:
        _declare(_name, _told)
