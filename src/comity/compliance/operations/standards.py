"""Taking in further standards and licensed texts, and taking them out again. Each is an audited act.

What people decided and what was answered hangs on the ids of requirements alone, so it outlives every new version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import resolve
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from comity.compliance.catalogue import Requirement, requirements, shipped, standard, standards
from comity.compliance.models import Answer, Exclusion, StandardFile, Waiver
from comity.compliance.reach import answered_by
from comity.compliance.validation import GENERATIONS, TOLD, Fault, faults_of_standard, faults_of_texts
from comity.compliance.validation.reading import Unfit, plain
from comity.records.trail import Actor, keep

Type = StandardFile.Type


class NotTaken(Exception):
    """The file cannot be taken in, or the standard cannot be taken out; `faults` says why, each with its remedy."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


@dataclass(frozen=True)
class Taken:
    """What a file brought: its row, and the ids that are new, that say something else now, and that vanished."""

    file: StandardFile
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    known: bool = False  # the very same content was there already


def add(path: Path, actor: Actor) -> Taken:
    """Take in a file. Raises NotTaken."""
    told = _read(path)
    texts_of = told.get("texts_of") if isinstance(told, dict) else None
    code = str(texts_of) if texts_of else slugify(path.stem)[:60]
    faults = _faults_of_texts(told, path.name, code) if texts_of else _faults(told, path.name, code)
    if faults:
        raise NotTaken(faults)
    return _keep(code, Type.TEXTS if texts_of else Type.STANDARD, told, actor)


def _read(path: Path) -> Any:
    try:
        return plain(path)
    except OSError:
        fault = Fault(str(path), "", "", _("It cannot be read. Look at its path and its rights."))
    except Unfit as error:
        fault = Fault(path.name, _("line %(line)s") % {"line": error.line} if error.line else "", "", error.words)
    raise NotTaken([fault])


def _faults(told: Any, name: str, code: str) -> list[Fault]:
    if not code:
        return [Fault(name, "", "", _("The name of the file becomes the code. Use letters and digits."))]
    if code in shipped().standards:
        said = _("A shipped standard has this code. Name the file otherwise, or replace its words with “texts_of”.")
        return [Fault(name, "", "", said)]
    if not _is_page(f"{code}/", "standard") or not _is_page(f"{code}/1/records/", "members"):
        return [Fault(name, "", "", _("A page of Comity has this name. Choose another one."))]
    others = {one.id: one for one in requirements().values() if one.standard != code}
    if faults := faults_of_standard(told, name, others) or _endless(name, standard(code, told).requirements, others):
        return faults
    if taken := [one["id"] for one in told["entries"] if not _is_page(f"{code}/{one['id']}/", "requirement")]:
        return [Fault(name, one, "id", _("A page of Comity has this name. Choose another one.")) for one in taken]
    now = {one.id for one in standards()[code].requirements} if code in standards() else set()
    vanishing = now - {one["id"] for one in told["entries"]}
    return _needed(name, vanishing, others.values())


def _needed(name: str, ids: set[str], others: Iterable[Requirement]) -> list[Fault]:
    """That entries of other standards are answered by some of these."""
    said = _("Entries of another standard are answered by it: %(users)s. Take those out first.")
    users = {one: [each.id for each in others if one in _names(each)] for one in sorted(ids)}
    return [Fault(name, one, "id", said % {"users": ", ".join(found)}) for one, found in users.items() if found]


def _is_page(path: str, name: str) -> bool:
    """Does this address below those of this room lead to that page?"""
    return resolve(f"/compliance/{path}").url_name == name


def _endless(name: str, mine: Iterable[Requirement], others: Mapping[str, Requirement]) -> list[Fault]:
    """That entries are answered by themselves in the end, or over more others than a rule should lean on."""
    every = [*mine, *others.values()]
    leaning = TopologicalSorter({one.id: answered_by(one.use) for one in every})
    try:
        order = list(leaning.static_order())
    except CycleError as error:
        way = error.args[1][:9]
        return [Fault(name, way[0], "with", _("It is answered by itself: %(way)s.") % {"way": " → ".join(way)})]
    known, depth = {one.id: one for one in every}, dict[str, int]()
    for one in order:
        depth[one] = 1 + max((depth[each] for each in answered_by(known[one].use)), default=0) if one in known else 0
    said = _("It is answered by entries that are answered by others, and so on. Shorten that.")
    return [Fault(name, one.id, "with", said) for one in mine if depth[one.id] > GENERATIONS][:TOLD]


def _faults_of_texts(told: Any, name: str, code: str) -> list[Fault]:
    if code not in standards():
        return [Fault(name, "", "texts_of", _no_standard(code))]
    return faults_of_texts(told, name, {one.id for one in standards()[code].requirements})


def _no_standard(code: str) -> str:
    told = {"code": code[:60], "names": ", ".join(standards())}
    return _("There is no standard %(code)s; there are: %(names)s") % told


@transaction.atomic
def _keep(code: str, type: str, told: Any, actor: Actor) -> Taken:
    version = hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    before = StandardFile.objects.filter(code=code, type=type, retired_at=None).first()
    if before and before.version == version:
        return Taken(before, known=True)
    old, new = ({one["id"]: one for one in file["entries"]} if file else {} for file in (before and before.told, told))
    if before:
        before.retired_at = timezone.now()
        keep(before, "retire", actor)
    made = StandardFile(code=code, type=type, version=version, told=told, added_by=actor.name)
    keep(made, "add", actor, changes={"code": [None, code], "version": [before.version if before else None, version]})
    changed = (name for name in old if name in new and old[name] != new[name])
    return Taken(made, _only(new, old), tuple(changed), _only(old, new))


def _only(these: dict[str, Any], those: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in these if name not in those)


@dataclass(frozen=True)
class Removal:
    """What taking out would mean: nothing that was decided or answered is deleted, it only is shown no more."""

    file: StandardFile
    requirements: int
    answers: int
    decisions: int


def removal(code: str) -> Removal:
    """What taking this standard, or the licensed texts of a shipped one, out would mean. Raises NotTaken."""
    here = StandardFile.objects.filter(code=code, retired_at=None)
    file = here.filter(type=Type.TEXTS).first() if code in shipped().standards else here.order_by("type").first()
    if file is None:
        said = _("It is shipped with Comity and stays.") if code in shipped().standards else _no_standard(code)
        raise NotTaken([Fault(code, "", "", said)])
    if file.type == Type.TEXTS:
        return Removal(file, 0, 0, 0)
    ids = {one.id for one in standards()[code].requirements}
    if needed := _needed(code, ids, [one for one in requirements().values() if one.standard != code]):
        raise NotTaken(needed)
    decisions = sum(model.objects.filter(requirement__in=ids).count() for model in (Waiver, Exclusion))
    return Removal(file, len(ids), Answer.objects.filter(requirement__in=ids).count(), decisions)


def _names(one: Requirement) -> set[str]:
    """The entries whose answers this one's is made of."""
    return {one.parent, *answered_by(one.use)} - {""}


@transaction.atomic
def remove(code: str, actor: Actor) -> Removal:
    """Take it out, with its licensed texts. Raises NotTaken."""
    found = removal(code)
    for file in StandardFile.objects.filter(code=code, retired_at=None):
        file.retired_at = timezone.now()
        keep(file, "retire", actor)
    return found


def gone() -> list[str]:
    """Requirements with answers or decisions that no standard has any more, by id."""
    known = requirements()
    ids: set[str] = set()
    for model in (Answer, Waiver, Exclusion):
        ids |= set(model.objects.order_by().values_list("requirement", flat=True).distinct())
    return sorted(ids - set(known))
