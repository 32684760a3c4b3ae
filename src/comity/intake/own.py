"""The mapping of tables that already speak our language: columns named like our fields, by name or by label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.intake.drafts import Draft
from comity.intake.mapping import Plan, WrongMapping
from comity.intake.values import ISO, Rule, Source, text_of
from comity.records import reading
from comity.records.forms import form_class
from comity.records.kind import Column, Kind, is_kind, kind_of
from comity.web import export

DATES = (ISO, "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M", "%d.%m.%Y")
NAMES = ("name", "title")


def own_plan(kind: Kind, columns: Sequence[str], zone: str) -> Plan:
    """The mapping that an export of ours, or a table made by hand, needs. Raises WrongMapping when nothing fits."""
    found: dict[str, Rule] = {}
    headings = _headings(kind)
    known = {column: headings.get(column.strip()) or headings.get(column.strip().casefold()) for column in columns}
    for column, name in known.items():
        if name and name != "ref" and name not in found:
            found[name] = _rule(kind, name, column)
    ref = next((column for column, name in known.items() if name == "ref"), "")
    if not found:
        raise WrongMapping(
            _("No mapping fits these columns, and none of them is a field of a %(kind)s: %(fields)s.")
            % {"kind": kind.label, "fields": ", ".join(kind.fields)}
        )
    return Plan(
        name="",
        title="",
        kind=kind.name,
        source=Source(name="table", zone=ZoneInfo(zone), dates=DATES, defused=True),
        match=(),
        key=Rule(column=ref) if ref else None,
        fields=found,
        refs=bool(ref),
    )


def forget_unchanged(kind: Kind, drafts: Iterable[Draft], records: Mapping[str, Any]) -> None:
    """A cell that reads as an export of the record writes it says nothing new, whatever else it could be taken for.

    So an export can be read in again: also times cut to the second, people by name, and words for a record.
    """
    told = [draft for draft in drafts if draft.key in records]
    names = {name for draft in told for name in draft.cells if _has(kind, name)}
    columns = {name: Column("", name) for name in names}
    reading.relate(list(records.values()), [kind.field(name) for name in names if kind.field(name).many_to_one])
    for draft in told:
        for name, cell in draft.cells.items():
            if cell and name in columns:
                value = export.plain(reading.value_of(records[draft.key], columns[name]))
                if cell in (text_of(value), str(value), str(export.harmless(value))):
                    draft.values.pop(name, None)
                    draft.errors.pop(name, None)


def _headings(kind: Kind) -> dict[str, str]:
    """What may stand above a field: the label as exports write it, else our own name, else a label in any case."""
    names = ("ref", *kind.fields)
    labels: dict[str, str] = {}
    for language, _label in settings.LANGUAGES:
        with override(language):
            labels |= {str(_label_of(kind, name)): name for name in names}
    loose = {label.casefold(): name for label, name in labels.items()} | {name.casefold(): name for name in names}
    return loose | {capfirst(label): name for label, name in labels.items()}


def _label_of(kind: Kind, name: str) -> Any:
    try:
        return getattr(kind.field(name), "verbose_name", name)
    except FieldDoesNotExist:
        return form_class(kind).base_fields[name].label or name


def _rule(kind: Kind, name: str, column: str) -> Rule:
    try:
        field: Any = kind.field(name)
    except FieldDoesNotExist:
        return Rule(column=column)
    if field.many_to_one and is_kind(field.related_model):
        target = kind_of(field.related_model)
        by = next((one for one in NAMES if _has(target, one)), "ref")
        return Rule(column=column, lookup=target.name, by=by)
    if getattr(field, "flatchoices", None):
        words: dict[str, Any] = {}
        for language, _label in settings.LANGUAGES:
            with override(language):
                words |= {str(label): code for code, label in field.flatchoices}
        return Rule(column=column, map=words | {str(code): code for code, _label in field.flatchoices})
    return Rule(column=column)


def _has(kind: Kind, name: str) -> bool:
    try:
        kind.field(name)
    except FieldDoesNotExist:
        return False
    return True
