"""The one form of a kind, which validates every door: page, API, import, mail and job give it the same plain values.

A reference to another record is its ref ("CUS-00007"), to a person the e-mail address, to a term its code.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import date, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.accounts.forms import DAY
from comity.accounts.models import Person, Unit
from comity.accounts.rights import own_people
from comity.accounts.whole import rows_of
from comity.clocks.ahead import is_ahead
from comity.clocks.rules import resolve_local
from comity.records.kind import Kind, is_kind, kind_of
from comity.records.models import Record, Term

if TYPE_CHECKING:
    from comity.records.trail import Actor

ANSWERS = frozenset({"", "true", "false", "unknown", "on"})
Find = Callable[[Person | None, str], Any]


class Reference(forms.Field):
    """A field whose plain value names a row elsewhere. `find` maps person and value to the row, or None.

    `cache`, when set by a bulk write, keeps what was found, so that a thousand rows look each name up once.
    """

    default_error_messages = {"unknown": _("“%(value)s” is not known here, or may not be read by you.")}
    widget = forms.TextInput

    def __init__(self, find: Find, plain: Callable[[Any], str], **options: Any) -> None:
        super().__init__(**options)
        self.find, self.plain = find, plain
        self.person: Person | None = None  # who looks; None means a rule
        self.whole: type[models.Model] | None = None  # of what a rule may hand over the row itself
        self.cache: dict[str, Any] | None = None
        self.present: Any = None  # what the record refers to already; it may stay, readable or not

    def clean(self, value: Any) -> Any:
        if isinstance(value, models.Model):
            if self.person is None and self.whole is type(value):
                return value
            value = self.plain(value)
        value = str(value).split(" · ")[0].strip() if value not in self.empty_values else ""
        value = value.replace("\x00", "\ufffd")  # PostgreSQL takes no zero, not even to find nothing by it
        if not value:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if self.present is not None and value == self.plain(self.present):
            found = self.present
        elif self.cache is not None and value in self.cache:
            found = self.cache[value]
        else:
            found = self.find(self.person, value)
            if self.cache is not None:
                self.cache[value] = found
        if found is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown", params={"value": value[:100]})
        return found


class References(Reference):
    """Several of them: a list, or one text with commas or line ends between."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        """What a page shows can be sent back as it is."""
        return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            value = [part for part in value.replace("\n", ",").split(",") if part.strip()]
        required, self.required = self.required, False
        try:
            found = [row for row in (super(References, self).clean(one) for one in value or ()) if row is not None]
        finally:
            self.required = required
        if required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        return found


def _reference(field: models.Field[Any, Any], required: bool) -> Reference | None:
    """The form field for a relation, or None where the model's own form field serves."""
    target: Any = field.related_model
    several = field.many_to_many
    make = References if several else Reference
    options: Any = {"label": field.verbose_name, "help_text": field.help_text, "required": required}
    if is_kind(target):
        kind = kind_of(target)
        made = make(partial(_find_record, kind), lambda row: row.ref, **options)
        made.whole = target
        made.widget.attrs.update({"data-lookup": f"/lookup/{kind.name}/", "autocomplete": "off"})
        return made
    if target is Person:
        made = make(_find_own, lambda row: row.email, **options)
        made.widget.attrs.update({"data-lookup": "/lookup/person/", "autocomplete": "off"})
        return made
    if target is Unit:
        made = make(lambda _who, name: Unit.objects.filter(name=name).first(), lambda row: row.name, **options)
        made.widget.attrs.update({"data-lookup": "/lookup/unit/", "autocomplete": "off"})
        return made
    if target is Term:
        limit: Any = field.get_limit_choices_to()  # type: ignore[attr-defined]
        terms = Term.objects.filter(**limit, active=True)
        made = make(
            lambda _who, text: terms.filter(
                models.Q(code=text) | models.Q(label=text) | models.Q(label_zh=text)
            ).first(),
            lambda row: row.code,
            **options,
        )
        if not several:
            # A function, so that they are read when a page is drawn and not before.
            choices: Any = lambda: [("", "—"), *((row.code, str(row)) for row in terms.all())]  # noqa: E731
            made.widget = forms.Select(choices=choices)  # type: ignore[assignment]
        return made
    return None


def _find_own(_who: Person | None, email: str) -> Person | None:
    """Work is given to our own people; a form whose field may name somebody else sets its `find` to `find_anybody`."""
    return own_people().filter(email__iexact=email).first()


def find_anybody(_who: Person | None, email: str) -> Person | None:
    return Person.objects.filter(is_active=True, email__iexact=email).first()


def _find_record(kind: Kind, person: Person | None, ref: str) -> Any:
    from comity.records.access import readable

    if person is not None:
        return readable(kind, person).filter(ref=ref).sole()
    return rows_of(kind.model, [ref], "ref").get(ref)


def sensible(day: date) -> bool:
    """Is this a day that a record can be about? Beyond these years, zones and sums of days overflow."""
    return 1900 <= day.year < 3000


def happened(value: Any, last: datetime | None) -> datetime:
    """When a step happened: now, or an earlier time that is not before the record's receipt or `last` step.

    People enter minutes: the minute of the last step is the moment after it. Raises ValidationError.
    """
    now = timezone.now()
    if not value:
        return now
    moment = value if isinstance(value, datetime) else parse_datetime(str(value))
    if moment is None or not sensible(moment):
        raise ValidationError({"happened_at": gettext("Enter a date and time such as 2026-03-31T14:30.")})
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    if is_ahead(moment):
        raise ValidationError({"happened_at": gettext("This lies in the future.")})
    if last and moment == last.replace(second=0, microsecond=0):
        return last
    if last and moment < last:
        raise ValidationError({"happened_at": gettext("This is earlier than the record's receipt or previous step.")})
    return moment


def _sensible(day: date) -> None:
    if not sensible(day):
        raise ValidationError(_("Enter a year between 1900 and 2999."), code="year")


def _whole(value: Any) -> Any:
    """The value, unless it holds half a sign, written as an escape: that is no text (ValueError)."""
    json.dumps(value, ensure_ascii=False).encode()
    return value


UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"})  # categories of signs that show nothing by themselves
FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and patterns that look like a space


def blank(text: str) -> bool:
    """Is there nothing in it that anybody could read?"""
    return all(unicodedata.category(sign) in UNSEEN or sign in FILLERS for sign in text)


class Words(forms.CharField):
    """A field for words: signs that nobody sees are none."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return self.empty_value if isinstance(found, str) and blank(found) else found


class Moment(forms.DateTimeField):
    """A field for a date and time that takes the hours in which clocks change, as deadlines do."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone" or error.params is None:
                raise
            return resolve_local(error.params["datetime"], timezone.get_current_timezone())


class Json(forms.JSONField):
    """A field for JSON that refuses what Python cannot read, such as endless nesting, instead of failing."""

    def to_python(self, value: Any) -> Any:
        try:
            return _whole(super().to_python(value))
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": "…"}) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return _whole(super().bound_data(data, initial))
        except (ValueError, RecursionError):
            return forms.fields.InvalidJSONInput(data)


class RecordForm(forms.ModelForm[Any]):
    """Base of the forms of all kinds. `person` narrows the records it may refer to; None means a rule acts."""

    person: Person | None

    def __init__(self, *args: Any, person: Person | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person
        for name in self.instance.hidden:
            self.fields.pop(name, None)
        for name, field in self.fields.items():
            if isinstance(field, Reference):
                field.person = person
                if self.instance.pk and not isinstance(field, References):
                    field.present = getattr(self.instance, name)

    def _clean_fields(self) -> None:
        """Refuse a word that is no answer to a yes-or-no question; Django would take it for yes, or for silence."""
        super()._clean_fields()  # type: ignore[misc]
        for name, field in self.fields.items():
            word = self.data.get(name) if isinstance(field, forms.BooleanField) else None
            if isinstance(word, str) and word.lower() not in ANSWERS:
                self.add_error(name, _("Enter true or false."))

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if isinstance(field, Reference) and self.instance.pk and not isinstance(self.initial.get(field_name), str):
            return plain_value(self.instance, field_name)
        return super().get_initial_for_field(field, field_name)


def _column(model: Any, name: str) -> Any:
    return next((f for f in (*model._meta.fields, *model._meta.many_to_many) if f.name == name), None)


@lru_cache(maxsize=500)
def form_class(kind: Kind, names: tuple[str, ...] | None = None) -> type[RecordForm]:
    """The form of a kind, over all its fields or over the named ones."""
    base = kind.form or RecordForm
    own: Any = {models.CharField: Words, models.TextField: Words, models.DateTimeField: Moment, models.JSONField: Json}
    classes = {field.name: own[type(field)] for field in kind.model._meta.fields if type(field) in own}
    made: Any = forms.modelform_factory(kind.model, form=base, fields=names or kind.fields, field_classes=classes)
    for name, field in made.base_fields.items():
        if (column := _column(kind.model, name)) is not None:  # else a field that the form adds itself
            made.base_fields[name] = _refined(deepcopy(field), column)
    return made  # type: ignore[no-any-return]


def _refined(field: forms.Field, column: models.Field[Any, Any]) -> forms.Field:
    """The field as our doors need it: references by plain names, sensible days, the browser's own pickers."""
    if column.is_relation:
        return _reference(column, field.required) or field
    if isinstance(field, forms.DateTimeField):
        field.widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        field.validators.append(_sensible)
    elif isinstance(field, forms.DateField):
        field.widget = deepcopy(DAY)
        field.validators.append(_sensible)
    return field


def bound(
    kind: Kind, names: tuple[str, ...], values: Mapping[str, Any], actor: Actor, record: Any = None
) -> RecordForm:
    """The validated form over these names. Raises ValidationError."""
    form = form_class(kind, names)(values, instance=record, person=None if actor.rule else actor.person)
    if form.errors:
        raise ValidationError(form.errors.as_data())
    return form


def messages_of(error: ValidationError) -> dict[str, list[str]]:
    """What is wrong by field; under "__all__" what concerns several."""
    return error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}


def known(data: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise ValidationError for what is none of these."""
    unknown = set(data) - set(names)
    if unknown:
        raise ValidationError({name: gettext("There is no such field here.") for name in sorted(unknown)})


def completed(kind: Kind, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a new record, completed by the model's defaults, as a bulk write does."""
    absent: Any = [field for name in kind.fields if name not in data and not (field := kind.field(name)).is_relation]
    return {**data, **{field.name: plain(field.get_default()) for field in absent if field.has_default()}}


def plain_value(record: Any, name: str) -> Any:
    """One value as the doors speak it: ref, e-mail, code, ISO time, list, number or text."""
    field = record._meta.get_field(name)
    if field.many_to_many:
        return sorted(name_of(row) for row in getattr(record, name).all()) if record.pk else []
    if field.is_relation:
        row = getattr(record, name) if getattr(record, field.attname) is not None else None
        return None if row is None else name_of(row)
    return plain(getattr(record, name))


def name_of(row: Any) -> str:
    """What a row is called at the doors: ref, e-mail, code, else its words."""
    if isinstance(row, Record):
        return row.ref
    if isinstance(row, Person):
        return row.email
    if isinstance(row, Term):
        return row.code
    return str(row)


def plain(value: Any) -> Any:
    """A column value as JSON holds it; times in UTC with microseconds only where there are any."""
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    if hasattr(value, "isoformat"):
        text = str(value.isoformat())
        return text.replace("+00:00", "Z")
    return str(value)


def plain_values(record: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: plain_value(record, name) for name in names}
