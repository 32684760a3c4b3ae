"""The plain form of records: how they are shown, in few queries, and how the document describes their fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from comity.records.forms import form_class, plain
from comity.records.kind import Kind
from comity.records.reading import name_column, names_of, names_of_several

ALWAYS = ("ref", "version", "entered_at", "changed_at")
ENDS = ("unit", "owner")
FORMATS = {"DateField": "date", "DateTimeField": "date-time"}
BOUNDS = {"PositiveSmallIntegerField": (0, 2**15 - 1), "PositiveIntegerField": (0, 2**31 - 1),
          "SmallIntegerField": (-(2**15), 2**15 - 1), "IntegerField": (-(2**31), 2**31 - 1)}  # fmt: skip
UNIT = {"type": ["string", "null"], "description": "Name of the unit; the person's first one when left out."}
TYPES = {"string": str, "integer": int, "number": int | float, "boolean": bool, "array": list, "null": type(None)}


@lru_cache(maxsize=500)
def columns(kind: Kind) -> dict[str, Any]:
    """What people enter and, of the register's columns, what the kind works out and stores itself."""
    stored = {field.name: field for field in (*kind.model._meta.fields, *kind.model._meta.many_to_many)}
    shown_ = (column if isinstance(column, str) else column.value for column in kind.columns)
    return {name: stored[name] for name in (*kind.fields, *shown_) if name in stored and name != "ref"}


def stored(kind: Kind) -> list[str]:
    """Those of them that lie in the record's own row, and what is said of every record."""
    return [*ALWAYS, *ENDS, "archived_at", *(n for n, field in columns(kind).items() if not field.many_to_many)]


def shown(kind: Kind, records: Sequence[Any]) -> list[dict[str, Any]]:
    """The records as the interface speaks of them. One query for each model they refer to, however many there are."""
    fields = columns(kind)
    ones: dict[str, Any] = {name: kind.field(name) for name in ENDS}
    ones |= {name: field for name, field in fields.items() if field.is_relation and not field.many_to_many}
    wanted: dict[Any, set[Any]] = defaultdict(set)
    names: dict[Any, dict[Any, Any]] = defaultdict(dict)
    for field in ones.values():
        for record in records:
            if field.is_cached(record) and (row := getattr(record, field.name)) is not None:  # just created
                names[field.related_model][row.pk] = getattr(row, name_column(field.related_model))
            else:
                wanted[field.related_model].add(getattr(record, field.attname))
    for model, found in wanted.items():
        if ids := found - {None, *names[model]}:
            names[model] |= names_of(model, ids)
    several = {name: names_of_several(field, records) for name, field in fields.items() if field.many_to_many}

    simple = [name for name, field in fields.items() if not field.is_relation]
    named = [(name, field.attname, names[field.related_model]) for name, field in ones.items()]
    state = kind.workflow.field if kind.workflow else ""
    blank: dict[str, Any] = {name: [] if f.many_to_many else None if f.null else "" for name, f in fields.items()}
    return [
        {name: plain(getattr(record, name)) for name in ALWAYS}
        | {"status": getattr(record, state) if state else None, "archived": record.archived_at is not None}
        | {"url": f"{kind.url}{record.ref}/"}
        | {name: plain(getattr(record, name)) for name in simple}
        | {name: table.get(getattr(record, column)) for name, column, table in named}
        | {name: table.get(record.pk, []) for name, table in several.items()}
        | {name: blank[name] for name in record.hidden if name in blank}
        for record in records
    ]


def described(field: Any, reading: bool) -> dict[str, Any]:
    """The JSON schema of one field, as it is answered or as it is given."""
    inner, found = field.get_internal_type(), dict[str, Any](title=capfirst(str(field.verbose_name)))
    if inner == "JSONField":
        return found
    if field.many_to_many:
        return found | {"type": "array", "items": {"type": "string"}}
    words = {"BooleanField": "boolean", "FloatField": "number"}
    main = (
        "string" if field.is_relation else "integer" if inner.endswith("IntegerField") else words.get(inner, "string")
    )
    types = [main, *(["number"] if inner == "DecimalField" and not reading else [])]
    types += ["null"] if field.null or (field.blank and not reading) else []
    found |= {"type": types if len(types) > 1 else main}
    if field.help_text:
        found["description"] = str(field.help_text)
    if field.choices:
        empty = ([""] if field.blank and main == "string" else []) + ([None] if "null" in types else [])
        found["enum"] = [*dict.fromkeys([*(value for value, _label in field.flatchoices), *empty])]
    elif main == "string" and field.max_length and not reading:
        found["maxLength"] = field.max_length
    if inner in BOUNDS and not reading:
        found["minimum"], found["maximum"] = BOUNDS[inner]
    return found | ({"format": FORMATS[inner]} if inner in FORMATS else {})


@lru_cache(maxsize=500)
def entered(kind: Kind) -> dict[str, dict[str, Any]]:
    """The schemas of what people enter; `mistyped` holds a body to the types and bounds in them."""
    return {name: described(kind.field(name), reading=False) for name in kind.fields}


def required(kind: Kind) -> list[str]:
    """What must be given for a new record: what the form asks for and the model has no default for."""
    fields: Any = form_class(kind).base_fields
    return [
        n
        for n in kind.fields
        if n in fields and fields[n].required and not getattr(kind.field(n), "has_default", bool)()
    ]


def mistyped(kind: Kind, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Messages for fields whose JSON type or size is not the declared one. The form judges everything else."""
    given = ((name, data[name], schema) for name, schema in ({"unit": UNIT} | entered(kind)).items() if name in data)
    return {name: [_("This value is not valid here.")] for name, value, schema in given if not _fits(value, schema)}


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    declared = schema.get("type", [])
    types = declared if isinstance(declared, list) else [declared]
    if isinstance(value, bool):
        return not types or "boolean" in types
    if isinstance(value, int) and "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]:
        return False
    return not types or any(isinstance(value, TYPES[name]) for name in types)
