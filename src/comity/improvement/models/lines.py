"""A column for an ordered list of short texts; people write one a line, programs give a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST, MOST = 500, 20


class LinesField(forms.CharField):
    """One text a line."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs.setdefault("rows", 5)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(one) for one in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        given = value if isinstance(value, list) else (value or "")
        given = given.splitlines() if isinstance(given, str) else given
        if not isinstance(given, list) or any(not isinstance(one, str | int | float) for one in given):
            raise ValidationError(_("Give a list of texts."))
        found = [text for one in given if (text := " ".join(str(one).replace("\x00", "").split()))]
        if len(found) > MOST or any(len(one) > LONGEST for one in found):
            raise ValidationError(
                _("At most %(most)s lines of %(longest)s characters."), params={"most": MOST, "longest": LONGEST}
            )
        if self.required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.clean(initial) != self.clean(data)


class Lines(models.JSONField):
    """The list itself, kept as JSON."""

    def __init__(self, *args: Any, **options: Any) -> None:
        words: dict[str, Any] = {"default": list, "blank": True, **options}
        super().__init__(*args, **words)

    def formfield(self, **options: Any) -> Any:
        words = {"label": self.verbose_name, "help_text": self.help_text, "required": not self.blank}
        return LinesField(**words)
